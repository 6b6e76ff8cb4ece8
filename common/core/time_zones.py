"""Time zones by their names (IANA)."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_UTC = ZoneInfo("UTC")


def is_time_zone(name: str) -> bool:
    """Whether there is a zone of this name."""
    return name in _known()


def zone_of(name: str | None) -> ZoneInfo:
    """The zone of this name; UTC where there is none."""
    return ZoneInfo(name) if name and is_time_zone(name) else _UTC


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
