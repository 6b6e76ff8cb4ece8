"""Collection `users/{uid}/conversations`: read, list, create, change in a transaction, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core import clock, tracing
from common.core.errors import ConflictError, NotFoundError
from common.core.ids import is_document_id
from common.core.logs import get_logger
from common.database import refusals, tombstones, transcript_cache, transcripts, whole_conversations
from common.database.clients import firestore_client
from common.database.conversation_queries import (
    COLLECTION,
    newest_first,
    newest_live,
    titled,
)
from common.database.firestore import transactional
from common.database.pages import read_page
from common.database.sealing import former_labels, protected
from common.database.whole_conversations import Room
from common.models.conversation import Conversation, ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from google.cloud.firestore import CollectionReference, DocumentReference, Transaction, WriteBatch

    from common.database.conversation_queries import Wanted

LIST_LIMIT = 500
PAGE_SEGMENTS = 10_000
"""Of all transcripts of a page together: eleven hours of talk."""
_MOST_NAMESAKES = 50


def collection(*, uid: str) -> CollectionReference:
    """A user's conversations."""
    return firestore_client().collection("users", uid, COLLECTION)


def reference(*, uid: str, conversation_id: str) -> DocumentReference:
    """One conversation's document.

    Raises:
        NotFoundError: no document can have this id.
    """
    if not is_document_id(conversation_id):
        raise NotFoundError("Conversation not found")
    return collection(uid=uid).document(conversation_id)


def find(*, uid: str, conversation_id: str) -> Conversation | None:
    """The conversation with its whole transcript, or None."""
    return whole_conversations.read(reference(uid=uid, conversation_id=conversation_id), uid=uid)


def get(*, uid: str, conversation_id: str) -> Conversation:
    """The conversation with its whole transcript.

    Raises:
        NotFoundError: it does not exist, or belongs to somebody else.
    """
    conversation = find(uid=uid, conversation_id=conversation_id)
    if conversation is None:
        raise NotFoundError("Conversation not found")
    return conversation


def exists(*, uid: str, conversation_id: str) -> bool:
    """Whether there is such a conversation, without reading it."""
    return reference(uid=uid, conversation_id=conversation_id).get(field_paths=["status"]).exists


def find_many(*, uid: str, conversation_ids: Sequence[str], room: Room | None = None) -> list[Conversation]:
    """Those of `conversation_ids` that exist, in that order.

    Long transcripts stay in their chunks, and any that find no `room` where they are.
    """
    references = [reference(uid=uid, conversation_id=conversation_id) for conversation_id in conversation_ids]
    existing = (snapshot for snapshot in firestore_client().get_all(references) if snapshot.exists)
    found = {conversation.id: conversation for _, conversation in whole_conversations.with_owner(existing, room=room)}
    return [found[conversation_id] for conversation_id in conversation_ids if conversation_id in found]


def with_transcripts(found: Sequence[Conversation], *, uid: str, room: Room | None = None) -> list[Conversation]:
    """The same conversations, those with long transcripts from a list as whole as the others; deleted ones left out.

    Those that find no `room` stay as they are.
    """
    return whole_conversations.complete(found, within=collection(uid=uid), uid=uid, room=room)


def list_newest(
    *, uid: str, limit: int, offset: int = 0, room: Room | None = None, **wanted: Unpack[Wanted]
) -> list[Conversation]:
    """Newest created first; long transcripts stay in their chunks, and any that find no `room` where they are."""
    page = read_page(
        newest_first(collection(uid=uid), wanted),
        within=collection(uid=uid),
        limit=min(limit, LIST_LIMIT),
        offset=offset,
        of=f"{uid} {sorted(wanted.items())}",
    )
    return [conversation for _, conversation in whole_conversations.with_owner(page, room=room)]


def list_titled(title: str, *, uid: str) -> list[Conversation]:
    """Those with exactly this title, in no order; a few at most."""
    labels = former_labels([title], uid=uid)
    named = [*titled(collection(uid=uid), title, limit=_MOST_NAMESAKES).stream()]
    if labels:
        named += titled(collection(uid=uid), *labels, sealed=True, limit=_MOST_NAMESAKES).stream()
    return [each for _, each in whole_conversations.with_owner(named)]


def count(*, uid: str, **wanted: Unpack[Wanted]) -> int:
    """How many there are, without reading them."""
    aggregation: Any = newest_first(collection(uid=uid), wanted).count()
    [[result]] = aggregation.get()
    return int(result.value)


def find_newest_live(*, uid: str, status: ConversationStatus) -> Conversation | None:
    """The newest conversation captured from a stream that is in `status`."""
    for snapshot in newest_live(collection(uid=uid), status=status.value).stream():
        return whole_conversations.decode(snapshot)
    return None


def create(conversation: Conversation, *, uid: str) -> Conversation:
    """Store a new conversation.

    Raises:
        ConflictError: one with this id exists.
    """
    batch = firestore_client().batch()
    conversation = write_new(conversation, uid=uid, to=batch)
    try:
        batch.commit()
    except refusals.AlreadyExists as error:
        there = reference(uid=uid, conversation_id=conversation.id).get(field_paths=["updated_at"])
        if not there.exists or there.get("updated_at") != conversation.updated_at:
            raise ConflictError("The conversation exists already") from error
    return _begun(conversation)


def create_if_absent(conversation: Conversation, *, uid: str) -> Conversation | None:
    """Store a conversation whose id is derived, once.

    Returns:
        The one with this id that there is afterwards; None where its owner has deleted it.
    """
    target = reference(uid=uid, conversation_id=conversation.id)
    grave = tombstones.of(uid=uid).reference(conversation.id)

    @transactional
    def apply(transaction: Transaction) -> Conversation | None:
        if grave.get(transaction=transaction).exists:
            return None
        there = whole_conversations.decode(target.get(transaction=transaction), transaction)
        return there if there is not None else _begun(write_new(conversation, uid=uid, to=transaction))

    stored: Conversation | None = apply(firestore_client().transaction())
    return stored


def _begun(conversation: Conversation) -> Conversation:
    get_logger().info("conversation_begun", conversation_id=conversation.id, kind=conversation.capture.kind)
    return conversation


def write_new(conversation: Conversation, *, uid: str, to: WriteBatch) -> Conversation:
    """Add the creation of a conversation to a batch or transaction; returns it as it will be."""
    target = reference(uid=uid, conversation_id=conversation.id)
    speaker_ids = transcripts.speakers(conversation)
    conversation = conversation.model_copy(
        update={"updated_at": clock.now(), "speaker_ids": speaker_ids, **tracing.carried()}
    )
    fields, chunks = transcripts.encode(conversation)
    to.create(target, protected(fields, target.path, whole=True))
    transcripts.write_chunks(to, target, chunks)
    return conversation


def change(
    *, uid: str, conversation_id: str, decide: Callable[[Conversation], Conversation | None]
) -> Conversation | None:
    """Apply a pure decision to the current document, in one transaction.

    Args:
        uid: the owner.
        conversation_id: the conversation.
        decide: gets the conversation as it is now and returns it as it shall be, or None to leave it; may run more
            than once and must not have effects. What it raises is raised.

    Returns:
        The conversation as it is afterwards, or None when there is none.
    """
    client = firestore_client()
    target = reference(uid=uid, conversation_id=conversation_id)

    @transactional
    def apply(transaction: Transaction) -> Conversation | None:
        before = whole_conversations.decode(target.get(transaction=transaction), transaction)
        after = decide(before) if before is not None else None
        if before is None or after is None:
            return before
        # Its first run goes on in the trace in which it began, a later one in that of whoever has asked for it.
        asked = after.run != before.run and (before.run > 0 or before.traceparent is None)
        after = after.model_copy(update={"updated_at": clock.now(), **(tracing.carried() if asked else {})})
        if after.transcript_segments is not before.transcript_segments:
            after = after.model_copy(update={"speaker_ids": transcripts.speakers(after)})
        fields, chunks = transcripts.encode_change(before, after)
        transaction.update(target, protected(fields, target.path))
        transcripts.write_chunks(transaction, target, chunks or ())
        return after

    changed: Conversation | None = apply(client.transaction())
    return changed


def set_session(*, uid: str, conversation_id: str, session_id: str, fields: dict[str, Any]) -> bool:
    """Write one capture session's fields without touching the rest; False when the conversation is gone."""
    prefix = f"capture.sessions.`{session_id}`"
    try:
        reference(uid=uid, conversation_id=conversation_id).update(
            {f"{prefix}.{name}": value for name, value in fields.items()}
        )
    except refusals.NotFound:
        return False
    return True


def delete(*, uid: str, conversation_id: str, cascade: bool = False) -> None:
    """Delete the document and leave a tombstone; what hangs on it follows through the event.

    Args:
        uid: the owner.
        conversation_id: the conversation.
        cascade: whether what was learned from it goes too; noted for those who do that.

    Raises:
        NotFoundError: there is none.
    """
    target = reference(uid=uid, conversation_id=conversation_id)
    revision = tombstones.bury(target, uid=uid, cascade=cascade)
    transcript_cache.forget(revision, uid=uid, conversation_id=conversation_id)


def delete_children(*, uid: str, conversation_id: str) -> None:
    """Delete every document below the conversation: segments, chunks, photos, alternative transcripts."""
    client = firestore_client()
    for children in reference(uid=uid, conversation_id=conversation_id).collections():
        client.recursive_delete(children)


def delete_orphans(*, uid: str, conversation_id: str) -> None:
    """The same where the conversation is gone."""
    if not exists(uid=uid, conversation_id=conversation_id):
        delete_children(uid=uid, conversation_id=conversation_id)
