"""An address that keeps failing: its owner is warned, and after three days nothing is told it any more (CONTRACT 8.6).

Nobody is told about an hour's outage, and what is counted is time, not failures: an app of many users fails often.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from common.core import clock
from common.core.logs import get_logger
from common.database import webhook_health
from common.database.documents import Documents
from common.models.webhook import WebhookHealth
from common.notifications.notify import notify

HOUR_S = 3600.0
WARNED_AT_H = (24, 48)
DISABLED_AT_H = 72
_FEWEST_FAILURES = 3
"""Less says nothing about the time between."""
_NOTED_EVERY_S = 60.0
_FORGOTTEN_AFTER_H = 24
"""After so long without a failure, and without a success either, one begins from the start."""


@dataclass(frozen=True)
class Watched:
    """An address whose failures are kept in mind.

    Attributes:
        records: where.
        owner: whom to tell; nobody where it is empty.
        name: what it is called when its owner is told.
        data: what the owner's client needs to show it.
        turn_off: ends that it is told anything.
    """

    records: Documents[WebhookHealth]
    owner: str
    name: str
    data: dict[str, str]
    turn_off: Callable[[WebhookHealth], None]


def note_failure(watched: Watched, error: str) -> None:
    """Keep in mind that an address failed; warn its owner, or turn it off, when that has gone on for long."""
    now = clock.now()
    after = failed_again(webhook_health.find(watched.records), error, now=now)
    if after is None:
        return
    due = hours_due(after, now=now)
    if due == DISABLED_AT_H:
        # Before the rest: what is turned off may begin from the start, and nothing may be put back then.
        watched.records.put(after)
        watched.turn_off(after)
        get_logger().warning("webhook_turned_off", **watched.data)
        _tell(watched, after, "It was disabled: its address has been failing for three days", hours=due)
        return
    if due:
        _tell(watched, after, f"Its address has been failing for {due} hours", hours=due)
    watched.records.put(after.model_copy(update={"told_hours": due or after.told_hours}))


def note_success(watched: Watched) -> None:
    """Forget what has failed before."""
    if webhook_health.find(watched.records).failing_since is not None:
        webhook_health.forget(watched.records)


def failed_again(health: WebhookHealth, error: str, *, now: datetime) -> WebhookHealth | None:
    """The record after one more failure, or None where the last one was noted a moment ago. Pure."""
    since, last = health.failing_since, health.last_failed_at
    if last is not None and now - last < clock.duration(_NOTED_EVERY_S):
        return None
    if since is None or last is None or now - last > clock.duration(_FORGOTTEN_AFTER_H * HOUR_S):
        health, since = WebhookHealth(id=health.id), now
    return health.model_copy(
        update={
            "failing_since": since,
            "last_failed_at": now,
            "failures": health.failures + 1,
            "last_error": error,
        }
    )


def hours_due(health: WebhookHealth, *, now: datetime) -> int:
    """For how many hours of failing something has to be done now; 0 for nothing. Pure."""
    if health.failing_since is None or health.failures < _FEWEST_FAILURES:
        return 0
    reached = [
        hours for hours in (*WARNED_AT_H, DISABLED_AT_H) if now - health.failing_since >= clock.duration(hours * HOUR_S)
    ]
    return reached[-1] if reached and reached[-1] > health.told_hours else 0


def _tell(watched: Watched, health: WebhookHealth, text: str, *, hours: int) -> None:
    if watched.owner:
        notify(
            uid=watched.owner,
            kind="webhook_failing",
            title=watched.name,
            body=text,
            once=(*watched.data.values(), str(health.failing_since), str(hours)),
            data=watched.data,
        )
