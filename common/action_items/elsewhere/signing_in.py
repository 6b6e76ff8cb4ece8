"""Sending a user to a service where they keep tasks, and what becomes of it when they come back (RFC 6749, 4.1)."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from common.action_items.elsewhere.granted import exchange
from common.action_items.elsewhere.services import client_of, reached_at, service_of
from common.core.errors import BadRequestError
from common.database import mcp_authorizations, task_grants, wrapping
from common.models.user import TaskApp
from common.users.task_apps import connect_task_app

WAITED_S = 600.0
"""Real seconds, for a person who was sent away."""
_KIND = "task_app:"
"""Before the name of the service, where others wait for what is granted for an app of the store."""


def send_away(app: TaskApp, *, uid: str, redirect_uri: str) -> str:
    """Where a user has to go to sign in.

    Raises:
        BadRequestError: the service is not set up here, or there is no key to seal with what it grants.
    """
    client_id, _ = client_of(app)
    if not wrapping.is_possible():
        raise BadRequestError("No key is set up here to keep with what the service grants (KMS_KEY)")
    service, state = service_of(app), secrets.token_urlsafe(32)
    mcp_authorizations.expect(state, uid=uid, app_id=f"{_KIND}{app.value}", within_s=WAITED_S)
    asked = {"client_id": client_id, "redirect_uri": redirect_uri, "response_type": "code", "state": state}
    return f"{reached_at(service.authorize_url)}?{urlencode(asked | dict(service.authorize_with))}"


def come_back(state: str, code: str, *, redirect_uri: str) -> TaskApp:
    """Connect the service that a user comes back from.

    Raises:
        BadRequestError: nobody waits for this, any more or at all, or the user was refused.
        OutsideError: the service grants nothing.
        ProviderError: it cannot be reached now.
    """
    waiting = mcp_authorizations.take(state)
    if waiting is None or not waiting.app_id.startswith(_KIND):
        raise BadRequestError("This took too long, or was done before: try again from the app")
    if not code:
        raise BadRequestError("The service let nobody in")
    app = TaskApp(waiting.app_id.removeprefix(_KIND))
    grant = exchange(app, grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
    task_grants.of(uid=waiting.uid).put(grant)
    connect_task_app(app, connected=True, uid=waiting.uid)
    return app
