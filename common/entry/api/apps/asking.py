"""How often a user may have addresses asked that makers of apps name: each time reaches out to strangers."""

from common.entry.api.identity import limit_requests

ASKED_PER_HOUR = 120
"""Of a user: manifests read, setups and failing addresses looked at."""
_HOUR_S = 3600


def limit_asking(user: str) -> None:
    """Count one.

    Raises:
        RateLimitedError: it is one too many.
    """
    limit_requests("apps:ask", subject=user, limit=ASKED_PER_HOUR, window_s=_HOUR_S)
