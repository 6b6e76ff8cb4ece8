"""The library's own authorization server, which nobody here has written, and a user who signs in at it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl

from local.http import HttpServer
from tests.support.stores import free_port
from tests.wire.mcp.browsing import add, come_back, sign_in
from tests.wire.mcp.conftest import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.stores import Stores

FAR = 2**33


class Memory(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """What the library's server knows; it checks everything else itself. The user says yes at once."""

    def __init__(self) -> None:
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.access: dict[str, AccessToken] = {}

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        code = secrets.token_urlsafe(32)
        self.codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=FAR,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        del client
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[authorization_code.code]
        return self._given(client, authorization_code.scopes, authorization_code.resource)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        del client
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        del self.refresh[refresh_token.token]
        return self._given(client, scopes, self.resource)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.refresh.pop(token.token, None)
        self.access.clear()

    def _given(self, client: OAuthClientInformationFull, scopes: list[str], resource: str | None) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        known = {"client_id": client.client_id, "scopes": scopes, "expires_at": FAR}
        self.resource = resource
        self.access[access] = AccessToken.model_validate({"token": access, "resource": resource, **known})
        self.refresh[refresh] = RefreshToken.model_validate({"token": refresh, **known})
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=3600, scope=" ".join(scopes))


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def url(stores: Stores, memory: Memory) -> Iterator[str]:
    """The address of a server that is its own authorization server."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(base),
        resource_server_url=AnyHttpUrl(f"{base}/mcp"),
        required_scopes=["tools"],
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["tools"]),
        revocation_options=RevocationOptions(enabled=True),
        validate_token_resource=True,
    )
    server = MCPServer("tools", auth=auth, auth_server_provider=memory)
    numbers(server)
    running = HttpServer(server.streamable_http_app(stateless_http=True), lifespan="on")
    stores.run(running.start(port=port))
    yield f"{base}/mcp"
    stores.run(running.stop())


def test_a_user_signs_in_stays_signed_in_and_leaves(api: httpx.Client, memory: Memory, url: str) -> None:
    added = add(api, url).json()
    page = come_back(sign_in(added["auth_url"]))
    assert page.status_code == 200, page.text
    [client] = memory.clients.values()
    assert client.client_name == "Earshot"
    assert client.client_secret
    memory.access.clear()
    assert api.post(f"/v1/apps/{added['app_id']}/mcp/refresh").json()["tool_names"] == ["double", "erase"]
    assert len(memory.refresh) == 1
    assert api.delete(f"/v1/apps/{added['app_id']}").status_code == 200
    assert memory.refresh == {}
