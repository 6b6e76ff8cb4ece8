"""A stretch's conversation: found or made, and changed so that the stretch has room in it."""

from dataclasses import dataclass
from datetime import datetime

from common.conversations.lifecycle import OWNER
from common.conversations.offline.closest import find_closest
from common.conversations.offline.moving import begin_earlier
from common.core.errors import RetryableError
from common.core.ids import derived_id
from common.database import audio_blocks, audio_traces, conversations, users
from common.models.conversation import Capture, Conversation, ConversationStatus, Relevance
from common.models.offline import OfflineFile


@dataclass(frozen=True)
class Joined:
    """The conversation with room for a stretch; None where its owner has deleted what was made for this stretch."""

    conversation: Conversation | None
    conversation_id: str
    created: bool = False


def find(file: OfflineFile, *, begin: datetime, end: datetime, uid: str) -> Conversation | None:
    """The conversation that a stretch from `begin` to `end` belongs to, if there is one.

    Raises:
        RetryableError: it is being merged.
    """
    return _named(file, uid=uid) or find_closest(begin, end, uid=uid)


def join(file: OfflineFile, found: Conversation | None, *, begin: datetime, end: datetime, uid: str) -> Joined:
    """Let the conversation that was found reach from `begin` to `end`, or make one.

    Raises:
        RetryableError: the conversation is being merged, or went away just now.
    """
    if found is not None and is_busy(found, begin):
        found = None  # somebody is connected to it and counts from its beginning: that stays
    if found is None:
        made = _make(file, begin=begin, end=end, uid=uid)
        conversation_id = _id_for(file, begin=begin, end=end, uid=uid)
        return Joined(made, conversation_id, created=made is not None)
    earlier = begin < found.began
    stored = (audio_blocks.list_blocks, audio_traces.find) if earlier else ()
    sessions = {block.session_id for blocks in stored for block in blocks(uid=uid, conversation_id=found.id)}
    explicit = file.target == found.id

    def reach(current: Conversation) -> Conversation | None:
        if current.status is ConversationStatus.MERGING or is_busy(current, begin):
            return None
        if begin < current.began and not earlier:
            return None
        changed = begin_earlier(current, begin, sessions=sessions)
        update: dict[str, object] = {"finished_at": max(changed.finished_at or end, end)}
        if changed.discarded:  # with more said, it is judged anew
            keep = Relevance(verdict="keep", decided_by=OWNER, reason="more was added by its owner")
            update |= {"discarded": False, "relevance": keep if explicit else None}
        return changed.model_copy(update=update)

    joined = conversations.change(uid=uid, conversation_id=found.id, decide=reach)
    if joined is None or joined.status is ConversationStatus.MERGING or joined.began > begin:
        raise RetryableError("The conversation has changed just now")
    return Joined(joined, joined.id)


def _named(file: OfflineFile, *, uid: str) -> Conversation | None:
    """The conversation that the client named, unless it was deleted since."""
    return None if file.target is None else conversations.find(uid=uid, conversation_id=file.target)


def _make(file: OfflineFile, *, begin: datetime, end: datetime, uid: str) -> Conversation | None:
    conversation = Conversation(
        id=_id_for(file, begin=begin, end=end, uid=uid),
        created_at=begin,
        started_at=begin,
        finished_at=end,
        source=file.source,
        language=users.language(uid=uid),
        private_cloud_sync_enabled=users.find(uid=uid).private_cloud_sync_enabled,
        status=ConversationStatus.IN_PROGRESS,
        capture=Capture(kind="upload"),
    )
    return conversations.create_if_absent(conversation, uid=uid)


def _id_for(file: OfflineFile, *, begin: datetime, end: datetime, uid: str) -> str:
    """The same seconds of the same device are the same conversation, in whichever file they come."""
    return derived_id("offline", uid, file.device, round(begin.timestamp()), round(end.timestamp()))


def is_busy(conversation: Conversation, begin: datetime) -> bool:
    """Whether somebody captures it and counts from its beginning, which lies after `begin`."""
    connected = conversation.status is ConversationStatus.IN_PROGRESS and conversation.capture.kind == "live"
    return connected and conversation.began > begin
