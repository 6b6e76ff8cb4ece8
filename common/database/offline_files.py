"""Collections `users/{uid}/offline_files` and `users/{uid}/sync_jobs`: what was handed in later, and in which jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.firestore import field_filter
from common.models.offline import FileState, OfflineFile, OfflineJob

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_FILES = "offline_files"


def of(*, uid: str) -> Documents[OfflineFile]:
    """A user's files."""
    return Documents("users", uid, _FILES, model=OfflineFile, noun="File")


def jobs(*, uid: str) -> Documents[OfflineJob]:
    """A user's jobs."""
    return Documents("users", uid, "sync_jobs", model=OfflineJob, noun="Job")


def change(file_id: str, decide: Callable[[OfflineFile], OfflineFile | None], *, uid: str) -> OfflineFile:
    """`Documents.change` with the time of the change noted.

    Raises:
        NotFoundError: there is no such file.
    """

    def noted(file: OfflineFile) -> OfflineFile | None:
        changed = decide(file)
        return None if changed is None else changed.model_copy(update={"updated_at": clock.now()})

    return of(uid=uid).change(file_id, noted)


def list_waiting(*, uid: str, limit: int) -> list[OfflineFile]:
    """Files that are stored and not placed, in the order in which they were recorded."""
    files = of(uid=uid)
    query = files.collection.where(filter=field_filter("state", "==", FileState.STORED.value)).order_by("started_at")
    return files.stream(query.limit(limit))


def list_owners_of_stuck(moment: datetime, *, limit: int) -> list[str]:
    """Over all users: whose files wait, and were last touched before `moment`."""
    query = (
        firestore_client()
        .collection_group(_FILES)
        .where(filter=field_filter("state", "==", FileState.STORED.value))
        .where(filter=field_filter("updated_at", "<", moment))
        .order_by("updated_at")
        .select([])
        .limit(limit)
    )
    return list(dict.fromkeys(snapshot.reference.parent.parent.id for snapshot in query.stream()))
