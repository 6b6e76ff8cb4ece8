"""Conversations by what they are: which of a user's a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from common.database.firestore import DESCENDING, field_filter
from common.database.sealing import TITLE_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from google.cloud.firestore import CollectionReference, Query

COLLECTION = "conversations"


class Wanted(TypedDict, total=False):
    """Which conversations: an empty sequence and what is left out or None mean any."""

    statuses: Sequence[str]
    sources: Sequence[str]
    categories: Sequence[str]
    include_discarded: bool
    folder_id: str | None
    starred: bool | None
    since: datetime | None
    until: datetime | None


def newest_first(collection: CollectionReference, wanted: Wanted) -> Query:
    """A user's conversations as lists show them."""
    query: Query = collection.order_by("created_at", direction=DESCENDING)
    for field, values in (
        ("status", wanted.get("statuses")),
        ("source", wanted.get("sources")),
        ("structured.category", wanted.get("categories")),
    ):
        if values:
            query = query.where(filter=field_filter(field, "in", list(dict.fromkeys(values))))
    if not wanted.get("include_discarded", True):
        query = query.where(filter=field_filter("discarded", "==", value=False))
    for field, value in (("folder_id", wanted.get("folder_id")), ("starred", wanted.get("starred"))):
        if value is not None:
            query = query.where(filter=field_filter(field, "==", value))
    since, until = wanted.get("since"), wanted.get("until")
    if since is not None:
        query = query.where(filter=field_filter("created_at", ">=", since))
    if until is not None:
        query = query.where(filter=field_filter("created_at", "<=", until))
    return query


def titled(collection: CollectionReference, *titles: str, limit: int, sealed: bool = False) -> Query:
    """Those of a user's conversations that have exactly this title, in no order; `sealed` by what stands beside it."""
    if sealed:
        return collection.where(filter=field_filter(f"structured.{TITLE_KEY}", "in", titles)).limit(limit)
    return collection.where(filter=field_filter("structured.title", "in", titles)).limit(limit)


def newest_live(collection: CollectionReference, *, status: str) -> Query:
    """The newest of a user's conversations captured from a stream that is in `status`."""
    return (
        collection.where(filter=field_filter("capture.kind", "==", "live"))
        .where(filter=field_filter("status", "==", status))
        .order_by("created_at", direction=DESCENDING)
        .limit(1)
    )
