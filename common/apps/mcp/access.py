"""Asking a remote MCP server with what a user was granted there, which is renewed when it is over, by one at a time.

Who renews gives an old refresh token for a new one, and many servers take the second use of the old one for theft. So
whoever wants to renew claims the tokens' edition first, and the others wait for what comes of it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from common.apps.mcp import tokens
from common.core import clock
from common.core.errors import (
    AuthorizationWantedError,
    LeaseHeldError,
    LeaseLostError,
    NotFoundError,
    OutsideError,
)
from common.core.ids import new_id
from common.core.logs import get_logger
from common.database import mcp_grants
from common.database.once import do_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from common.core.clock import Deadline
    from common.models.app import App
    from common.models.mcp import McpGrant, Tokens

_EARLY = timedelta(seconds=20)
"""Before their end tokens are renewed: what is asked has to arrive."""
_POLL_S = 0.2
_RENEWED_WITHIN_S = 20.0
"""Real seconds; who does not wait for the answer has lost what it says."""
_SETTLED_S = 24 * 3600.0
_STEP = "renew_mcp"
_OVER = "What the user has granted the app's server is over"

T = TypeVar("T")


def with_access(
    app: App, use: Callable[[str | None], T], *, uid: str, deadline: Deadline, may_sign_in: bool = False
) -> T:
    """What is had of an app's server.

    Args:
        app: an app with a remote MCP server.
        use: asks the server; gets what lets the user in, None where they were granted nothing.
        uid: the user. What they were granted serves nobody else, the app's maker included.
        deadline: for renewing it.
        may_sign_in: whether the user is there to be sent to sign in: then they are also where what they were granted
            cannot be renewed now, for whoever granted it may be gone for good, and another have taken the place.

    Raises:
        AuthorizationWantedError: the user has to be granted something first, or again.
        OutsideError: the server, or whoever lets users in there, does not answer as it should.
    """
    grant = mcp_grants.of(uid=uid).find(app.id)
    held = _held(app, grant)
    if grant is None or held is None:
        return use(None)
    if held.refresh_token is not None and held.expires_at is not None and clock.now() > held.expires_at - _EARLY:
        try:
            grant, held = _renew(grant, uid=uid, deadline=deadline)
        except OutsideError as error:
            if not (may_sign_in or isinstance(error, AuthorizationWantedError)):
                raise
            return use(None)  # the server says how it wants to know the user
    try:
        return use(held.access_token)
    except AuthorizationWantedError as error:
        if held.refresh_token is None:
            raise
        challenge = error.challenge
    try:
        _, renewed = _renew(grant, uid=uid, deadline=deadline)
    except OutsideError as error:
        if not (may_sign_in or isinstance(error, AuthorizationWantedError)):
            raise
        raise AuthorizationWantedError(_OVER, challenge=challenge) from None
    return use(renewed.access_token)


def _held(app: App, grant: McpGrant | None) -> Tokens | None:
    """What lets the user in at this very server."""
    if grant is None or grant.registration is None or grant.registration.server_url != app.mcp_server_url:
        return None
    return grant.tokens


def _renew(old: McpGrant, *, uid: str, deadline: Deadline) -> tuple[McpGrant, Tokens]:
    """The grant with the tokens that follow `old`'s."""
    subject = f"{old.id}:{old.edition}"
    while True:
        with suppress(LeaseHeldError, LeaseLostError):
            do_once(partial(_renewed, old, uid=uid), uid=uid, step=_STEP, subject=subject, kept_s=_SETTLED_S)
        grant = mcp_grants.of(uid=uid).find(old.id)
        if grant is None or grant.tokens is None:
            raise AuthorizationWantedError(_OVER)
        if grant.edition != old.edition:
            return grant, grant.tokens
        if deadline.passed:
            raise OutsideError("What the user was granted cannot be renewed now")
        clock.pause(_POLL_S)


def _renewed(old: McpGrant, *, uid: str) -> str:
    """Have new tokens stored, or that there are none any more."""
    grants = mcp_grants.of(uid=uid)
    grant = grants.find(old.id)
    if grant is None or grant.edition != old.edition or grant.registration is None or grant.tokens is None:
        return "changed"
    given: Tokens | None = None
    try:
        given = tokens.refresh(grant.registration, grant.tokens, deadline=clock.Deadline.real(_RENEWED_WITHIN_S))
    except AuthorizationWantedError:
        get_logger().info("mcp_grant_over")

    def after(now: McpGrant) -> McpGrant | None:
        if now.edition != old.edition:
            return None
        return now.model_copy(update={"tokens": given, "edition": new_id()})

    try:
        grants.change(old.id, after)
    except NotFoundError:
        return "gone"
    return "over" if given is None else "renewed"
