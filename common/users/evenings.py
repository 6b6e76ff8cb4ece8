"""When users' days are summed up: who has something to look back on is waited for, everybody else costs nothing.

See docs/decisions/0025-evenings.md.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from common.core import clock
from common.core.logs import get_logger
from common.core.time_zones import zone_of
from common.database import day_ends, tasks, users
from common.models.daily_summary import DayEnd
from common.models.events import SummarizeDay
from common.models.user import UserSettings
from common.users.local_time import next_evening

MOST_AT_ONCE = 2000
"""Users whose day ends that one round looks after; the next takes the next ones."""
_LOOK_AGAIN_S = 900.0
"""After so long somebody looks whether the day was summed up."""
_LATEST_S = 12 * 3600.0
"""A day that could not be summed up for so long stays as it is."""
_THREADS = 16


def expect_evening(*, uid: str) -> None:
    """Something was said: have the day summed up when it ends, if the user wants that."""
    user = users.find(uid=uid)
    if user.daily_summary_enabled:
        now = clock.now()
        day_ends.expect(evening_after(now, user), now=now, uid=uid)


def move_evening(*, uid: str) -> None:
    """The user has changed when their days end, or where they are, or whether they want them summed up."""
    user = users.find(uid=uid)
    now = clock.now()
    if user.daily_summary_enabled:
        day_ends.move(evening_after(now, user), now=now, uid=uid)
    else:
        day_ends.forget(uid=uid)


def want_evenings(*, uid: str, enabled: bool | None = None, hour: int | None = None) -> None:
    """Have the days of a user summed up, or not, and at which hour; what is None stays as it is."""
    wanted = {"daily_summary_enabled": enabled, "daily_summary_hour_local": hour}
    changed = {name: value for name, value in wanted.items() if value is not None}
    if changed:
        users.change(uid=uid, **changed)
        move_evening(uid=uid)


def call_evenings() -> int:
    """Have the days summed up that have ended; how many."""
    now = clock.now()
    found = day_ends.list_due(now, limit=MOST_AT_ONCE)
    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(lambda each: _call(*each, now=now), found))


def evening_after(moment: datetime, user: UserSettings) -> datetime:
    """When the user's day ends next. Pure."""
    return next_evening(moment, hour=hour_of(user), zone=zone_of(user.time_zone))


def hour_of(user: UserSettings) -> int:
    """At which hour the user's day ends. Pure."""
    return min(max(user.daily_summary_hour_local, 0), 23)


def _call(uid: str, known: DayEnd, *, now: datetime) -> int:
    """One user's; what is wrong with it must not hold up the others."""
    try:
        if now - known.at > clock.duration(_LATEST_S):
            get_logger().warning("day_given_up")
            day_ends.settle(known.at, uid=uid)
            return 0
        # The task first: if this ends in between, the next round asks for the same task, which is there already.
        tasks.enqueue_day(SummarizeDay(uid=uid, evening=known.at), attempt_at=known.look_at)
        day_ends.postpone(known, now + clock.duration(_LOOK_AGAIN_S), uid=uid)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries it again
        get_logger().error("evening_not_called", error=type(error).__name__)
        return 0
    return 1
