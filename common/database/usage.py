"""How much a user has: summed up by Firestore without reading documents, or by time from the newest of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.database import users
from common.database.firestore import DESCENDING, field_filter
from common.database.transcripts import SECONDS, WORDS
from common.models.base import utc_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import Query

MOST_READ = 2000
"""Documents of one kind that are looked at one by one, the newest."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_CONVERSATIONS, _MEMORIES, _TASKS = "conversations", "memories", "action_items"


@dataclass(frozen=True)
class Amount:
    """Of each kind, how much there is."""

    seconds: float = 0.0
    words: int = 0
    memories: int = 0
    tasks: int = 0


def total(*, uid: str, since: datetime | None) -> Amount:
    """All there is, or all since a moment."""
    spoken: Any = _since(_CONVERSATIONS, uid=uid, since=since)
    [sums] = spoken.sum(SECONDS, alias="seconds").sum(WORDS, alias="words").get()
    said = {result.alias: result.value for result in sums}
    return Amount(
        seconds=float(said["seconds"] or 0),
        words=int(said["words"] or 0),
        memories=_count(_since(_MEMORIES, uid=uid, since=since)),
        tasks=_count(_since(_TASKS, uid=uid, since=since)),
    )


def by_time(*, uid: str, since: datetime | None) -> Iterator[tuple[datetime, Amount]]:
    """What each of the newest MOST_READ things of each kind adds, and when, in no order."""
    for created_at, fields in _newest(_CONVERSATIONS, [SECONDS, WORDS], uid=uid, since=since):
        yield created_at, Amount(seconds=float(fields.get(SECONDS) or 0), words=int(fields.get(WORDS) or 0))
    for created_at, _ in _newest(_MEMORIES, [], uid=uid, since=since):
        yield created_at, Amount(memories=1)
    for created_at, _ in _newest(_TASKS, [], uid=uid, since=since):
        yield created_at, Amount(tasks=1)


def _newest(
    name: str, fields: list[str], *, uid: str, since: datetime | None
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    newest = _since(name, uid=uid, since=since).order_by("created_at", direction=DESCENDING)
    for snapshot in newest.select(["created_at", *fields]).limit(MOST_READ).stream():
        found = snapshot.to_dict() or {}
        yield utc_moment(found["created_at"]), found


def _since(name: str, *, uid: str, since: datetime | None) -> Query:
    # Always with a beginning: one index serves every sum, and texts that old documents hold in place of times stay out.
    collection: Query = users.reference(uid=uid).collection(name)
    return collection.where(filter=field_filter("created_at", ">=", since or _EVER))


def _count(query: Query) -> int:
    counting: Any = query.count()
    [[result]] = counting.get()
    return int(result.value)
