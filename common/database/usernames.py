"""Collection `persona_usernames`: whose a handle is; a handle belongs to one persona at a time."""

from __future__ import annotations

from common.core.ids import is_document_id
from common.database.documents import Documents
from common.database.firestore import field_filter
from common.models.base import Document


class Handle(Document):
    """A taken handle; its id is the handle itself."""

    id: str
    app_id: str
    uid: str


ALL: Documents[Handle] = Documents("persona_usernames", model=Handle, noun="Username")


def is_taken(username: str) -> bool:
    """Whether some persona has this handle."""
    return is_document_id(username) and ALL.find(username) is not None


def release(*, app_id: str) -> None:
    """Let others have the handle of a persona that is gone."""
    ALL.delete_found(ALL.collection.where(filter=field_filter("app_id", "==", app_id)))
