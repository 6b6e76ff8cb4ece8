"""Turning apps on and off for a user."""

import json

from common.apps.fetch import fetch
from common.apps.showing import visible_app
from common.core.errors import BadRequestError, OutsideError, PermissionDeniedError
from common.database import installs
from common.models.app import App

_OK = 200


def enable_app(app_id: str, *, uid: str) -> App:
    """Turn an app on, once the user has done what it needs beforehand.

    Raises:
        NotFoundError: there is none, or it is not approved and somebody else's.
        PermissionDeniedError: it is private and somebody else's, or has to be paid for.
        BadRequestError: it is disabled, or its setup is not completed.
    """
    app = visible_app(app_id, uid=uid)
    if app.disabled:
        raise BadRequestError("The app is disabled")
    if app.is_paid and app.price > 0 and not app.owned_by(uid):
        raise PermissionDeniedError("The app has to be paid for")
    url = app.external_integration.setup_completed_url if app.external_integration else None
    if url and not is_setup_completed(url, uid=uid):
        raise BadRequestError("The app's setup is not completed")
    installs.enable(app, uid=uid)
    return app


def visible_enabled_app(app_id: str, *, uid: str) -> App:
    """The app, if this user may see it and has turned it on.

    Raises:
        NotFoundError: there is none, or it is not approved and somebody else's.
        PermissionDeniedError: it is private and somebody else's.
        BadRequestError: it is not turned on.
    """
    app = visible_app(app_id, uid=uid)
    if not installs.is_enabled(app_id=app_id, uid=uid):
        raise BadRequestError("The app is not enabled")
    return app


def is_setup_completed(url: str, *, uid: str) -> bool:
    """Whether the app says that this user has done what it needs (CONTRACT section 8.7)."""
    try:
        status, body = fetch(with_uid(url, uid), headers={"accept": "application/json"}, encrypted=True)
        answer = json.loads(body) if status == _OK else None
    except (OutsideError, ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and answer.get("is_setup_completed") is True


def with_uid(url: str, uid: str, **also: str) -> str:
    """An app's address that tells for whom it is called, and whatever else has to be known to answer."""
    from urllib.parse import quote, urlencode

    place = url.partition("#")[0]
    return f"{place}{'&' if '?' in place else '?'}{urlencode({**also, 'uid': uid}, quote_via=quote, safe='')}"
