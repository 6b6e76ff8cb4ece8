"""`/v1/oauth`: a user signs in to an app with an account here (CONTRACT section 4.5)."""

import secrets
from typing import Annotated

from fastapi import Form, Query, Response
from fastapi.responses import HTMLResponse

from common.apps.enabling import enable_app
from common.core.errors import BadRequestError
from common.core.logs import bind
from common.database import apps
from common.entry.api.apps.asking import limit_asking
from common.entry.api.apps.consent_page import render
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.entry.auth import verify_token
from common.models.app import App
from common.models.base import Shape

router = Router(prefix="/v1/oauth", tags=["apps"])

_LONGEST_TOKEN = 8192
AppId = Annotated[str, Query(min_length=1, max_length=1500, examples=["01J9ZQ3TB4Y2M4N8S0X7K6R5VW"])]
State = Annotated[str, Query(max_length=2000, description="The app's own, told back to it unchanged")]


class Granted(Shape):
    """Where the browser goes now, with `uid` and `state`."""

    uid: str
    redirect_url: str
    state: str | None = None


@router.get(
    "/authorize",
    response_class=Response,  # errors are JSON
    responses={
        **responses(400, 404),
        200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}},
    },
)
def authorize(app_id: AppId, state: State = "") -> HTMLResponse:
    """A page on which a user lets an app in."""
    app = apps.get(app_id)
    _home(app)
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(render(app, state=state, nonce=nonce), headers=headers)


@router.post("/token", responses=responses(400, 401, 403, 404, 429))
def token(
    firebase_id_token: Annotated[str, Form(min_length=1, max_length=_LONGEST_TOKEN)],
    app_id: Annotated[str, Form(min_length=1, max_length=1500)],
    state: Annotated[str | None, Form(max_length=2000)] = None,
) -> Granted:
    """Turn the app on for whoever the token names, once its setup is completed."""
    uid = verify_token(firebase_id_token)
    bind(uid=uid, step="api")
    _home(apps.get(app_id))
    limit_asking(uid)
    return Granted(uid=uid, redirect_url=_home(enable_app(app_id, uid=uid)), state=state)


def _home(app: App) -> str:
    url = app.external_integration.app_home_url if app.external_integration else None
    if not url:
        raise BadRequestError("The app has no page to return to")
    return url
