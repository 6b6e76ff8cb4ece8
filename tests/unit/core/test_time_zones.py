from zoneinfo import ZoneInfo

import pytest

from common.core.time_zones import is_time_zone, zone_of


def test_a_zone_is_known_by_its_name() -> None:
    assert zone_of("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "a\x00b"])
def test_a_zone_that_nobody_knows_is_utc(name: str | None) -> None:
    assert zone_of(name) == ZoneInfo("UTC")
    assert not name or not is_time_zone(name)
