"""Somebody was deleted: what they said stays, and nothing in a user's conversations says any more that it was they.

    deleted ──▶ a round over all conversations ──in a quarter of an hour──▶ another ──nothing was found──▶ finished

Each step is a task that goes on where the last one ended. Who was at work when the person was deleted (a session, a
merge, a run) may name them for some minutes more; so it ends with a round that began after that and found nothing. The
index follows the documents. Where no step has followed for long, the sweep has somebody go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import ProviderRefusedError
from common.core.logs import get_logger
from common.database import conversations, deleted_people, refusals, segment_batches, tasks, transcript_cache
from common.database.clients import firestore_client
from common.database.deleted_people import LOOK_AGAIN, SUGGESTIONS
from common.database.snapshots import fields_of
from common.database.transcripts import MOST_SPEAKERS, SPEAKERS
from common.models.events import ForgetPerson
from common.models.person import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from google.cloud.firestore import DocumentSnapshot

    from common.models.conversation import Conversation
    from common.models.deleted_person import DeletedPerson
    from common.models.segment import TranscriptSegment

MOST_ROUNDS = 8
"""A client that recognises by itself may name them for as long as it talks; that is left out when it ends."""
KEPT_S = 90 * 24 * 3600.0
_PATIENCE_S = 60.0
"""Real seconds of one step; its function is given more."""
_NOBODY = {"person_id": None, "speaker_label_source": None}
_BATCHES = "segments"


def forget_person(task: ForgetPerson) -> None:
    """Take the next of it out, and have somebody go on after that.

    Raises:
        ProviderError: not now.
    """
    deadline = clock.Deadline.real(_PATIENCE_S)
    state = deleted_people.of(uid=task.uid).find(task.person_id)
    if state is None or state.deleted_at != task.deleted_at or state.finished_at is not None:
        return
    while _begins_at(state) <= clock.now():
        state = _noted(_step(state, uid=task.uid), uid=task.uid)
        if state.finished_at is not None:
            get_logger().info("person_forgotten", changed=state.changed, rounds=state.rounds)
            return
        if deadline.passed:
            break
    _enqueue(state, uid=task.uid, at=_begins_at(state) if state.after is None else None)


def resume_forgetting(*, limit: int) -> int:
    """Have somebody go on where nobody does; for how many people."""
    now = clock.now()
    return sum(_resumed(uid, state, now=now) for uid, state in deleted_people.list_due(now, limit=limit))


def _resumed(uid: str, state: DeletedPerson, *, now: datetime) -> bool:
    """One of them; what is wrong with it must not hold up the others."""
    try:
        # The task first: if this ends in between, the next round asks for the same task, which is there already.
        _enqueue(state, uid=uid, again=state.look_at)
        _noted(state.model_copy(update={"look_at": now + LOOK_AGAIN}), uid=uid)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next sweep tries it again
        get_logger().error("forgetting_not_resumed", error=type(error).__name__)
        return False
    return True


def _noted(state: DeletedPerson, *, uid: str) -> DeletedPerson:
    """The state, stored, unless somebody else is further."""

    def is_news(now: DeletedPerson) -> bool:
        return now.deleted_at == state.deleted_at and now.steps <= state.steps and now.finished_at is None

    deleted_people.of(uid=uid).change(state.id, lambda now: state if is_news(now) else None)
    return state


def _enqueue(state: DeletedPerson, *, uid: str, at: datetime | None = None, again: datetime | None = None) -> None:
    """Have the next step done."""
    task = ForgetPerson(uid=uid, person_id=state.id, deleted_at=state.deleted_at)
    tasks.enqueue_forgetting(task, step=state.steps, at=at, again=again)


def _begins_at(state: DeletedPerson) -> datetime:
    """When this round begins, or has begun: they are as far from each other as those at work may be behind."""
    return state.deleted_at + state.rounds * LOOK_AGAIN


def _step(state: DeletedPerson, *, uid: str) -> DeletedPerson:
    """A page further."""
    page = deleted_people.read_page(uid=uid, after=state.after)
    changed = sum(_forget_in(snapshot, state, uid=uid) for snapshot in page)
    done = state.model_copy(
        update={
            "steps": state.steps + 1,
            "changed": state.changed + changed,
            "changed_in_round": state.changed_in_round + changed,
            "look_at": clock.now() + LOOK_AGAIN,
        }
    )
    if len(page) == deleted_people.PAGE:
        return done.model_copy(update={"after": page[-1].reference.path})
    rounds = state.rounds + 1
    over: dict[str, Any] = {"after": None, "rounds": rounds, "changed_in_round": 0}
    if rounds == MOST_ROUNDS or (rounds > 1 and not done.changed_in_round):
        now = clock.now()
        over |= {"name": None, "look_at": None, "finished_at": now, "expire_at": now + clock.duration(KEPT_S)}
    else:
        over["look_at"] = _begins_at(done.model_copy(update=over)) + LOOK_AGAIN
    return done.model_copy(update=over)


def _forget_in(snapshot: DocumentSnapshot[Any], person: DeletedPerson, *, uid: str) -> bool:
    """Whether a document named the person, who is nobody in it now."""
    _, _, _, conversation_id, *below = snapshot.reference.path.split("/")
    try:
        fields = fields_of(snapshot)
    except ProviderRefusedError:
        get_logger().error("document_sealed", collection=snapshot.reference.parent.id)
        return False
    if not below:
        return _forget_in_conversation(conversation_id, fields, person, uid=uid)
    if below[0] == _BATCHES:
        return _forget_in_batch(below[1], fields, person, uid=uid, conversation_id=conversation_id)
    return fields.get("person_id") == person.id and _forget_beside(snapshot, fields)


def _forget_in_conversation(
    conversation_id: str, fields: Mapping[str, Any], person: DeletedPerson, *, uid: str
) -> bool:
    speaking = fields.get(SPEAKERS)
    # Where they are not all told, its words are read.
    may = speaking is None or person.id in speaking or len(speaking) >= MOST_SPEAKERS
    if not may and not _suggested(fields, person):
        return False
    changed = False

    def without(conversation: Conversation) -> Conversation | None:
        nonlocal changed
        update = _without(conversation, person)
        changed = bool(update)
        return conversation.model_copy(update=update) if update else None

    conversations.change(uid=uid, conversation_id=conversation_id, decide=without)
    if changed:
        transcript_cache.forget(fields.get("transcript_revision"), uid=uid, conversation_id=conversation_id)
    return changed


def _suggested(fields: Mapping[str, Any], person: DeletedPerson) -> bool:
    return any(_is_called(each.get("person_name", ""), person) for each in fields.get(SUGGESTIONS) or ())


def _without(conversation: Conversation, person: DeletedPerson) -> dict[str, Any]:
    """What is to be changed of a conversation. Pure."""
    update: dict[str, Any] = {}
    named = any(each.person_id == person.id for each in conversation.transcript_segments)
    if named or person.id in (conversation.speaker_ids or ()):
        update["transcript_segments"] = [_of_nobody(each, person.id) for each in conversation.transcript_segments]
    # What is suggested names nobody by an id; who is called so and was met since is somebody else.
    if person.name is not None and conversation.created_at <= person.deleted_at:
        suggestions = conversation.speaker_label_suggestions
        left = [each for each in suggestions if not _is_called(each.person_name, person)]
        update |= {SUGGESTIONS: left} if len(left) < len(suggestions) else {}
    return update


def _is_called(name: str, person: DeletedPerson) -> bool:
    return person.name is not None and name_key(name) == name_key(person.name)


def _of_nobody(segment: TranscriptSegment, person_id: str) -> TranscriptSegment:
    return segment.model_copy(update=_NOBODY) if segment.person_id == person_id else segment


def _forget_in_batch(
    batch_id: str, fields: Mapping[str, Any], person: DeletedPerson, *, uid: str, conversation_id: str
) -> bool:
    if all(each.get("person_id") != person.id for each in fields.get("segments") or ()):
        return False
    segment_batches.change_segments(
        batch_id, uid=uid, conversation_id=conversation_id, change=lambda each: _of_nobody(each, person.id)
    )
    return True


def _forget_beside(snapshot: DocumentSnapshot[Any], fields: Mapping[str, Any]) -> bool:
    """A voice that is remembered, or what another recogniser has understood; who changes it meanwhile is right."""
    update = {name: None for name in ("person_id", "source", "speaker_label_source") if name in fields}
    option = firestore_client().write_option(last_update_time=snapshot.update_time)
    try:
        snapshot.reference.update(update, option=option)
    except (refusals.FailedPrecondition, refusals.NotFound):
        return True  # the next round looks at it again
    return True
