"""Collection `users/{uid}/daily_summaries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import deletions
from common.core.deletions import Deletion
from common.database.documents import Documents
from common.database.firestore import DESCENDING, MOST_IN_A_FILTER, field_filter
from common.database.pages import read_page
from common.models.daily_summary import DailySummary

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_CITING = 20
"""A conversation is of one day, as a rule."""


def of(*, uid: str) -> Documents[DailySummary]:
    """A user's days."""
    return Documents("users", uid, "daily_summaries", model=DailySummary, noun="Daily summary")


def delete(day_id: str, *, uid: str) -> None:
    """Delete the summary of a day, as its user wants.

    Raises:
        NotFoundError: there is none.
    """
    of(uid=uid).delete(day_id)
    deletions.tell(Deletion.DAILY_SUMMARY, day_id, uid=uid)


def list_newest(*, uid: str, limit: int, offset: int) -> list[DailySummary]:
    """The newest days first."""
    days = of(uid=uid)
    query = days.collection.order_by("date", direction=DESCENDING)
    page = read_page(query, within=days.collection, limit=limit, offset=offset, of=f"daily_summaries:{uid}")
    return days.decoded(page)


def list_made_of(conversation_ids: Sequence[str], *, uid: str) -> list[DailySummary]:
    """The days that one of these conversations was part of; those of the first 30, and some days at most."""
    days = of(uid=uid)
    wanted = list(conversation_ids)[:MOST_IN_A_FILTER]
    query = days.collection.where(filter=field_filter("conversation_ids", "array_contains_any", wanted))
    return days.stream(query.limit(_MOST_CITING))
