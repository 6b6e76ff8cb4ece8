"""What lets us in at such a service: had for a code, renewed when it is over, by one at a time, and its end.

Who renews gives an old refresh token for a new one, and some services take the second use of the old one for theft. So
whoever wants to renew claims the grant's edition first, and the others wait for what comes of it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from common.action_items.elsewhere.requests import WITHIN_S, decoded, sent
from common.action_items.elsewhere.services import client_of, service_of
from common.core import clock
from common.core.errors import (
    ConflictError,
    LeaseHeldError,
    LeaseLostError,
    NotFoundError,
    OutsideError,
    ProviderError,
)
from common.core.ids import new_id
from common.core.logs import get_logger
from common.database import task_grants
from common.database.once import do_once
from common.models.task_grant import TaskGrant
from common.notifications.notify import notify
from common.users.task_apps import lose_task_app

if TYPE_CHECKING:
    from common.models.user import TaskApp
    from common.speech.posting import Answer

NOTIFICATION = "task_list_lost"
"""The kind of notification that tells of a list that lets us in no longer."""
_STEP = "renew_task_grant"
_SETTLED_S = 24 * 3600.0
_POLL_S = 0.2
_LONGEST_TOKEN = 20_000
_REFUSED = (400, 401, 403)
_OVER = "invalid_grant"
"""What the user granted is over (RFC 6749 section 5.2); whatever else is refused is for the operator to mend."""


def exchange(app: TaskApp, **form: str) -> TaskGrant:
    """What lets us in, for a code or a refresh token.

    Raises:
        BadRequestError: the service is not set up here.
        OutsideError: it refuses, or answers nonsense.
        ProviderError: it cannot be reached now.
    """
    return _given(app, _asked(app, **form))


def renewed(app: TaskApp, old: TaskGrant, *, uid: str) -> TaskGrant:
    """The grant that follows `old`.

    Raises:
        ConflictError: the user has to sign in there again.
        ProviderError: it cannot be renewed now.
    """
    deadline = clock.Deadline.real(2 * WITHIN_S)
    while True:
        with suppress(LeaseHeldError, LeaseLostError):
            do_once(
                partial(_renew, app, old, uid=uid),
                uid=uid,
                step=_STEP,
                subject=f"{app.value}:{old.edition}",
                kept_s=_SETTLED_S,
            )
        grant = task_grants.of(uid=uid).find(app.value)
        if grant is None:
            raise connect_again(app)
        if grant.edition != old.edition:
            return grant
        if deadline.passed:
            raise ProviderError(f"What {service_of(app).name} granted cannot be renewed now")
        clock.pause(_POLL_S)


def connect_again(app: TaskApp) -> ConflictError:
    """What the user has to be told."""
    return ConflictError(f"{service_of(app).name} has to be connected again")


def say_over(app: TaskApp, grant: TaskGrant, *, uid: str) -> None:
    """Forget what lets nobody in any more, and tell the user; who has signed in again meanwhile stays connected."""
    if not task_grants.drop(grant, uid=uid):
        return
    lose_task_app(app, uid=uid)
    get_logger().info("task_grant_over", app=app.value)
    notify(
        uid=uid,
        kind=NOTIFICATION,
        title=service_of(app).name,
        body="It lets us in no longer: connect it again in the settings to have new tasks put there.",
        once=(app.value, grant.edition),
        data={"task_app": app.value},
    )


def _renew(app: TaskApp, old: TaskGrant, *, uid: str) -> str:
    """Have a new grant stored, or that there is none any more."""
    grants = task_grants.of(uid=uid)
    grant = grants.find(app.value)
    if grant is None or grant.edition != old.edition:
        return "changed"
    answer = _asked(app, grant_type="refresh_token", refresh_token=grant.refresh_token or "")
    if answer.status in _REFUSED and _error(answer) == _OVER:
        say_over(app, grant, uid=uid)
        return "over"
    try:
        given = _given(app, answer)
    except OutsideError as error:
        raise ProviderError(str(error)) from error
    kept = given.model_copy(update={"refresh_token": given.refresh_token or grant.refresh_token})
    # Only while the user is still connected: who has disconnected meanwhile, or signed in again, stays so.
    with suppress(NotFoundError):
        grants.change(app.value, lambda now: kept if now.edition == old.edition else None)
    return "renewed"


def _asked(app: TaskApp, **form: str) -> Answer:
    client_id, secret = client_of(app)
    data = {"client_id": client_id, "client_secret": secret, **form}
    return sent(app, "POST", service_of(app).token_url, data=data)


def _given(app: TaskApp, answer: Answer) -> TaskGrant:
    said = decoded(app, answer)
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
        edition=new_id(),
    )


def _error(answer: Answer) -> object:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return said.get("error") if isinstance(said, dict) else None
