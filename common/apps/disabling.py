"""What it means that nothing is told an address any more, and how its owner ends that."""

from common.apps.enabling import with_uid
from common.apps.fetch import fetch
from common.apps.health import DISABLED_AT_H, Watched
from common.apps.showing import own_app
from common.core import clock
from common.core.errors import BadRequestError, PermissionDeniedError
from common.database import apps, users, webhook_health
from common.models.app import App
from common.models.webhook import DEVELOPER_TYPES, WebhookHealth, WebhookKind
from common.speech import circuits
from common.users.webhooks import circuit_of

REASON = "webhook_failing"
_SERVER_ERROR = 500


def app_watched(app: App) -> Watched:
    """An app's address: when it is turned off, nobody can turn the app on until its maker has mended it."""

    def turn_off(health: WebhookHealth) -> None:
        apps.change(app.id, lambda found: None if found.disabled else _disabled(found, health))

    return Watched(
        records=webhook_health.of_app(app.id),
        owner=app.uid or "",
        name=app.name,
        data={"app_id": app.id, "navigate_to": f"/apps/{app.id}"},
        turn_off=turn_off,
    )


def developer_watched(kind: WebhookKind, *, uid: str) -> Watched:
    """An address of the user's own: turned off it stays where it is, and the user may switch it on again."""
    name = DEVELOPER_TYPES[kind]

    def turn_off(_: WebhookHealth) -> None:
        users.change(uid=uid, developer_webhooks={name: {"enabled": False}})
        webhook_health.forget(records)

    records = webhook_health.of_user(uid=uid, kind=kind)
    return Watched(records=records, owner=uid, name="Your webhook", data={"webhook": name}, turn_off=turn_off)


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
        circuits.close(circuit_of(url, app_id=app_id))
    webhook_health.forget(webhook_health.of_app(app_id))
    return apps.change(app_id, _enabled)


def _disabled(app: App, health: WebhookHealth) -> App:
    now = clock.now()
    update = {
        "disabled": True,
        "disabled_reason": REASON,
        "disabled_at": now,
        "disabled_error": health.last_error,
        "disabled_failure_duration_hours": DISABLED_AT_H,
        "updated_at": now,
    }
    return app.model_copy(update=update)


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
