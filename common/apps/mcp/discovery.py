"""Who says whom a remote MCP server lets in, and where: RFC 9728, then RFC 8414 or OpenID's form of it.

https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization has the order in which one looks. None of
the addresses is believed: each is judged when it is asked, no redirect is followed, and an issuer is who it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from common.apps.mcp.named import ask_named
from common.core.errors import InvalidInputError, OutsideError
from common.core.outside import check_url
from common.core.settings import settings

if TYPE_CHECKING:
    from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata
    from pydantic import BaseModel

    from common.core.clock import Deadline

    M = TypeVar("M", bound=BaseModel)

_OK = 200
_TOO_MANY = 429
_FAILED_FROM = 500
_LONGEST_SCOPE = 2000


@dataclass(frozen=True)
class Authority:
    """An authorization server as it describes itself, and what it is to be asked for.

    Attributes:
        metadata: its own words; its addresses are sound.
        resource: as the MCP server calls itself (RFC 8707).
        scope: what is needed, if anything is said of that.
    """

    metadata: OAuthMetadata
    resource: str
    scope: str | None


def discover(url: str, challenge: str, *, deadline: Deadline) -> Authority:
    """Who lets users in at a server.

    Args:
        url: the MCP server's.
        challenge: with which it has refused somebody it does not know.
        deadline: for all of it.

    Raises:
        OutsideError: nobody does, or not in a way that is safe.
    """
    from httpx2 import Response
    from mcp.client.auth.utils import (
        build_protected_resource_metadata_discovery_urls,
        extract_resource_metadata_from_www_auth,
        extract_scope_from_www_auth,
        get_client_metadata_scopes,
    )
    from mcp.shared.auth import DEFAULT_GRANT_TYPES, ProtectedResourceMetadata
    from mcp.shared.auth_utils import check_resource_allowed, resource_url_from_server_url

    refusal = Response(401, headers={"www-authenticate": challenge})
    named = extract_resource_metadata_from_www_auth(refusal)
    places = build_protected_resource_metadata_discovery_urls(named, url)
    protected = _first_of(places, ProtectedResourceMetadata, deadline=deadline)
    resource = resource_url_from_server_url(url)
    if protected is not None:
        if not check_resource_allowed(resource, str(protected.resource)):
            raise OutsideError("The server says of another one whom that lets in")
        resource = str(protected.resource)
    metadata = _authority(protected, url, deadline=deadline)
    scope = get_client_metadata_scopes(
        extract_scope_from_www_auth(refusal), protected, metadata, list(DEFAULT_GRANT_TYPES)
    )
    return Authority(metadata, resource, scope[:_LONGEST_SCOPE] if scope else None)


def _authority(protected: ProtectedResourceMetadata | None, url: str, *, deadline: Deadline) -> OAuthMetadata:
    from mcp.client.auth.utils import build_oauth_authorization_server_metadata_discovery_urls, issuers_match
    from mcp.shared.auth import OAuthMetadata

    issuer = str(protected.authorization_servers[0]) if protected is not None else None
    places = build_oauth_authorization_server_metadata_discovery_urls(issuer, url)
    metadata = _first_of(places, OAuthMetadata, deadline=deadline)
    if metadata is None:
        raise OutsideError("The server wants to know the user, but does not say who could tell it")
    # Without a word of the server's about its issuer, that is the server itself, as in the first version of this.
    parts = urlsplit(url)
    if not issuers_match(str(metadata.issuer), issuer or f"{parts.scheme}://{parts.netloc}"):
        raise OutsideError("The authorization server says that it is another one")
    if "S256" not in (metadata.code_challenge_methods_supported or ()):
        raise OutsideError("The authorization server does not support PKCE, without which others could come in")
    for place in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.registration_endpoint):
        if place is not None:
            _check(str(place))
    return metadata


def _first_of(places: list[str], model: type[M], *, deadline: Deadline) -> M | None:
    """What stands at the first of these addresses at which something stands."""
    for place in places:
        found = _read(place, model, deadline=deadline)
        if found is not None:
            return found
    return None


def _read(place: str, model: type[M], *, deadline: Deadline) -> M | None:
    from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
    from mcp.types import LATEST_PROTOCOL_VERSION
    from pydantic import ValidationError

    headers = {"accept": "application/json", MCP_PROTOCOL_VERSION_HEADER: LATEST_PROTOCOL_VERSION}
    status, body = ask_named(place, headers=headers, deadline=deadline)
    if status >= _FAILED_FROM or status == _TOO_MANY:
        raise OutsideError("The server does not say now whom it lets in")
    if status != _OK:
        return None
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


def _check(place: str) -> None:
    try:
        check_url(place, loopback=settings().outside_may_be_here, encrypted=True)
    except InvalidInputError as error:
        raise OutsideError("The authorization server names an address that must not be asked") from error
