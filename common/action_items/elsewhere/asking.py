"""Asking such a service for something, and for what lets us in there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from common.action_items.elsewhere.services import client_of, reached_at, service_of
from common.core import clock, retry_after
from common.core.errors import ConflictError, OutsideError
from common.database import task_grants
from common.models.task_grant import TaskGrant
from common.speech.posting import send
from common.speech.rejections import rejection

if TYPE_CHECKING:
    from common.models.user import TaskApp
    from common.speech.posting import Answer

_WITHIN_S = 15.0
_EARLY = timedelta(seconds=30)
_LONGEST_TOKEN = 20_000
_SHUT_OUT = (401, 403)
_NOT_THERE = (404, 410)
_LATER = (408, 425, 429)
_SERVER_FAILS = 500


def ask(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Any:
    """What a service answers for a user, None for nothing; what lets us in is renewed when it is over.

    Raises:
        NotFoundError: the user has not signed in there.
        ConflictError: they have to sign in there again.
        OutsideError: the service refuses this, or answers nonsense.
        ProviderError: it cannot be reached now.
    """
    return _decoded(app, _answered(app, method, url, uid=uid, **request))


def ask_if_there(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Any:
    """The same of something that may not be there: then None; errors as of `ask`."""
    answer = _answered(app, method, url, uid=uid, **request)
    return _decoded(app, answer) if answer.status not in _NOT_THERE else None


def _answered(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Answer:
    grant = task_grants.of(uid=uid).get(app.value)
    if grant.refresh_token and grant.expires_at is not None and clock.now() > grant.expires_at - _EARLY:
        grant = _renewed(app, grant, uid=uid)
    answer = _with_token(app, grant, method, url, **request)
    if answer.status in _SHUT_OUT and grant.refresh_token:
        grant = _renewed(app, grant, uid=uid)
        answer = _with_token(app, grant, method, url, **request)
    if answer.status in _SHUT_OUT:
        raise ConflictError(f"{service_of(app).name} has to be connected again")
    return answer


def exchange(app: TaskApp, **form: str) -> TaskGrant:
    """What lets us in, for a code or a refresh token.

    Raises:
        BadRequestError: the service is not set up here.
        OutsideError: it refuses, or answers nonsense.
        ProviderError: it cannot be reached now.
    """
    client_id, secret = client_of(app)
    data = {"client_id": client_id, "client_secret": secret, **form}
    said = _decoded(app, _sent(app, "POST", service_of(app).token_url, data=data))
    tokens = [said.get(name) if isinstance(said, dict) else None for name in ("access_token", "refresh_token")]
    access, refresh = (each if isinstance(each, str) and 0 < len(each) <= _LONGEST_TOKEN else None for each in tokens)
    if access is None:
        raise OutsideError(f"{service_of(app).name} granted nothing")
    seconds = said.get("expires_in")
    lasts = timedelta(seconds=seconds) if type(seconds) is int and 0 < seconds < 10**9 else None
    return TaskGrant(
        id=app.value,
        access_token=access,
        refresh_token=refresh,
        expires_at=clock.now() + lasts if lasts is not None else None,
    )


def _renewed(app: TaskApp, grant: TaskGrant, *, uid: str) -> TaskGrant:
    try:
        given = exchange(app, grant_type="refresh_token", refresh_token=grant.refresh_token or "")
    except OutsideError:
        raise ConflictError(f"{service_of(app).name} has to be connected again") from None
    kept = given.model_copy(update={"refresh_token": given.refresh_token or grant.refresh_token})
    # Only while the user is still connected: who has disconnected meanwhile stays so.
    return task_grants.of(uid=uid).change(app.value, lambda _: kept)


def _with_token(app: TaskApp, grant: TaskGrant, method: str, url: str, **request: Any) -> Answer:
    headers = {**request.pop("headers", {}), "Authorization": f"Bearer {grant.access_token}"}
    return _sent(app, method, url, headers=headers, **request)


def _sent(app: TaskApp, method: str, url: str, **request: Any) -> Answer:
    return send(method, reached_at(url), provider=service_of(app).name, within_s=_WITHIN_S, **request)


def _decoded(app: TaskApp, answer: Answer) -> Any:
    name = service_of(app).name
    if answer.status in _LATER or answer.status >= _SERVER_FAILS:
        raise rejection(name, answer.status, pause_s=retry_after.seconds_of(answer.headers.get("Retry-After")))
    if not answer.ok:
        raise OutsideError(f"{name} refuses ({answer.status})")
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise OutsideError(f"{name} answers nonsense") from None
