"""What administrators decide about apps: whether others see them, and which are put forward."""

from common.core import clock
from common.database import apps
from common.models.app import APPROVED, REJECTED, UNDER_REVIEW, App
from common.notifications.notify import notify


def list_waiting(*, limit: int) -> list[App]:
    """Public apps that wait for a decision."""
    return apps.list_waiting(status=UNDER_REVIEW, limit=limit)


def judge_app(app_id: str, *, approved: bool) -> App:
    """Let others see an app, or not; its maker is told.

    Raises:
        NotFoundError: there is none.
    """
    status = APPROVED if approved else REJECTED
    update = {"approved": approved, "status": status, "updated_at": clock.now()}
    app = apps.change(app_id, lambda found: found.model_copy(update=update))
    if app.uid:
        notify(
            uid=app.uid,
            kind=f"app_{status}",
            title=app.name,
            body="Everybody can find your app now" if approved else "Your app was not approved",
            data={"app_id": app.id, "navigate_to": f"/apps/{app.id}"},
        )
    return app


def set_popular(app_id: str, *, popular: bool) -> App:
    """Put an app forward, or no longer.

    Raises:
        NotFoundError: there is none.
    """
    return apps.change(app_id, lambda found: found.model_copy(update={"is_popular": popular}))
