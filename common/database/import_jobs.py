"""Collection `users/{uid}/import_jobs`: archives of conversations that a user has handed in."""

from __future__ import annotations

from common.database.documents import Documents
from common.database.firestore import DESCENDING
from common.models.import_job import ImportJob


def of(*, uid: str) -> Documents[ImportJob]:
    """A user's."""
    return Documents("users", uid, "import_jobs", model=ImportJob, noun="Import")


def list_newest(*, uid: str, limit: int) -> list[ImportJob]:
    """The newest first."""
    store = of(uid=uid)
    return store.stream(store.collection.order_by("created_at", direction=DESCENDING).limit(limit))
