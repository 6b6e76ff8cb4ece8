"""A user's access to a remote MCP server: as whom we are registered, what was granted, and what is waited for."""

from typing import Literal

from common.models.base import Document, Moment

AuthMethod = Literal["none", "client_secret_basic", "client_secret_post"]


class Registration(Document):
    """What an authorization server knows us as (RFC 7591), and where it does what (RFC 8414).

    Attributes:
        server_url: the MCP server; what is granted is told to no other.
        resource: what is asked for, as the server calls itself (RFC 8707).
        registration_uri: where the registration ends (RFC 7592), with `registration_token`.
    """

    server_url: str
    resource: str
    issuer: str
    token_endpoint: str
    revocation_endpoint: str | None = None
    client_id: str
    client_secret: str | None = None
    auth_method: AuthMethod = "none"
    registration_uri: str | None = None
    registration_token: str | None = None
    scope: str | None = None


class Tokens(Document):
    """What lets us in."""

    access_token: str
    refresh_token: str | None = None
    expires_at: Moment | None = None


class Pending(Document):
    """What is known between sending the user away and their return."""

    registration: Registration
    state_id: str
    """Of the `McpAuthorization` that they come back with; any other is an older attempt."""
    verifier: str
    """Of PKCE (RFC 7636)."""
    redirect_uri: str
    must_name_issuer: bool = False
    """Whether an answer without `iss` (RFC 9207) is somebody else's."""


class McpGrant(Document):
    """What one user has been granted for one app; the id is the app's."""

    id: str
    registration: Registration | None = None
    tokens: Tokens | None = None
    """None while nothing is granted, or no longer."""
    edition: str = ""
    """Of the tokens: another one whenever they change."""
    pending: Pending | None = None


class McpAuthorization(Document):
    """Whom a `state` belongs to; the id is made of it by a hash."""

    id: str
    uid: str
    app_id: str
    expire_at: Moment
    """When it is worth nothing any more, and a TTL policy may remove it."""
