"""How often somebody may ask: counters in Redis, one per policy, subject and window of time.

Without Redis nobody is limited: an outage of the cache must not lock users out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from common.core import clock
from common.core.ids import digest
from common.database import cache


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
    used = cache.count_up(f"rl:{policy}:{digest(subject)}:{window}", seconds=window_s)
    return Allowance(limit=limit, used=used or 0, reset_s=math.ceil((window + 1) * window_s - now))
