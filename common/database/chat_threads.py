"""Answers that are being worked on: `users/{uid}/chat_threads/{thread_id}`, and below each what it has come to.

users/{uid}/chat_threads/{thread_id}/checkpoints/{key}    a state of the work
users/{uid}/chat_threads/{thread_id}/writes/{key}         what a step found, until the next state holds it
users/{uid}/chat_threads/{thread_id}/pieces/{key}-{n}     the rest of what is too large for one document

A thread is deleted when its answer is stored. One whose answer never came is deleted when the user has others begun
after a day, with its chat, or with the account; `expire_at` is for a policy of the store's own.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import NotFoundError
from common.core.ids import is_document_id
from common.database import refusals
from common.database.clients import firestore_client
from common.database.firestore import field_filter
from common.database.sealing import protected
from common.database.snapshots import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.cloud.firestore import CollectionReference, DocumentReference

    from common.database.messages import Chat

KEPT = timedelta(days=1)
"""How long an answer may be gone on with, by the calendar."""
PIECE = 900_000
"""Bytes in one document; Firestore takes 1 MiB of everything in it together."""
_COMPRESSED_FROM = 1024
_CLEARED_AT_ONCE = 20

CHECKPOINTS, WRITES, PIECES = "checkpoints", "writes", "pieces"


def threads(*, uid: str) -> CollectionReference:
    """A user's threads."""
    return firestore_client().collection("users", uid, "chat_threads")


def reference(thread_id: str, *, uid: str) -> DocumentReference:
    """One of them.

    Raises:
        NotFoundError: no thread can have this id.
    """
    if not is_document_id(thread_id):
        raise NotFoundError("Thread not found")
    return threads(uid=uid).document(thread_id)


@dataclass(frozen=True)
class Attempt:
    """A request that works on an answer, and what its user looks at."""

    name: str
    context: Mapping[str, Any] | None = None


def begin(thread_id: str, chat: Chat, *, uid: str, attempt: Attempt | None = None) -> None:
    """Note that there is a thread, and of which chat, and forget those that nobody goes on with any more.

    Args:
        thread_id: which.
        chat: where its answer goes.
        uid: whose it is.
        attempt: who works on it; None for whoever does so in place of the last one.
    """
    now = clock.now()
    for stale in (
        threads(uid=uid).where(filter=field_filter("begun_at", "<", now - KEPT)).limit(_CLEARED_AT_ONCE).stream()
    ):
        firestore_client().recursive_delete(stale.reference)
    mark: dict[str, Any] = {"chat": _label(chat), "begun_at": now, "expire_at": now + KEPT}
    if attempt is not None:
        mark |= {"attempt": attempt.name, "context": attempt.context}
    place = reference(thread_id, uid=uid)
    place.set(protected(mark, place.path), merge=True)


def find_attempt(thread_id: str, *, uid: str) -> Attempt | None:
    """Who worked on it last; None where there is no thread, or it was let go."""
    fields = fields_of(reference(thread_id, uid=uid).get())
    return Attempt(name=fields["attempt"], context=fields.get("context")) if fields.get("attempt") else None


def let_go(thread_id: str, *, uid: str) -> None:
    """Nobody is to go on with a thread but who asks for it."""
    with suppress(refusals.NotFound):
        reference(thread_id, uid=uid).update({"attempt": None})


def delete(thread_id: str, *, uid: str) -> None:
    """Forget a thread, if there is one."""
    firestore_client().recursive_delete(reference(thread_id, uid=uid))


def delete_of(chat: Chat, *, uid: str) -> None:
    """Forget all threads of a chat."""
    for found in threads(uid=uid).where(filter=field_filter("chat", "==", _label(chat))).select([]).stream():
        firestore_client().recursive_delete(found.reference)


def put_part(place: DocumentReference, fields: Mapping[str, Any], data: bytes, *, create: bool = False) -> None:
    """Store a part of a thread with data of any size: what does not fit into its document first.

    Raises:
        AlreadyExists: it is there, where `create` is asked for.
    """
    packed = zlib.compress(data, 1) if len(data) >= _COMPRESSED_FROM else data
    rest = [packed[at : at + PIECE] for at in range(PIECE, len(packed), PIECE)]
    for number, piece in enumerate(rest):
        target = _piece(place, number)
        part = {"owner": place.id, "data": piece, "expire_at": clock.now() + KEPT}
        target.set(protected(part, target.path, whole=True))
    document = {
        **fields,
        "data": packed[:PIECE],
        "compressed": packed is not data,
        "pieces": len(rest),
        "expire_at": clock.now() + KEPT,
    }
    stored = protected(document, place.path, whole=True)
    if create:
        place.create(stored)
    else:
        place.set(stored)


def data_of(place: DocumentReference, fields: Mapping[str, Any]) -> bytes | None:
    """What was stored with a part; None where some of it is gone."""
    whole = bytearray(fields["data"])
    if fields["pieces"]:
        places = [_piece(place, number) for number in range(fields["pieces"])]
        found = {each.id: fields_of(each)["data"] for each in firestore_client().get_all(places) if each.exists}
        if len(found) < len(places):
            return None
        for each in places:
            whole += found[each.id]
    return zlib.decompress(whole) if fields["compressed"] else bytes(whole)


def delete_part(place: DocumentReference) -> None:
    """Delete a part and its pieces; the part first, for what is there is whole."""
    place.delete()
    thread = place.parent.parent
    for piece in thread.collection(PIECES).where(filter=field_filter("owner", "==", place.id)).select([]).stream():
        piece.reference.delete()


def _piece(place: DocumentReference, number: int) -> DocumentReference:
    piece: DocumentReference = place.parent.parent.collection(PIECES).document(f"{place.id}-{number}")
    return piece


def _label(chat: Chat) -> str:
    return f"session {chat.session_id}" if chat.session_id is not None else f"app {chat.app_id or ''}"
