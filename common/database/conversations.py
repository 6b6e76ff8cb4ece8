"""Collection `users/{uid}/conversations`: read, list, create, change in a transaction, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud import firestore
from google.cloud.firestore import FieldFilter, Query
from pydantic import ValidationError

from common.core import clock
from common.core.errors import ConflictError, NotFoundError
from common.core.ids import is_document_id
from common.core.logs import get_logger
from common.database import transcripts
from common.database.clients import firestore_client
from common.models.conversation import Conversation, ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from google.cloud.firestore import CollectionReference, DocumentReference, DocumentSnapshot, Transaction

COLLECTION = "conversations"
LIST_LIMIT = 500


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
    target = reference(uid=uid, conversation_id=conversation_id)
    snapshot = target.get()
    if not (snapshot.exists and (snapshot.to_dict() or {}).get("transcript_chunks")):
        return _decode(snapshot)

    @firestore.transactional
    def read(transaction: Transaction) -> Conversation | None:
        return _decode(target.get(transaction=transaction), transaction)

    # Document and chunks of one moment: they change together.
    whole: Conversation | None = read(firestore_client().transaction(read_only=True))
    return whole


def get(*, uid: str, conversation_id: str) -> Conversation:
    """The conversation with its whole transcript.

    Raises:
        NotFoundError: it does not exist, or belongs to somebody else.
    """
    conversation = find(uid=uid, conversation_id=conversation_id)
    if conversation is None:
        raise NotFoundError("Conversation not found")
    return conversation


def find_many(*, uid: str, conversation_ids: Sequence[str]) -> list[Conversation]:
    """Those of `conversation_ids` that exist, in that order, without the chunks of long transcripts."""
    references = [reference(uid=uid, conversation_id=conversation_id) for conversation_id in conversation_ids]
    found = {
        snapshot.id: transcripts.decode(snapshot.to_dict() or {})
        for snapshot in firestore_client().get_all(references)
        if snapshot.exists
    }
    return [found[conversation_id] for conversation_id in conversation_ids if conversation_id in found]


def list_newest(
    *,
    uid: str,
    limit: int,
    offset: int = 0,
    statuses: Sequence[str] = (),
    include_discarded: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Conversation]:
    """Newest created first; long transcripts stay in their chunks."""
    query: Query = collection(uid=uid).order_by("created_at", direction=Query.DESCENDING)
    if statuses:
        query = query.where(filter=FieldFilter("status", "in", list(statuses)))
    if not include_discarded:
        query = query.where(filter=FieldFilter("discarded", "==", value=False))
    if since is not None:
        query = query.where(filter=FieldFilter("created_at", ">=", since))
    if until is not None:
        query = query.where(filter=FieldFilter("created_at", "<=", until))
    page = query.offset(offset).limit(min(limit, LIST_LIMIT)).stream()
    return [conversation for _, conversation in _with_owner(page)]


def find_newest_live(*, uid: str, status: ConversationStatus) -> Conversation | None:
    """The newest conversation captured from a stream that is in `status`."""
    query = (
        collection(uid=uid)
        .where(filter=FieldFilter("capture.kind", "==", "live"))
        .where(filter=FieldFilter("status", "==", status.value))
        .order_by("created_at", direction=Query.DESCENDING)
        .limit(1)
    )
    for snapshot in query.stream():
        return _decode(snapshot)
    return None


def list_unchanged_since(moment: datetime, *, status: ConversationStatus, limit: int) -> list[tuple[str, Conversation]]:
    """Over all users: (uid, conversation) in `status` that last changed before `moment`, oldest first."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=FieldFilter("status", "==", status.value))
        .where(filter=FieldFilter("updated_at", "<", moment))
        .order_by("updated_at")
        .limit(limit)
    )
    return list(_with_owner(query.stream()))


def list_due_for_retry(moment: datetime, *, limit: int) -> list[tuple[str, Conversation]]:
    """Over all users: (uid, conversation) that failed and asked to be tried again before `moment`."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=FieldFilter("failure.retry_at", "<=", moment))
        .order_by("failure.retry_at")
        .limit(limit)
    )
    return list(_with_owner(query.stream()))


def create(conversation: Conversation, *, uid: str) -> Conversation:
    """Store a new conversation.

    Raises:
        ConflictError: one with this id exists.
    """
    client = firestore_client()
    target = reference(uid=uid, conversation_id=conversation.id)
    conversation = conversation.model_copy(update={"updated_at": clock.now()})
    fields, chunks = transcripts.encode(conversation)
    batch = client.batch()
    batch.create(target, fields)
    for number, data in enumerate(chunks):
        batch.set(target.collection(transcripts.CHUNKS).document(transcripts.chunk_id(number)), {"data": data})
    try:
        batch.commit()
    except AlreadyExists as error:
        raise ConflictError("The conversation exists already") from error
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

    @firestore.transactional
    def apply(transaction: Transaction) -> Conversation | None:
        before = _decode(target.get(transaction=transaction), transaction)
        after = decide(before) if before is not None else None
        if before is None or after is None:
            return before
        after = after.model_copy(update={"updated_at": clock.now()})
        old_fields, old_chunks = transcripts.encode(before)
        fields, chunks = transcripts.encode(after)
        transaction.update(target, {name: value for name, value in fields.items() if value != old_fields.get(name)})
        if chunks != old_chunks:
            beside = target.collection(transcripts.CHUNKS)
            for number, data in enumerate(chunks):
                transaction.set(beside.document(transcripts.chunk_id(number)), {"data": data})
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
    except NotFound:
        return False
    return True


def delete(*, uid: str, conversation_id: str) -> None:
    """Delete the document; what hangs on it follows through the event.

    Raises:
        NotFoundError: there is none.
    """
    target = reference(uid=uid, conversation_id=conversation_id)
    try:
        target.delete(option=firestore_client().write_option(exists=True))
    except NotFound as error:
        raise NotFoundError("Conversation not found") from error


def delete_children(*, uid: str, conversation_id: str) -> None:
    """Delete every document below the conversation: segments, chunks, photos, alternative transcripts."""
    client = firestore_client()
    for children in reference(uid=uid, conversation_id=conversation_id).collections():
        client.recursive_delete(children)


def _decode(snapshot: DocumentSnapshot[Any], transaction: Transaction | None = None) -> Conversation | None:
    if not snapshot.exists:
        return None
    fields = snapshot.to_dict() or {}
    chunks = transcripts.read_chunks(snapshot.reference, fields.get("transcript_chunks") or 0, transaction)
    return transcripts.decode(fields, chunks)


def _with_owner(snapshots: Iterator[DocumentSnapshot[Any]]) -> Iterator[tuple[str, Conversation]]:
    """Those that can be read: one that cannot must not hide the others."""
    for snapshot in snapshots:
        uid = snapshot.reference.parent.parent.id
        try:
            conversation = transcripts.decode(snapshot.to_dict() or {})
        except ValidationError as error:
            get_logger().error("conversation_unreadable", conversation_id=snapshot.id, problems=error.error_count())
            continue
        yield uid, conversation
