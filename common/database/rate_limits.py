"""How often somebody may ask: counters in Redis, one per policy, subject and window of time.

Without Redis long windows are counted in collection `request_counts`, for all instances; short ones, which would cost a
write per request and protect nothing but the moment, by each instance for itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from common.core import clock
from common.core.ids import digest
from common.database import cache, shared_notes
from common.database.clients import firestore_client
from common.database.firestore import transactional

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

LONG_S = 3600
"""Windows from this many seconds on protect what costs money: a day of requests, messages to a user."""


@dataclass(frozen=True)
class Allowance:
    """What is left in the current window; `reset_s` is how many seconds it still lasts."""

    limit: int
    used: int
    reset_s: int

    @property
    def remaining(self) -> int:
        """Requests that would still be allowed."""
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        """Whether this request was one too many."""
        return self.used > self.limit


def count_request(*, policy: str, subject: str, limit: int, window_s: int) -> Allowance:
    """Count one request of `subject` under `policy`, at most `limit` per window of `window_s` (real) seconds."""
    now = clock.now().timestamp()
    window = math.floor(now / window_s)
    ends = (window + 1) * window_s
    key = f"rl:{policy}:{digest(subject)}:{window}"
    if window_s < LONG_S:
        used = shared_notes.count_up(key, seconds=window_s)
    else:
        counted = cache.count_up(key, seconds=window_s)
        used = counted if counted is not None else _count_stored(key, until=datetime.fromtimestamp(ends, UTC))
    return Allowance(limit=limit, used=used, reset_s=math.ceil(ends - now))


def _count_stored(key: str, *, until: datetime) -> int:
    """The same in the store: whoever asks within a window has a document of their own."""
    target = firestore_client().collection("request_counts").document(digest(key))

    @transactional
    def apply(transaction: Transaction) -> int:
        snapshot = target.get(transaction=transaction)
        used = (int(snapshot.get("used")) if snapshot.exists else 0) + 1
        transaction.set(target, {"used": used, "expire_at": until + timedelta(hours=1)})
        return used

    used: int = apply(firestore_client().transaction())
    return used
