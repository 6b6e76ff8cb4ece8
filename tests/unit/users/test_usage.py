"""Where a period begins, and what its parts add up to."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from common.database.usage import Amount
from common.users.usage import Period, added, begin

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 4, 30, 20, 30, tzinfo=UTC)
"""In Tokyo it is May already."""


@pytest.mark.parametrize(
    ("period", "began"),
    [
        (Period.TODAY, datetime(2026, 4, 30, 15, 0, tzinfo=UTC)),
        (Period.MONTHLY, datetime(2026, 4, 30, 15, 0, tzinfo=UTC)),
        (Period.YEARLY, datetime(2025, 12, 31, 15, 0, tzinfo=UTC)),
        (Period.ALL_TIME, None),
    ],
)
def test_a_period_begins_at_the_users_own_midnight(period: Period, began: datetime | None) -> None:
    assert begin(period, now=NOW, zone=TOKYO) == began


def test_amounts_are_added_kind_by_kind() -> None:
    amounts = [Amount(seconds=1.5, words=2), Amount(memories=1), Amount(seconds=2.0, tasks=3)]
    assert added(amounts) == Amount(seconds=3.5, words=2, memories=1, tasks=3)
