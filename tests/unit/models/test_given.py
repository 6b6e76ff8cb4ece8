"""What clients give is taken as it is described."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from common.models.given import GivenEnd, GivenFloat, GivenInt, GivenMoment

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-05-04T12:00:00", "2026-05-04T14:00:00+02:00", "2026-05-04 12:00:00Z"])
def test_a_time_may_be_of_any_zone_or_of_none(written: str) -> None:
    assert TypeAdapter(GivenMoment).validate_python(written) == NOON


def test_a_day_is_its_beginning() -> None:
    assert TypeAdapter(GivenMoment).validate_python("2026-05-04") == NOON.replace(hour=0)


def test_a_day_at_the_end_of_a_range_is_all_of_it() -> None:
    end = TypeAdapter(GivenEnd)
    assert end.validate_python("2026-05-04") == NOON.replace(hour=23, minute=59, second=59, microsecond=999999)
    assert end.validate_python("2026-05-04T12:00:00") == NOON


@pytest.mark.parametrize("written", ["9999-12-31T23:59:59Z", "9999-12-31", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata"])
def test_a_time_at_the_calendar_s_ends_can_be_told_in_every_zone(written: str, zone: str) -> None:
    given = TypeAdapter(GivenMoment).validate_python(written)
    assert given.astimezone(ZoneInfo(zone)) == given
    assert str(given.year).zfill(4) == written[:4]


@pytest.mark.parametrize("written", [0, 1.5, True, "0.5", "1777896000", "-1", "1e9", "", "noon", None])
def test_a_number_is_no_time(written: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(GivenMoment).validate_python(written)


@pytest.mark.parametrize(
    ("kind", "given"),
    [(GivenFloat, True), (GivenFloat, "1"), (GivenFloat, float("nan")), (GivenInt, 1.5), (GivenInt, "1")],
)
def test_what_only_looks_like_a_number_is_none(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


def test_a_whole_number_is_a_number() -> None:
    assert TypeAdapter(GivenFloat).validate_python(1) == 1.0
