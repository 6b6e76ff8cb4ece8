"""The names of time zones (IANA)."""

from functools import cache
from zoneinfo import available_timezones


def is_time_zone(name: str) -> bool:
    """Whether there is a zone of this name."""
    return name in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
