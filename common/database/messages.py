"""Collection `users/{uid}/messages`: every chat of a user; which chat a message belongs to stands in the message."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.core.errors import ConflictError, NotFoundError
from common.database import chat_sessions, refusals
from common.database.clients import firestore_client
from common.database.documents import WRITE_LIMIT, Documents
from common.database.firestore import DESCENDING, field_filter, increment, transactional
from common.database.pages import read_page
from common.database.sealing import protected
from common.models.chat import PREVIEW_CHARACTERS, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from google.cloud.firestore import Query, Transaction, WriteBatch


@dataclass(frozen=True)
class Chat:
    """One chat of a user: a session's, or an app's, or with neither the main one."""

    app_id: str | None = None
    session_id: str | None = None


@dataclass(frozen=True)
class Deleted:
    """How many messages were deleted, and which files hung on them."""

    count: int
    file_ids: tuple[str, ...]


def of(*, uid: str) -> Documents[Message]:
    """A user's messages."""
    return Documents("users", uid, "messages", model=Message, noun="Message")


def add(message: Message, *, uid: str) -> Message:
    """Store a new message; its session, if it has one, counts and shows it in the same instant.

    Raises:
        ConflictError: there is one with this id.
        NotFoundError: there is no such session.
    """
    batch = firestore_client().batch()
    _write(batch, message, uid=uid)
    with _refusals_of(message, uid=uid):
        batch.commit()
    return message


def add_answer(answer: Message, *, to: str, uid: str) -> Message:
    """The same for an answer, which is not stored where the message that it answers has been deleted meanwhile.

    Raises:
        ConflictError: there is one with this id.
        NotFoundError: there is no such session any more, or no such message.
    """
    asked = of(uid=uid)

    @transactional
    def apply(transaction: Transaction) -> None:
        if not asked.reference(to).get([], transaction=transaction).exists:
            raise asked.missing()
        _write(transaction, answer, uid=uid)

    with _refusals_of(answer, uid=uid):
        apply(firestore_client().transaction())
    return answer


def list_newest(chat: Chat, *, uid: str, limit: int, offset: int = 0) -> list[Message]:
    """The messages of a chat, newest first; those that were reported are among them."""
    store = of(uid=uid)
    query = _newest_first(chat, uid=uid)
    page = read_page(query, within=store.collection, limit=limit, offset=offset, of=f"messages:{uid}:{chat!r}")
    return store.decoded(page)


def list_before(moment: datetime, chat: Chat, *, uid: str, limit: int) -> list[Message]:
    """The same, of those that are older than `moment`."""
    return of(uid=uid).stream(_older(chat, moment, uid=uid).limit(limit))


def has_before(moment: datetime, chat: Chat, *, uid: str) -> bool:
    """Whether a chat has messages that are older than `moment`, be they readable or not."""
    return bool(list(_older(chat, moment, uid=uid).select([]).limit(1).stream()))


def count(chat: Chat, *, uid: str) -> int:
    """How many messages a chat has, the reported ones among them."""
    return of(uid=uid).count(_of_chat(chat, uid=uid))


def delete_all(chat: Chat, *, uid: str, before: datetime | None = None) -> Deleted:
    """Delete every message of a chat, in batches, or those that are older than a moment."""
    collection = of(uid=uid)
    found = _of_chat(chat, uid=uid) if before is None else _older(chat, before, uid=uid)
    query = found.select(["files_id"]).limit(WRITE_LIMIT)
    deleted, file_ids = 0, []
    while page := list(query.stream()):
        deleted += collection.delete_many(snapshot.id for snapshot in page)
        file_ids += [file_id for snapshot in page for file_id in (snapshot.to_dict() or {}).get("files_id") or ()]
    return Deleted(deleted, tuple(dict.fromkeys(file_ids)))


def rename_cited(conversation_ids: Sequence[str], *, to: str, uid: str) -> None:
    """Have the messages that rest on one of these conversations, 30 at most, name another in its place."""
    gone = set(conversation_ids)

    def renamed(message: Message) -> Message:
        named = dict.fromkeys(to if each in gone else each for each in message.memories_id)
        return message.model_copy(update={"memories_id": list(named)})

    chats = of(uid=uid)
    citing = chats.collection.where(filter=field_filter("memories_id", "array_contains_any", sorted(gone)))
    for snapshot in list(citing.select([]).stream()):
        with suppress(NotFoundError):  # it was deleted
            chats.change(snapshot.id, renamed)


def _newest_first(chat: Chat, *, uid: str) -> Query:
    return _of_chat(chat, uid=uid).order_by("created_at", direction=DESCENDING)


def _older(chat: Chat, moment: datetime, *, uid: str) -> Query:
    return _newest_first(chat, uid=uid).where(filter=field_filter("created_at", "<", moment))


def _of_chat(chat: Chat, *, uid: str) -> Query:
    collection = of(uid=uid).collection
    if chat.session_id is not None:
        return collection.where(filter=field_filter("chat_session_id", "==", chat.session_id))
    # Messages of sessions have an app too: they are not part of the chat with it.
    return collection.where(filter=field_filter("plugin_id", "==", chat.app_id)).where(
        filter=field_filter("chat_session_id", "==", None)
    )


def _write(batch: WriteBatch, message: Message, *, uid: str) -> None:
    place = of(uid=uid).reference(message.id)
    batch.create(place, protected(message.to_firestore(), place.path, whole=True))
    if message.chat_session_id is not None:
        shown = {
            "preview": message.text[:PREVIEW_CHARACTERS],
            "message_count": increment(1),
            "updated_at": message.created_at,
        }
        session = chat_sessions.of(uid=uid).reference(message.chat_session_id)
        batch.update(session, protected(shown, session.path))


@contextmanager
def _refusals_of(message: Message, *, uid: str) -> Iterator[None]:
    """What Firestore refuses, as what it means here; nothing where it was stored, and the answer lost."""
    try:
        yield
    except refusals.AlreadyExists as error:
        if of(uid=uid).find(message.id) != message:
            raise ConflictError("Message exists already") from error
    except refusals.NotFound as error:
        raise chat_sessions.of(uid=uid).missing() from error
