"""Collection `users/{uid}/daily_summaries`."""

from __future__ import annotations

from common.database.documents import Documents
from common.database.firestore import DESCENDING, field_filter
from common.database.pages import read_page
from common.models.daily_summary import DailySummary

_MOST_CITING = 20
"""A conversation is of one day, as a rule."""


def of(*, uid: str) -> Documents[DailySummary]:
    """A user's days."""
    return Documents("users", uid, "daily_summaries", model=DailySummary, noun="Daily summary")


def list_newest(*, uid: str, limit: int, offset: int) -> list[DailySummary]:
    """The newest days first."""
    days = of(uid=uid)
    query = days.collection.order_by("date", direction=DESCENDING)
    page = read_page(query, within=days.collection, limit=limit, offset=offset, of=f"daily_summaries:{uid}")
    return days.decoded(page)


def list_made_of(conversation_id: str, *, uid: str) -> list[DailySummary]:
    """The days that a conversation was part of."""
    days = of(uid=uid)
    query = days.collection.where(filter=field_filter("conversation_ids", "array_contains", conversation_id))
    return days.stream(query.limit(_MOST_CITING))
