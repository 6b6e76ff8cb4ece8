"""When an app's maker is told that its address fails, and when that is the end."""

from datetime import UTC, datetime, timedelta

import pytest

from common.apps.health import failed_again, hours_due
from common.models.webhook import WebhookHealth

START = datetime(2026, 1, 1, tzinfo=UTC)
WELL = WebhookHealth(id="current")


def _after(*hours: float) -> WebhookHealth:
    """The record after failures at these hours."""
    health = WELL
    for each in hours:
        health = failed_again(health, "status 500", now=START + timedelta(hours=each)) or health
    return health


def test_failures_in_a_row_are_one_period() -> None:
    health = _after(0, 1, 20)
    assert (health.failing_since, health.failures, health.last_error) == (START, 3, "status 500")


def test_many_at_once_are_noted_once() -> None:
    assert failed_again(_after(0), "status 500", now=START + timedelta(seconds=59)) is None


def test_two_failures_with_days_between_them_are_no_period() -> None:
    health = _after(0, 1, 2, 80)
    assert (health.failing_since, health.failures) == (START + timedelta(hours=80), 1)
    assert hours_due(health, now=START + timedelta(hours=80)) == 0


@pytest.mark.parametrize(
    ("hours", "told", "due"),
    [(23.9, 0, 0), (24, 0, 24), (30, 24, 0), (48, 24, 48), (60, 48, 0), (71.9, 48, 0), (72, 48, 72), (90, 72, 0)],
)
def test_each_step_is_due_once(hours: float, told: int, due: int) -> None:
    health = _after(*range(0, int(hours), 6), hours).model_copy(update={"told_hours": told})
    assert hours_due(health, now=START + timedelta(hours=hours)) == due


def test_who_was_never_warned_is_disabled_all_the_same() -> None:
    assert hours_due(_after(*range(0, 80, 10)), now=START + timedelta(hours=72)) == 72


def test_a_few_failures_say_nothing_about_a_day() -> None:
    assert hours_due(_after(0, 24), now=START + timedelta(hours=24)) == 0
