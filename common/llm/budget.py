"""Whether a user may still use language models today: where not, what works without one stands in."""

import random
from datetime import datetime, timedelta

from common.core import clock, metering
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import spending

_SPREAD_S = 3600.0
"""Real seconds at the beginning of a day over which what has waited for it is spread."""


def spent() -> bool:
    """Whether whom the present work is for has used up today's tokens; nobody has where there is no limit.

    Looked up once per piece of work, so one that begins within the budget may end beyond it.
    """
    limit = settings().language_tokens_per_user_day
    meter = metering.current()
    if not limit or meter is None or meter.uid is None:
        return False
    if meter.known is None:
        meter.known = spending.today(uid=meter.uid).tokens
        if meter.known >= limit:
            get_logger().warning("language_budget_spent", tokens=meter.known, limit=limit)
    return meter.known + meter.tokens >= limit


def next_day() -> datetime:
    """A moment at which there are new tokens: soon after the next day has begun (UTC)."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight + timedelta(seconds=random.uniform(0.0, _SPREAD_S))  # noqa: S311 - jitter
