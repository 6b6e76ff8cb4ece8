"""A user's conversations by when they took place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database import conversations
from common.database.firestore import DESCENDING, field_filter
from common.database.pages import read_page
from common.database.whole_conversations import Room, with_owner

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import Query

    from common.models.conversation import Conversation

_MOST = 50
_MOST_OF_A_DAY = 1000
"""What was discarded counts, and after two minutes of silence the next begins: some 900 in a day and its margin."""


def list_overlapping(begin: datetime, end: datetime, *, uid: str) -> list[Conversation]:
    """Those that had begun by `end` and were not over before `begin`, long transcripts in their chunks.

    One that is being captured says nothing of its end before it is closed, so it may be missing here.
    """
    query = (
        conversations.collection(uid=uid)
        .where(filter=field_filter("finished_at", ">=", begin))
        .where(filter=field_filter("started_at", "<=", end))
        .order_by("finished_at")
        .order_by("started_at")
        .limit(_MOST)
    )
    return [conversation for _, conversation in with_owner(query.stream())]


def list_finished(begin: datetime, end: datetime, *, uid: str) -> list[Conversation]:
    """Those whose last words were said from `begin` until `end`, without these: days of them would be too much."""
    query = (
        conversations.collection(uid=uid)
        .where(filter=field_filter("finished_at", ">=", begin))
        .where(filter=field_filter("finished_at", "<=", end))
        .order_by("finished_at")
        .limit(_MOST_OF_A_DAY)
    )
    return [conversation for _, conversation in with_owner(query.stream(), room=Room(0))]


def list_begun(
    *, uid: str, since: datetime | None, until: datetime | None, limit: int, offset: int = 0, room: Room | None = None
) -> list[Conversation]:
    """Those that began from `since` until `until`, the newest first.

    Long transcripts stay in their chunks, and any that find no `room` where they are.
    """
    within = conversations.collection(uid=uid)
    query: Query = within.order_by("started_at", direction=DESCENDING)
    if since is not None:
        query = query.where(filter=field_filter("started_at", ">=", since))
    if until is not None:
        query = query.where(filter=field_filter("started_at", "<=", until))
    page = read_page(query, within=within, limit=limit, offset=offset, of=f"{uid} begun {since} {until}")
    return [conversation for _, conversation in with_owner(page, room=room)]
