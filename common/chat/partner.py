"""Whom a chat is with, if not with the assistant alone."""

from common.apps.showing import visible_app
from common.core.errors import NotFoundError, PermissionDeniedError
from common.models.app import App


def find_partner(app_id: str | None, *, uid: str) -> App | None:
    """The app that a chat names, if there is one that this user may see and that works."""
    try:
        app = visible_app(app_id, uid=uid) if app_id else None
    except (NotFoundError, PermissionDeniedError):
        return None
    return None if app is None or app.deleted or app.disabled else app
