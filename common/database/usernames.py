"""Collection `persona_usernames`: whose a handle is; a handle belongs to one persona at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud import firestore
from google.cloud.firestore import FieldFilter

from common.core.ids import is_document_id
from common.database import apps
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.models.base import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.cloud.firestore import Transaction

    from common.models.app import App


class Handle(Document):
    """A taken handle; its id is the handle itself."""

    id: str
    app_id: str
    uid: str


ALL: Documents[Handle] = Documents("persona_usernames", model=Handle, noun="Username")


def is_taken(username: str) -> bool:
    """Whether some persona has this handle."""
    return is_document_id(username) and ALL.find(username) is not None


def create_with(app: App, candidates: Iterable[str]) -> App:
    """Store a new persona under the first of the handles that is free, in one transaction.

    Args:
        app: the persona; its `username` is replaced.
        candidates: handles, the most wanted first; there is always one more.
    """
    for username in candidates:
        if _take(app.model_copy(update={"username": username})):
            return app.model_copy(update={"username": username})
    raise ValueError("there was no further candidate")


def _take(app: App) -> bool:
    handle = ALL.reference(app.username or "")

    @firestore.transactional
    def apply(transaction: Transaction) -> bool:
        if handle.get(transaction=transaction).exists:
            return False
        transaction.create(handle, {"app_id": app.id, "uid": app.uid})
        transaction.create(apps.ALL.reference(app.id), app.to_firestore())
        return True

    taken: bool = apply(firestore_client().transaction())
    return taken


def release(*, app_id: str) -> None:
    """Let others have the handles of a persona that is gone."""
    ALL.delete_found(ALL.collection.where(filter=FieldFilter("app_id", "==", app_id)))
