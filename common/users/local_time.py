"""A user's own time: the moments in which their days end. Pure.

A day ends at an hour of the clock on the wall, so it has 23 or 25 hours where the clocks change. An hour that the
change leaves out is an hour later on the new clock; of one that comes twice the first counts.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo

_HALF_A_DAY = timedelta(hours=12)
_SEARCHED_DAYS = 4
"""A zone may skip a whole day, as Samoa did when it moved to the other side of the date line."""


def next_evening(moment: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The first end of a day after `moment`, in UTC."""
    first = moment.astimezone(zone).date() - timedelta(days=1)
    evenings = (_evening(first + timedelta(days=days), hour, zone) for days in range(_SEARCHED_DAYS))
    return next(evening for evening in evenings if evening > moment)


def evening_before(evening: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The last end of a day before `evening`, in UTC."""
    last = evening.astimezone(zone).date() + timedelta(days=1)
    evenings = (_evening(last - timedelta(days=days), hour, zone) for days in range(_SEARCHED_DAYS + 1))
    return next(before for before in evenings if before < evening)


def day_of(evening: datetime, *, zone: tzinfo) -> date:
    """Which day ends then: at seven in the morning, or at midnight, it is the one before."""
    return (evening - _HALF_A_DAY).astimezone(zone).date()


def _evening(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
