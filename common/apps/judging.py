"""What administrators decide about apps: whether others see them, and which are put forward."""

from datetime import datetime

from common.apps.proposing import as_proposed, version_of
from common.core import clock
from common.core.errors import ConflictError
from common.database import apps
from common.models.app import APPROVED, REJECTED, UNDER_REVIEW, App
from common.notifications.notify import notify


def list_waiting(*, limit: int) -> list[App]:
    """Public apps that wait for a decision."""
    return apps.list_waiting(status=UNDER_REVIEW, limit=limit)


def judge_app(app_id: str, *, approved: bool, version: str | None = None) -> App:
    """Let others see an app, or not; its maker is told, once.

    Where a change of an approved app waits, it is that which is approved or rejected: rejected, the app goes on as it
    was. Rejecting it once more takes the app itself away, unless a version is named, which is rejected once.

    Args:
        app_id: which.
        approved: whether others may see it.
        version: what was looked at; without it, whatever waits by now.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is to become something else by now.
    """
    at = clock.now()
    app = apps.change(app_id, lambda found: _judged(found, approved=approved, version=version, at=at))
    if app.uid:
        status = APPROVED if approved else REJECTED
        rejected = "Your change was not approved" if app.approved else "Your app was not approved"
        notify(
            uid=app.uid,
            kind=f"app_{status}",
            title=app.name,
            body="Everybody can find your app now" if approved else rejected,
            once=(app.id, status, str(app.updated_at)),
            data={"app_id": app.id, "navigate_to": f"/apps/{app.id}"},
        )
    return app


def _judged(app: App, *, approved: bool, version: str | None, at: datetime) -> App | None:
    """The app as it is then; None where it is so already. Pure."""
    if app.updated_at == at:
        return None  # done, but the answer was lost
    if version is not None and version != version_of(app):
        raise ConflictError("The app has changed since it was looked at: look at it again")
    if approved:
        if app.approved and app.status == APPROVED and app.proposal is None:
            return None
        wanted = as_proposed(app).model_copy(update={"proposal": None})
        return wanted.model_copy(update={"approved": True, "status": APPROVED, "updated_at": at})
    if version is not None and app.status == REJECTED:
        return None
    goes_on = app.approved and app.proposal is not None and app.status == UNDER_REVIEW
    return app.model_copy(update={"approved": goes_on, "status": REJECTED, "updated_at": at})


def set_popular(app_id: str, *, popular: bool) -> App:
    """Put an app forward, or no longer.

    Raises:
        NotFoundError: there is none.
    """
    return apps.change(app_id, lambda found: found.model_copy(update={"is_popular": popular}))
