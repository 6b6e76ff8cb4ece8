"""How far a goal has come is told by days of the user, which are not those of UTC and have 23 or 25 hours at times."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from common.core import clock
from common.database import users
from common.goals.track import add_goal, edit_goal, list_progress, record_progress
from common.models.goal import GoalType

pytestmark = pytest.mark.usefixtures("stores")

At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Let it be such a time, in UTC."""

    def turn(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(moment).replace(tzinfo=UTC))

    return turn


def _goal(uid: str) -> str:
    made = add_goal(
        uid=uid,
        title="Read",
        goal_type=GoalType.NUMERIC,
        target_value=10,
        current_value=0,
        min_value=0,
        max_value=10,
        unit=None,
    )
    return made.id


def _days(uid: str, goal_id: str, days: int = 30) -> list[tuple[str, float]]:
    return [(entry.date, entry.value) for entry in list_progress(uid=uid, goal_id=goal_id, days=days)]


@pytest.mark.parametrize(
    ("zone", "evening", "next_morning", "expected"),
    [
        # Half past eleven and half past noon of the day after; the clocks change in the night between, or do not.
        ("America/Los_Angeles", "2026-05-05T06:30", "2026-05-05T19:30", ["2026-05-05", "2026-05-04"]),
        ("Asia/Tokyo", "2026-05-04T14:30", "2026-05-05T03:30", ["2026-05-05", "2026-05-04"]),
        ("America/New_York", "2026-03-08T04:30", "2026-03-08T16:30", ["2026-03-08", "2026-03-07"]),
        ("America/New_York", "2026-11-01T03:30", "2026-11-02T04:30", ["2026-11-01", "2026-10-31"]),
        ("Europe/Berlin", "2026-03-28T22:30", "2026-03-29T21:30", ["2026-03-29", "2026-03-28"]),
        ("Pacific/Apia", "2026-05-04T10:30", "2026-05-04T23:30", ["2026-05-05", "2026-05-04"]),
        (None, "2026-05-04T23:30", "2026-05-05T12:30", ["2026-05-05", "2026-05-04"]),
    ],
)
def test_two_days_of_the_user_are_two(
    at: At, uid: str, zone: str | None, evening: str, next_morning: str, expected: list[str]
) -> None:
    if zone:
        users.change(uid=uid, time_zone=zone)
    at(evening)
    goal_id = _goal(uid)
    record_progress(uid=uid, goal_id=goal_id, current_value=1)
    at(next_morning)
    edit_goal(uid=uid, goal_id=goal_id, fields={"current_value": 2})
    assert _days(uid, goal_id) == [(expected[0], 2.0), (expected[1], 1.0)]
    assert _days(uid, goal_id, days=1) == [(expected[0], 2.0)]


def test_one_long_day_of_the_user_is_one(at: At, uid: str) -> None:
    users.change(uid=uid, time_zone="America/New_York")
    at("2026-11-01T04:01")  # midnight; it has 25 hours
    goal_id = _goal(uid)
    at("2026-11-02T04:59")
    record_progress(uid=uid, goal_id=goal_id, current_value=3)
    assert _days(uid, goal_id) == [("2026-11-01", 3.0)]
