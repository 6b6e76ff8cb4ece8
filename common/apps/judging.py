"""What administrators decide about apps: whether others see them, and which are put forward."""

from common.apps.proposing import as_proposed
from common.core import clock
from common.database import apps
from common.models.app import APPROVED, REJECTED, UNDER_REVIEW, App
from common.notifications.notify import notify


def list_waiting(*, limit: int) -> list[App]:
    """Public apps that wait for a decision."""
    return apps.list_waiting(status=UNDER_REVIEW, limit=limit)


def judge_app(app_id: str, *, approved: bool) -> App:
    """Let others see an app, or not; its maker is told.

    Where a change of an approved app waits, it is that which is approved or rejected: rejected, the app goes on as it
    was. Rejecting it once more takes the app itself away.

    Raises:
        NotFoundError: there is none.
    """
    app = apps.change(app_id, lambda found: _judged(found, approved=approved))
    if app.uid:
        rejected = "Your change was not approved" if app.approved else "Your app was not approved"
        notify(
            uid=app.uid,
            kind=f"app_{APPROVED if approved else REJECTED}",
            title=app.name,
            body="Everybody can find your app now" if approved else rejected,
            data={"app_id": app.id, "navigate_to": f"/apps/{app.id}"},
        )
    return app


def _judged(app: App, *, approved: bool) -> App:
    if approved:
        wanted = as_proposed(app).model_copy(update={"proposal": None})
        return wanted.model_copy(update={"approved": True, "status": APPROVED, "updated_at": clock.now()})
    goes_on = app.approved and app.proposal is not None and app.status == UNDER_REVIEW
    return app.model_copy(update={"approved": goes_on, "status": REJECTED, "updated_at": clock.now()})


def set_popular(app_id: str, *, popular: bool) -> App:
    """Put an app forward, or no longer.

    Raises:
        NotFoundError: there is none.
    """
    return apps.change(app_id, lambda found: found.model_copy(update={"is_popular": popular}))
