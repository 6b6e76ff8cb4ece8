"""What another server's `Retry-After` says (RFC 9110 section 10.2.3)."""

import math
from email.utils import parsedate_to_datetime

from common.core import clock


def seconds_of(retry_after: str | None) -> float | None:
    """Real seconds to wait; None if the header is missing or makes no sense."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - clock.now()).total_seconds()
        except (TypeError, ValueError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
