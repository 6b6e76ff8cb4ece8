"""Which app is calling, and for whom: `Authorization: Bearer sk_…`, the app in the path, the user in the query."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer

from common.core.errors import EarshotError, PermissionDeniedError, UnauthenticatedError
from common.core.logs import bind
from common.core.metering import charge
from common.core.settings import settings
from common.database import api_keys, apps, installs
from common.database.api_keys import KeyKind
from common.entry.api.identity import Credentials, limit_requests, presented
from common.models.app import App

_MINUTE_S = 60

app_key = HTTPBearer(scheme_name="AppKey", bearerFormat="sk_…", description="A key of the app", auto_error=False)

AppIdInPath = Annotated[str, Path(max_length=1500, examples=["01J9ZQ3TB4Y2M4N8S0X7K6R5VW"])]
ForUser = Annotated[str, Query(min_length=1, max_length=128, description="The user the app is calling for")]


@dataclass(frozen=True)
class Caller:
    """An app that is turned on by a user, and calls for that user."""

    app: App
    uid: str


def AppFor(action: str | None = None) -> Any:  # noqa: N802 - used as a type in signatures, like FastAPI's own markers
    """The calling app and its user; with `action`, only an app that has declared it."""

    async def identify(
        app_id: AppIdInPath, uid: ForUser, credentials: Annotated[Credentials, Security(app_key)]
    ) -> Caller:
        caller = await run_in_threadpool(authorise, app_id, presented(credentials), uid=uid, action=action)
        bind(uid=uid, step="api", app_id=app_id)
        charge(uid)
        return caller

    return Depends(identify)


def authorise(
    app_id: str,
    secret: str,
    *,
    uid: str,
    action: str | None = None,
    wrong_key: type[EarshotError] = UnauthenticatedError,
) -> Caller:
    """Judge what an app presents.

    Raises:
        NotFoundError: there is no such app.
        UnauthenticatedError: the key is not one of the app's; or `wrong_key`.
        RateLimitedError: the app calls too often for this user.
        PermissionDeniedError: the user has not turned it on or may not use it by now, or it has not declared `action`.
    """
    app = apps.get(app_id)
    if api_keys.find_by_secret(KeyKind.APP, secret, app_id=app_id) is None:
        raise wrong_key("The key is not valid")
    limit = settings().key_requests_per_minute
    limit_requests("app:minute", subject=f"{app_id} {uid}", limit=limit, window_s=_MINUTE_S)
    if not installs.is_enabled(app_id=app_id, uid=uid):
        raise PermissionDeniedError("The user has not enabled this app")
    if not app.usable_by(uid):
        raise PermissionDeniedError("The app is disabled, not approved, or somebody else's alone")
    if action is not None and not app.may(action):
        raise PermissionDeniedError(f"The app has not declared the action {action}")
    return Caller(app=app, uid=uid)
