"""When days end: by the clock on the user's wall, wherever that hangs and whenever it is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.users.local_time import day_of, evening_before, next_evening

BERLIN, NEW_YORK, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
KIRITIMATI, SAMOA, MIDWAY = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Apia"), ZoneInfo("Pacific/Midway")


def _utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "hour", "zone", "evening"),
    [
        pytest.param(_utc(2026, 5, 4, 12), 22, UTC, _utc(2026, 5, 4, 22), id="today"),
        pytest.param(_utc(2026, 5, 4, 22), 22, UTC, _utc(2026, 5, 5, 22), id="just over: tomorrow"),
        pytest.param(_utc(2026, 5, 4, 12), 22, BERLIN, _utc(2026, 5, 4, 20), id="summer"),
        pytest.param(_utc(2026, 1, 4, 12), 22, BERLIN, _utc(2026, 1, 4, 21), id="winter"),
        pytest.param(_utc(2026, 5, 4, 9), 22, KIRITIMATI, _utc(2026, 5, 5, 8), id="14 h ahead, and past ten there"),
        pytest.param(_utc(2026, 5, 4, 7), 22, KIRITIMATI, _utc(2026, 5, 4, 8), id="14 h ahead"),
        pytest.param(_utc(2026, 5, 4, 8), 22, MIDWAY, _utc(2026, 5, 4, 9), id="11 h behind: it is yesterday there"),
        pytest.param(_utc(2026, 3, 29, 0, 30), 2, BERLIN, _utc(2026, 3, 29, 1), id="the hour that is left out"),
        pytest.param(_utc(2026, 10, 24, 23), 2, BERLIN, _utc(2026, 10, 25), id="the hour that comes twice: the first"),
        pytest.param(_utc(2026, 10, 25, 0, 30), 2, BERLIN, _utc(2026, 10, 26, 1), id="between the two: tomorrow"),
        pytest.param(_utc(2011, 12, 30, 9), 22, SAMOA, _utc(2011, 12, 31, 8), id="over a day that never was"),
    ],
)
def test_the_next_end_of_a_day(moment: datetime, hour: int, zone: ZoneInfo, evening: datetime) -> None:
    assert next_evening(moment, hour=hour, zone=zone) == evening


@pytest.mark.parametrize(
    ("evening", "zone", "hours"),
    [
        pytest.param(_utc(2026, 5, 4, 20), BERLIN, 24, id="as a rule"),
        pytest.param(_utc(2026, 3, 29, 20), BERLIN, 23, id="into summer"),
        pytest.param(_utc(2026, 10, 25, 21), BERLIN, 25, id="into winter"),
        pytest.param(_utc(2026, 3, 9, 2), NEW_YORK, 23, id="elsewhere"),
    ],
)
def test_a_day_is_as_long_as_it_is_on_the_wall(evening: datetime, zone: ZoneInfo, hours: int) -> None:
    assert evening - evening_before(evening, hour=22, zone=zone) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hour", "day"),
    [
        (22, date(2026, 5, 4)),
        (13, date(2026, 5, 4)),
        (23, date(2026, 5, 4)),
        (0, date(2026, 5, 3)),
        (7, date(2026, 5, 3)),
    ],
)
def test_in_the_morning_it_is_yesterday_that_ends(hour: int, day: date) -> None:
    evening = datetime(2026, 5, 4, hour, tzinfo=LONDON).astimezone(UTC)
    assert day_of(evening, zone=LONDON) == day


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given a zone
    hour=st.integers(0, 23),
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
)
def test_everywhere_and_always_one_day_follows_the_other(moment: datetime, hour: int, zone: ZoneInfo) -> None:
    evening = next_evening(moment, hour=hour, zone=zone)
    assert moment < evening <= moment + timedelta(hours=49)
    assert evening_before(evening, hour=hour, zone=zone) <= moment
    following = next_evening(evening, hour=hour, zone=zone)
    assert day_of(following, zone=zone) > day_of(evening, zone=zone)
    assert evening_before(following, hour=hour, zone=zone) == evening
