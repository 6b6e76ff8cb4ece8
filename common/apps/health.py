"""An app whose address keeps failing: its maker is warned, after three days it is disabled (CONTRACT section 8.6).

A maker who has mended it turns it on again. Nobody is told about an hour's outage, and what is counted is time, not
failures: an app of many users fails often.
"""

from datetime import datetime

from common.apps.enabling import with_uid
from common.apps.fetch import fetch
from common.apps.showing import own_app
from common.core import clock
from common.core.errors import BadRequestError, PermissionDeniedError
from common.core.logs import get_logger
from common.database import apps, webhook_health
from common.models.app import App
from common.models.webhook import WebhookHealth
from common.notifications.notify import notify

HOUR_S = 3600.0
WARNED_AT_H = (24, 48)
DISABLED_AT_H = 72
REASON = "webhook_failing"
_FEWEST_FAILURES = 3
"""Less says nothing about the time between."""
_NOTED_EVERY_S = 60.0
_FORGOTTEN_AFTER_H = 24
"""After so long without a failure, and without a success either, one begins from the start."""
_SERVER_ERROR = 500


def note_failure(app: App, error: str) -> None:
    """Keep in mind that an app's address failed; tell its maker, or disable it, when that has gone on for long."""
    now = clock.now()
    before = webhook_health.find(app.id)
    after = failed_again(before, error, now=now)
    if after is None:
        return
    due = hours_due(after, now=now)
    if due:
        _warn(app, after, due) if due < DISABLED_AT_H else _disable(app, after)
        after = after.model_copy(update={"told_hours": due})
    webhook_health.of(app.id).put(after)


def note_success(app: App) -> None:
    """Forget what has failed before."""
    if webhook_health.find(app.id).failing_since is not None:
        webhook_health.of(app.id).put(WebhookHealth(id=webhook_health.CURRENT))


def turn_on_again(app_id: str, *, uid: str) -> App:
    """End that an app is disabled, once its address answers.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it, or it was disabled for another reason.
        BadRequestError: its address still fails, or must not be asked.
        OutsideError: its address does not answer.
    """
    app = own_app(app_id, uid=uid)
    if app.disabled and app.disabled_reason != REASON:
        raise PermissionDeniedError("The app was disabled for another reason")
    url = app.external_integration.webhook_url if app.external_integration else None
    if url:
        status, _ = fetch(with_uid(url, uid), encrypted=True)
        if status >= _SERVER_ERROR:
            raise BadRequestError(f"The app's address answers {status}")
    webhook_health.of(app_id).put(WebhookHealth(id=webhook_health.CURRENT))
    return apps.change(app_id, _enabled)


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


def _warn(app: App, health: WebhookHealth, hours: int) -> None:
    _tell_maker(app, health, f"Its address has been failing for {hours} hours", hours=hours)


def _disable(app: App, health: WebhookHealth) -> None:
    now = clock.now()

    def decide(found: App) -> App | None:
        update = {
            "disabled": True,
            "disabled_reason": REASON,
            "disabled_at": now,
            "disabled_error": health.last_error,
            "disabled_failure_duration_hours": DISABLED_AT_H,
            "updated_at": now,
        }
        return None if found.disabled else found.model_copy(update=update)

    apps.change(app.id, decide)
    get_logger().warning("app_disabled", app_id=app.id, reason=REASON)
    _tell_maker(app, health, "It was disabled: its address has been failing for three days", hours=DISABLED_AT_H)


def _enabled(app: App) -> App:
    update = {
        "disabled": False,
        "disabled_reason": None,
        "disabled_at": None,
        "disabled_error": None,
        "disabled_failure_duration_hours": None,
        "updated_at": clock.now(),
    }
    return app.model_copy(update=update)


def _tell_maker(app: App, health: WebhookHealth, text: str, *, hours: int) -> None:
    if app.uid:
        notify(
            uid=app.uid,
            kind="app_failing",
            title=app.name,
            body=text,
            once=(app.id, str(health.failing_since), str(hours)),
            data={"app_id": app.id, "navigate_to": f"/apps/{app.id}"},
        )
