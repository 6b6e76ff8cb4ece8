"""Asking such a service for something, with what lets us in there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from common.action_items.elsewhere.granted import connect_again, renewed, say_over
from common.action_items.elsewhere.requests import decoded, sent
from common.core import clock
from common.database import task_grants

if TYPE_CHECKING:
    from common.models.task_grant import TaskGrant
    from common.models.user import TaskApp
    from common.speech.posting import Answer

_EARLY = timedelta(seconds=30)
_UNKNOWN = 401
_SHUT_OUT = (_UNKNOWN, 403)
_NOT_THERE = (404, 410)


def ask(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Any:
    """What a service answers for a user, None for nothing; what lets us in is renewed when it is over.

    Raises:
        NotFoundError: the user has not signed in there.
        ConflictError: they have to sign in there again.
        OutsideError: the service refuses this, or answers nonsense.
        ProviderError: it cannot be reached now.
    """
    return decoded(app, _answered(app, method, url, uid=uid, **request))


def ask_if_there(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Any:
    """The same of something that may not be there: then None; errors as of `ask`."""
    answer = _answered(app, method, url, uid=uid, **request)
    return decoded(app, answer) if answer.status not in _NOT_THERE else None


def _answered(app: TaskApp, method: str, url: str, *, uid: str, **request: Any) -> Answer:
    grant = task_grants.of(uid=uid).get(app.value)
    if grant.refresh_token and grant.expires_at is not None and clock.now() > grant.expires_at - _EARLY:
        grant = renewed(app, grant, uid=uid)
    answer = _with_token(app, grant, method, url, **request)
    if answer.status in _SHUT_OUT and grant.refresh_token:
        grant = renewed(app, grant, uid=uid)
        answer = _with_token(app, grant, method, url, **request)
    if answer.status == _UNKNOWN:
        say_over(app, grant, uid=uid)
    if answer.status in _SHUT_OUT:
        raise connect_again(app)
    return answer


def _with_token(app: TaskApp, grant: TaskGrant, method: str, url: str, **request: Any) -> Answer:
    headers = {**request.pop("headers", {}), "Authorization": f"Bearer {grant.access_token}"}
    return sent(app, method, url, headers=headers, **request)
