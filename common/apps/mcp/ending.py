"""The end of what a user was granted: forgotten here first, then given back to whoever granted it, if they take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.apps.mcp.named import ask_named
from common.apps.mcp.tokens import revoke
from common.core.clock import Deadline
from common.core.errors import OutsideError
from common.core.logs import get_logger
from common.database import mcp_authorizations, mcp_grants

if TYPE_CHECKING:
    from common.models.mcp import McpGrant, Registration

_WITHIN_S = 4.0
"""Real seconds for strangers to take back what is of no use any more."""
_ALL_WITHIN_S = 30.0


def disconnect(app_id: str, *, uid: str, deadline: Deadline | None = None) -> None:
    """Forget what a user was granted for an app.

    Args:
        app_id: the app.
        uid: the user.
        deadline: for telling others.
    """
    grant = mcp_grants.of(uid=uid).find(app_id)
    mcp_grants.of(uid=uid).delete_many([app_id])
    if grant is not None:
        if grant.pending is not None:
            mcp_authorizations.forget(grant.pending.state_id)
        end(grant, deadline=deadline)


def disconnect_all(*, uid: str) -> None:
    """The same for all apps of a user."""
    deadline = Deadline.real(_ALL_WITHIN_S)
    for grant in mcp_grants.list_all(uid=uid):
        disconnect(grant.id, uid=uid, deadline=deadline)


def end(grant: McpGrant, *, deadline: Deadline | None = None) -> None:
    """Have it forgotten where it was granted; whether it is, is their own affair."""
    until = deadline or Deadline.real(_WITHIN_S)
    if grant.registration is not None:
        if grant.tokens is not None:
            revoke(grant.registration, grant.tokens, deadline=until)
        unregister(grant.registration, deadline=until)
    if grant.pending is not None:
        unregister(grant.pending.registration, deadline=until)


def unregister(registration: Registration, *, deadline: Deadline | None = None) -> None:
    """Have an authorization server forget us, where it offers that (RFC 7592)."""
    if registration.registration_uri is None or registration.registration_token is None:
        return
    headers = {"authorization": f"Bearer {registration.registration_token}"}
    until = deadline or Deadline.real(_WITHIN_S)
    try:
        ask_named(registration.registration_uri, method="DELETE", headers=headers, deadline=until)
    except OutsideError:
        get_logger().info("mcp_registration_not_ended")
