"""Sending a user to an authorization server, and what becomes of it when they come back: OAuth 2.1 with PKCE.

Between the two nothing is kept but in the store: whoever comes back may meet another instance. What they bring back is
worth something once, for a while, for the user and the app that it was made for, and for their newest attempt alone.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from common.apps.mcp import tokens
from common.apps.mcp.discovery import discover
from common.apps.mcp.ending import end, unregister
from common.apps.mcp.registering import register
from common.core.clock import Deadline
from common.core.errors import BadRequestError, InvalidInputError, NotFoundError, OutsideError
from common.core.ids import new_id
from common.database import mcp_authorizations, mcp_grants, wrapping
from common.models.mcp import McpGrant, Pending, Registration

if TYPE_CHECKING:
    from common.models.mcp import Tokens

WAITED_S = 900.0
"""Real seconds, for a person who was sent away."""
PREPARED_WITHIN_S = 20.0
"""Real seconds for becoming known to an authorization server."""
_EXCHANGED_WITHIN_S = 15.0
_LONGEST_CODE = 8192


@dataclass(frozen=True)
class Returned:
    """What somebody has come back with (RFC 6749 section 4.1.2, RFC 9207)."""

    state: str
    code: str = ""
    issuer: str | None = None


@dataclass(frozen=True)
class Prepared:
    """An authorization server that knows us, to which a user can be sent."""

    registration: Registration
    authorization_endpoint: str
    redirect_uri: str
    must_name_issuer: bool


def prepare(server_url: str, challenge: str, *, redirect_uri: str) -> Prepared:
    """Become known to whoever lets users in at a server.

    Args:
        server_url: the MCP server.
        challenge: with which it has refused somebody it does not know.
        redirect_uri: where users come back to.

    Raises:
        InvalidInputError: there is no key here to seal with what is granted.
        OutsideError: nobody lets users in there, or us.
    """
    if not wrapping.is_possible():
        raise InvalidInputError("The server wants to know the user, and no key is set up here to keep that with")
    deadline = Deadline.real(PREPARED_WITHIN_S)
    authority = discover(server_url, challenge, deadline=deadline)
    registration = register(authority, server_url=server_url, redirect_uri=redirect_uri, deadline=deadline)
    return Prepared(
        registration,
        authorization_endpoint=str(authority.metadata.authorization_endpoint),
        redirect_uri=redirect_uri,
        must_name_issuer=bool(authority.metadata.authorization_response_iss_parameter_supported),
    )


def send_away(prepared: Prepared, *, uid: str, app_id: str) -> str:
    """The address to which the user goes; what they were granted before stays theirs until they come back."""
    from mcp.client.auth.oauth2 import PKCEParameters

    pkce, state = PKCEParameters.generate(), secrets.token_urlsafe(32)
    pending = Pending(
        registration=prepared.registration,
        state_id=mcp_authorizations.expect(state, uid=uid, app_id=app_id, within_s=WAITED_S),
        verifier=pkce.code_verifier,
        redirect_uri=prepared.redirect_uri,
        must_name_issuer=prepared.must_name_issuer,
    )
    _wait_for(pending, uid=uid, app_id=app_id)
    asked = {
        "response_type": "code",
        "client_id": prepared.registration.client_id,
        "redirect_uri": prepared.redirect_uri,
        "state": state,
        "code_challenge": pkce.code_challenge,
        "code_challenge_method": "S256",
        "resource": prepared.registration.resource,
    }
    scope = prepared.registration.scope
    if scope:
        # OpenID Connect wants to hear the latter with the former (Core, section 11).
        asked |= {"scope": scope, **({"prompt": "consent"} if "offline_access" in scope.split() else {})}
    place = prepared.authorization_endpoint
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def _wait_for(pending: Pending, *, uid: str, app_id: str) -> None:
    """Wait for this attempt, and for none before it."""
    earlier: Pending | None = None

    def waiting(grant: McpGrant) -> McpGrant:
        nonlocal earlier
        earlier = grant.pending
        return grant.model_copy(update={"pending": pending})

    try:
        mcp_grants.of(uid=uid).change(app_id, waiting)
    except NotFoundError:
        mcp_grants.of(uid=uid).put(McpGrant(id=app_id, pending=pending))
    if earlier is not None:
        mcp_authorizations.forget(earlier.state_id)
        unregister(earlier.registration)


def take_back(returned: Returned) -> tuple[str, str]:
    """Keep what a user was granted; the user and the app.

    Raises:
        BadRequestError: nobody waits for this, any more or at all, or the user was refused.
        OutsideError: the authorization server does not keep to its word.
    """
    known = mcp_authorizations.take(returned.state)
    grant = mcp_grants.of(uid=known.uid).find(known.app_id) if known is not None else None
    pending = grant.pending if grant is not None else None
    if known is None or pending is None or not hmac.compare_digest(pending.state_id, known.id):
        raise BadRequestError("Nobody waits for this, or not any more. Please begin again in the app.")
    registration = pending.registration
    if returned.issuer != registration.issuer and (returned.issuer is not None or pending.must_name_issuer):
        raise BadRequestError("This comes from somebody else than whom you were sent to.")
    if not 0 < len(returned.code) <= _LONGEST_CODE:
        raise BadRequestError("You were not let in. Please begin again in the app if you want to be.")
    given = tokens.exchange(
        registration,
        code=returned.code,
        verifier=pending.verifier,
        redirect_uri=pending.redirect_uri,
        deadline=Deadline.real(_EXCHANGED_WITHIN_S),
    )
    _keep(pending, given, uid=known.uid, app_id=known.app_id)
    return known.uid, known.app_id


def _keep(pending: Pending, given: Tokens, *, uid: str, app_id: str) -> None:
    """Put what was granted in place of what was before, which is given back."""
    before: McpGrant | None = None

    def granted(grant: McpGrant) -> McpGrant:
        nonlocal before
        before = grant
        update = {"registration": pending.registration, "tokens": given, "edition": new_id()}
        newer = grant.pending is not None and grant.pending.state_id != pending.state_id
        return grant.model_copy(update=update | ({} if newer else {"pending": None}))

    try:
        mcp_grants.of(uid=uid).change(app_id, granted)
    except NotFoundError:
        end(McpGrant(id=app_id, registration=pending.registration, tokens=given))
        raise OutsideError("The app was deleted meanwhile.") from None
    if before is not None:
        end(before.model_copy(update={"pending": None}))
