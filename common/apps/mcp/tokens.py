"""What an authorization server gives for a code or an older token, and gets back in the end (RFC 6749, RFC 7009)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from common.apps.mcp.named import ask_named, is_token
from common.core import clock
from common.core.errors import AuthorizationWantedError, OutsideError
from common.core.logs import get_logger
from common.models.mcp import Registration, Tokens

if TYPE_CHECKING:
    from common.core.clock import Deadline

LONGEST_S = 15.0
"""Real seconds for an answer, which may be had once only."""
_OK = 200
_REFUSED = frozenset({400, 401, 403})
_OVER = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})
"""Answers after which asking again is of no use (RFC 6749 section 5.2)."""
_LONGEST_LIFE_S = 10 * 365 * 24 * 3600


class _Given(BaseModel):
    """An answer of RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int | None = None
    refresh_token: str | None = None


def exchange(registration: Registration, *, code: str, verifier: str, redirect_uri: str, deadline: Deadline) -> Tokens:
    """The tokens for a code that a user has come back with.

    Raises:
        OutsideError: there are none.
    """
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return _ask(registration, asked, deadline=deadline)


def refresh(registration: Registration, tokens: Tokens, *, deadline: Deadline) -> Tokens:
    """New tokens for old ones, which are worth nothing from then on.

    Raises:
        AuthorizationWantedError: what the user granted is over.
        OutsideError: there are none now.
    """
    if tokens.refresh_token is None:
        raise AuthorizationWantedError("What was granted is over")
    asked = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    renewed = _ask(registration, asked, deadline=deadline)
    return renewed.model_copy(update={"refresh_token": renewed.refresh_token or tokens.refresh_token})


def revoke(registration: Registration, tokens: Tokens, *, deadline: Deadline) -> None:
    """Give tokens back, where the server takes them; whether it does is its own affair."""
    if registration.revocation_endpoint is None:
        return
    kind = "refresh_token" if tokens.refresh_token else "access_token"
    asked = {"token": tokens.refresh_token or tokens.access_token, "token_type_hint": kind}
    try:
        _post(registration.revocation_endpoint, registration, asked, deadline=deadline)
    except OutsideError:
        get_logger().info("mcp_tokens_not_revoked")


def _ask(registration: Registration, asked: dict[str, str], *, deadline: Deadline) -> Tokens:
    asked = {**asked, "resource": registration.resource}
    status, body = _post(registration.token_endpoint, registration, asked, deadline=deadline)
    if status in _REFUSED and _error(body) in _OVER:
        raise AuthorizationWantedError("The authorization server grants nothing for that")
    if status != _OK:
        raise OutsideError(f"The authorization server gives no token (status {status})")
    return _tokens(body)


def _post(url: str, registration: Registration, asked: dict[str, str], *, deadline: Deadline) -> tuple[int, bytes]:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    # Named in the form as well: some servers look the client up there before they look at its proof.
    asked = {**asked, "client_id": registration.client_id}
    secret = registration.client_secret
    if registration.auth_method == "client_secret_basic" and secret is not None:
        proof = f"{quote(registration.client_id, safe='')}:{quote(secret, safe='')}"
        headers["authorization"] = f"Basic {base64.b64encode(proof.encode()).decode()}"
    elif registration.auth_method == "client_secret_post" and secret is not None:
        asked["client_secret"] = secret
    return ask_named(
        url, method="POST", headers=headers, body=urlencode(asked).encode(), deadline=deadline, longest_s=LONGEST_S
    )


def _tokens(body: bytes) -> Tokens:
    try:
        given = _Given.model_validate_json(body)
    except ValidationError as error:
        raise OutsideError("The authorization server answers with no token") from error
    if given.token_type.casefold() != "bearer":
        raise OutsideError("The authorization server answers with a token of a kind that is not known here")
    if not all(is_token(each) for each in (given.access_token, given.refresh_token or "-")):
        raise OutsideError("The authorization server answers with no token")
    life_s = given.expires_in
    return Tokens(
        access_token=given.access_token,
        refresh_token=given.refresh_token,
        expires_at=None if life_s is None else clock.now() + timedelta(seconds=min(max(life_s, 0), _LONGEST_LIFE_S)),
    )


def _error(body: bytes) -> object:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer.get("error") if isinstance(answer, dict) else None
