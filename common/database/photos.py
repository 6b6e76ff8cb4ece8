"""Collection `…/conversations/{id}/photos`: pictures that do not stand in the conversation itself."""

from __future__ import annotations

from common.core.errors import NotFoundError
from common.core.ids import is_document_id
from common.database.documents import LIST_LIMIT, Documents
from common.models.attachments import ConversationPhoto

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
    """As they were taken; LIST_LIMIT at most."""
    photos = of(uid=uid, conversation_id=conversation_id)
    return sorted(photos.stream(photos.collection.limit(LIST_LIMIT)), key=lambda photo: (photo.created_at, photo.id))


def put_all(pictures: list[ConversationPhoto], *, uid: str, conversation_id: str) -> None:
    """Store them; the same again changes nothing."""
    photos = of(uid=uid, conversation_id=conversation_id)
    for at in range(0, len(pictures), _BATCH):
        photos.put(*pictures[at : at + _BATCH])
