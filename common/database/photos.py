"""Collection `…/conversations/{id}/photos`: pictures that do not stand in the conversation itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import ConflictError, NotFoundError
from common.core.ids import is_document_id
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import DESCENDING
from common.models.attachments import ConversationPhoto

if TYPE_CHECKING:
    from datetime import datetime

_BATCH = 8
"""Photos per commit, which takes 10 MiB."""


def of(*, uid: str, conversation_id: str) -> Documents[ConversationPhoto]:
    """The photos of a conversation.

    Raises:
        NotFoundError: no conversation can have this id.
    """
    if not is_document_id(conversation_id):
        raise NotFoundError("Conversation not found")
    path = ("users", uid, "conversations", conversation_id, "photos")
    return Documents(*path, model=ConversationPhoto, noun="Photo")


def list_photos(*, uid: str, conversation_id: str) -> list[ConversationPhoto]:
    """The first LIST_LIMIT, as they were taken; those in the media bucket without their bytes (`photo_files`)."""
    photos = of(uid=uid, conversation_id=conversation_id)
    found = photos.stream(photos.collection.order_by("created_at").limit(LIST_LIMIT))
    return sorted(found, key=lambda photo: (photo.created_at, photo.id))


def put_all(pictures: list[ConversationPhoto], *, uid: str, conversation_id: str) -> None:
    """Store them; the same again changes nothing."""
    photos = of(uid=uid, conversation_id=conversation_id)
    for at in range(0, len(pictures), _BATCH):
        photos.put(*pictures[at : at + _BATCH])


def add(photo: ConversationPhoto, *, uid: str, conversation_id: str) -> ConversationPhoto:
    """Store one unless it is there already; as it is stored then."""
    photos = of(uid=uid, conversation_id=conversation_id)
    try:
        return photos.create(photo)
    except ConflictError:
        return photos.find(photo.id) or photo


def newest_at(*, uid: str, conversation_id: str) -> datetime | None:
    """When the last one was taken, if any was."""
    photos = of(uid=uid, conversation_id=conversation_id)
    newest = photos.collection.order_by("created_at", direction=DESCENDING).limit(1)
    return next((photo.created_at for photo in photos.stream(newest)), None)
