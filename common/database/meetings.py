"""Collection `users/{uid}/meetings`: what programs of the user tell of their calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import deletions
from common.core.deletions import Deletion
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter
from common.models.meeting import Meeting

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import Query

_BEGIN = "start_time"


def of(*, uid: str) -> Documents[Meeting]:
    """A user's meetings."""
    return Documents("users", uid, "meetings", model=Meeting, noun="Meeting")


def delete(meeting_id: str, *, uid: str) -> None:
    """Forget a meeting.

    Raises:
        NotFoundError: there is none.
    """
    of(uid=uid).delete(meeting_id)
    deletions.tell(Deletion.MEETING, meeting_id, uid=uid)


def list_beginning(
    *, uid: str, limit: int, since: datetime | None = None, until: datetime | None = None
) -> list[Meeting]:
    """Those that begin between two moments, both included, in their order; LIST_LIMIT at most."""
    store = of(uid=uid)
    query: Query = store.collection.order_by(_BEGIN)
    if since is not None:
        query = query.where(filter=field_filter(_BEGIN, ">=", since))
    if until is not None:
        query = query.where(filter=field_filter(_BEGIN, "<=", until))
    return store.stream(query.limit(min(limit, LIST_LIMIT)))
