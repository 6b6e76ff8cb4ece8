"""Several conversations become one: asked for at once, done by a task, and undone wherever that fails.

completed ──▶ merging ──▶ replaced by one new conversation, in one transaction
    ▲            │
    └────────────┘ failed, overtaken, or stuck
"""

from collections.abc import Sequence
from functools import partial

from common.conversations import combine, coverage, recording, transcript
from common.conversations.edit import refuse_locked
from common.conversations.inheriting import inherit, is_learned_from
from common.conversations.lifecycle import begin_merging, end_merging
from common.conversations.playlist import audio_files
from common.core.errors import BadRequestError, RetryableError
from common.core.ids import new_id
from common.core.logs import get_logger
from common.database import (
    audio_blocks,
    audio_traces,
    conversations,
    merges,
    photo_files,
    photos,
    tasks,
    tombstones,
    transcripts,
)
from common.models.conversation import Conversation, Merging
from common.models.events import MergeConversations
from common.notifications.notify import notify

STEP = "merge_conversations"
FEWEST = 2
MOST_SEGMENTS = 27_000
"""Of all that become one, about: thirty hours of talk. It is read whole by whoever works on it, and written at once."""


def start_merge(conversation_ids: Sequence[str], *, uid: str, reprocess: bool) -> str:
    """Have conversations merged; returns the id of the one that they become.

    Raises:
        BadRequestError: fewer than two, one of them twice, or more talk than one conversation takes.
        NotFoundError: one of them does not exist.
        LockedError: one of them was made without credit.
        ConflictError: one of them is not completed.
    """
    if len(conversation_ids) < FEWEST:
        raise BadRequestError("At least two conversations are needed")
    if len(set(conversation_ids)) < len(conversation_ids):
        raise BadRequestError("A conversation is named twice")
    merging = Merging(into=new_id(), conversation_ids=list(conversation_ids), reprocess=reprocess)
    lengths: dict[str, int] = {}

    def begin(conversation: Conversation) -> Conversation:
        refuse_locked(conversation)
        lengths[conversation.id] = transcripts.most_segments(conversation)
        if sum(lengths.values()) > MOST_SEGMENTS:
            raise BadRequestError("These conversations are too long to be merged: thirty hours of talk are the most")
        return conversation if conversation.merging == merging else begin_merging(conversation, merging)

    merges.change_all(conversation_ids, uid=uid, decide=begin)
    task = MergeConversations(
        uid=uid,
        conversation_id=merging.into,
        run=0,
        source_ids=tuple(conversation_ids),
        reprocess=reprocess,
    )
    try:
        tasks.enqueue_merge(task)
    except BaseException:
        put_back(merging, uid=uid)
        raise
    return merging.into


def merge_conversations(task: MergeConversations) -> str:
    """Do it, unless it was done or undone; says in a word what came of it.

    Raises:
        RetryableError: a store failed, or one of the conversations was changed meanwhile.
    """
    found = conversations.find_many(uid=task.uid, conversation_ids=task.source_ids)
    merging = Merging(into=task.conversation_id, conversation_ids=list(task.source_ids), reprocess=task.reprocess)
    if len(found) < len(task.source_ids) or any(source.merging != merging for source in found):
        if not _exists(task):
            put_back(merging, uid=task.uid)
            return "superseded"
    else:
        _replace(found, task)
    inherit(task.source_ids, uid=task.uid, by=task.conversation_id)
    notify(
        uid=task.uid,
        kind="merge_completed",
        title="Conversations merged",
        body=f"{len(task.source_ids)} conversations are one now",
        once=(task.conversation_id,),
        data={
            "merged_conversation_id": task.conversation_id,
            "removed_conversation_ids": ",".join(task.source_ids),
        },
    )
    return "merged"


def give_up_merge(task: MergeConversations, reason: str) -> None:
    """Leave the conversations as they were."""
    get_logger().warning("merge_given_up", conversation_id=task.conversation_id, reason=reason)
    put_back(
        Merging(into=task.conversation_id, conversation_ids=list(task.source_ids), reprocess=task.reprocess),
        uid=task.uid,
    )


def put_back(merging: Merging, *, uid: str) -> int:
    """Those of a merge that still wait for it are completed as before; how many did."""
    changed = merges.change_all(
        merging.conversation_ids,
        uid=uid,
        decide=lambda current: end_merging(current, into=merging.into),
        missing_ok=True,
    )
    if conversations.find(uid=uid, conversation_id=merging.into) is None:  # what was copied for it is nobody's
        conversations.delete_children(uid=uid, conversation_id=merging.into)
        audio_blocks.delete_all(uid=uid, conversation_id=merging.into)
        photo_files.delete_all(uid=uid, conversation_id=merging.into)
    return len(changed)


def _exists(task: MergeConversations) -> bool:
    """Whether it was done: the merged conversation is there, or was there until its owner deleted it."""
    if conversations.find(uid=task.uid, conversation_id=task.conversation_id) is not None:
        return True
    return tombstones.of(uid=task.uid).find(task.conversation_id) is not None


def _replace(found: Sequence[Conversation], task: MergeConversations) -> None:
    sources = conversations.with_transcripts(found, uid=task.uid)
    if len(sources) < len(found):
        raise RetryableError("A conversation was deleted while it was being merged")
    parts = combine.in_order(_part(source, uid=task.uid) for source in sources)
    # What one of them has not taught yet, because that follows by itself and later, it could not teach any more.
    anew = task.reprocess or not all(is_learned_from(source, uid=task.uid) for source in sources)
    merged = combine.combine(parts, conversation_id=task.conversation_id, reprocess=anew)
    pictures = []
    for part in parts:
        source = part.conversation
        beside = photos.list_photos(uid=task.uid, conversation_id=source.id)
        pictures += [*source.photos, *photo_files.copied(beside, uid=task.uid, to=task.conversation_id)]
        for copy in (audio_blocks.copy_all, audio_traces.copy):
            copy(
                uid=task.uid,
                conversation_id=source.id,
                to=task.conversation_id,
                later_s=partial(_later, source, combine.offset(part, parts)),
                session=partial(combine.session_in_merged, source.id),
            )
    blocks = audio_blocks.list_blocks(uid=task.uid, conversation_id=merged.id)
    merged = merged.model_copy(update={"audio_files": audio_files(blocks, merged, uid=task.uid)})
    photos.put_all(pictures, uid=task.uid, conversation_id=task.conversation_id)
    if not merges.replace(sources, by=merged, uid=task.uid):
        raise RetryableError("A conversation was changed while it was being merged")


def _later(source: Conversation, offset: float, session_id: str) -> float:
    """How much later a session's audio lies in the merged conversation than its own times say."""
    return offset + source.capture.moved.get(session_id, 0.0)


def _part(source: Conversation, *, uid: str) -> combine.Part:
    known = recording.load(source, uid=uid)
    segments, covered = transcript.assemble(source.transcript_segments, source.covered, known.said)
    covered = coverage.merge(covered, recording.covered_by_sessions(source))
    return combine.Part(conversation=source, segments=segments, covered=covered)
