"""Becoming known to an authorization server that nobody has told of us (RFC 7591)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast, get_args
from urllib.parse import urlsplit

from common.apps.mcp.named import ask_named, is_token
from common.core.errors import OutsideError
from common.models.mcp import AuthMethod, Registration

if TYPE_CHECKING:
    from common.apps.mcp.discovery import Authority
    from common.core.clock import Deadline

CLIENT_NAME = "Earshot"
_MADE = (200, 201)
_PREFERRED: tuple[AuthMethod, ...] = ("client_secret_post", "client_secret_basic", "none")
"""In a form, secrets need no second spelling, on which servers differ; and the library's own end nothing otherwise."""
_LONGEST_NAME = 8192
"""Characters of what a server calls us, and of what it gives us to prove it."""


def register(authority: Authority, *, server_url: str, redirect_uri: str, deadline: Deadline) -> Registration:
    """Have an authorization server know us, for one user and one app.

    Args:
        authority: the server.
        server_url: the MCP server for which it speaks.
        redirect_uri: where it sends users back to.
        deadline: for all of it.

    Raises:
        OutsideError: it does not let us.
    """
    from mcp.shared.auth import OAuthClientMetadata

    metadata = authority.metadata
    if metadata.registration_endpoint is None:
        raise OutsideError("The authorization server lets nobody register who was not told to it before")
    place = str(metadata.registration_endpoint)
    wanted = OAuthClientMetadata.model_validate(
        {
            "redirect_uris": [redirect_uri],
            "client_name": CLIENT_NAME,
            "token_endpoint_auth_method": _method(metadata.token_endpoint_auth_methods_supported),
            "application_type": "web" if redirect_uri.startswith("https://") else "native",
            "scope": authority.scope,
        }
    )
    status, body = ask_named(
        place,
        method="POST",
        headers={"content-type": "application/json", "accept": "application/json"},
        body=wanted.model_dump_json(by_alias=True, exclude_none=True).encode(),
        deadline=deadline,
    )
    if status not in _MADE:
        raise OutsideError(f"The authorization server does not let us register (status {status})")
    answer, method = _known_as(body, wanted.token_endpoint_auth_method or "none")
    return Registration(
        server_url=server_url,
        resource=authority.resource,
        issuer=str(metadata.issuer),
        token_endpoint=str(metadata.token_endpoint),
        revocation_endpoint=str(metadata.revocation_endpoint) if metadata.revocation_endpoint else None,
        auth_method=method,
        scope=authority.scope,
        **answer,
        **_ending(body, place),
    )


def _method(supported: list[str] | None) -> AuthMethod:
    """How we prove who we are: with a secret where we may, for we can keep one."""
    known = supported or ["client_secret_basic"]  # by RFC 8414
    return next((each for each in _PREFERRED if each in known), "none")


def _known_as(body: bytes, wanted: str) -> tuple[dict[str, str | None], AuthMethod]:
    """What the server calls us and gives us to prove it, and how we do; it may have changed what we wanted."""
    from mcp.shared.auth import OAuthClientInformationFull
    from pydantic import ValidationError

    try:
        made = OAuthClientInformationFull.model_validate_json(body)
    except ValidationError as error:
        raise OutsideError("The authorization server does not say what it registered us as") from error
    method = made.token_endpoint_auth_method or wanted
    if method not in get_args(AuthMethod):
        raise OutsideError("The authorization server wants a proof that we cannot give")
    if method != "none" and not made.client_secret:
        method = "none"
    named = {"client_id": made.client_id, "client_secret": made.client_secret}
    if any(each is not None and not (each.isprintable() and len(each) <= _LONGEST_NAME) for each in named.values()):
        raise OutsideError("The authorization server does not say what it registered us as")
    return named, cast("AuthMethod", method)


def _ending(body: bytes, place: str) -> dict[str, Any]:
    """Where a registration ends, if it is where it began: nobody else has to be told of it."""
    answer = json.loads(body)
    uri, token = answer.get("registration_client_uri"), answer.get("registration_access_token")
    if not (isinstance(uri, str) and isinstance(token, str) and is_token(uri) and is_token(token)):
        return {}
    if urlsplit(uri)[:2] != urlsplit(place)[:2]:
        return {}
    return {"registration_uri": uri, "registration_token": token}
