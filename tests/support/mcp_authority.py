"""An authorization server that keeps to the RFCs, watches what it is told, and misbehaves where a test wants that."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlencode

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.http import HttpServer
from tests.support.stores import free_port

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    Answer = Callable[[Request, dict[str, str]], Response]

METADATA = "/.well-known/oauth-authorization-server"
Fault = Callable[[], Awaitable[Response]]
Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs something in the loop of the servers."""


def answers(body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Fault:
    """A fault: this is answered, whatever was asked."""

    async def answer() -> Response:
        if isinstance(body, bytes):
            return Response(body, status, headers)
        return JSONResponse(body, status, headers)

    return answer


def hangs(seconds: float = 20.0) -> Fault:
    """A fault: nothing is answered for long."""

    async def hang() -> Response:
        await asyncio.sleep(seconds)
        return Response(status_code=500)

    return hang


@dataclass
class Authority:
    """What it knows, and how it is to be.

    Attributes:
        issuer: where it is.
        describes: replaces parts of its metadata; None takes one away.
        faults: what is answered in place of what should be, by path.
        methods: how clients may prove who they are.
        lives_s: for how long an access token is said to be good.
        rotates: whether a refresh token is good once; its second use ends the grant.
        grants: the ids of grants that are good still.
        asked: each request's path and form.
    """

    issuer: str = ""
    describes: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post", "none")
    lives_s: int | None = 3600
    rotates: bool = True
    slow_s: float = 0.0
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: dict[str, tuple[str, str]] = field(default_factory=dict)
    refresh: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def app(self) -> ASGIApp:
        """What is served."""
        routes = {
            METADATA: (self._metadata, "GET"),
            "/register": (self._register, "POST"),
            "/register/{client_id}": (self._unregister, "DELETE"),
            "/authorize": (self._authorize, "GET"),
            "/token": (self._token, "POST"),
            "/elsewhere": (self._token, "POST"),
            "/revoke": (self._revoke, "POST"),
            "/{other:path}": (self._nothing, "GET"),
            "/refusing": (self._nothing, "POST"),
        }
        return Starlette(
            routes=[Route(path, self._served(answer), methods=[method]) for path, (answer, method) in routes.items()]
        )

    async def verify_token(self, token: str) -> AccessToken | None:
        """For the MCP server: whom a token lets in."""
        grant, resource = self.access.get(token, ("", ""))
        if grant not in self.grants:
            return None
        return AccessToken(token=token, client_id="c", scopes=["tools"], resource=resource)

    def begin_anew(self) -> None:
        """Nobody is known, and nothing is wrong."""
        vars(self).update(vars(Authority(issuer=self.issuer)))

    def expire(self) -> None:
        """Access tokens end now; what they can be renewed with does not."""
        self.access.clear()

    def secrets(self) -> set[str]:
        """Everything that it gave to somebody to keep to themselves."""
        given = {str(each[name]) for each in self.clients.values() for name in ("client_secret", "token") if each[name]}
        return {*given, *self.access, *self.refresh, *self.codes, *self.used}

    def count(self, path: str, **form: str) -> int:
        """How often something was asked."""
        return sum(1 for asked, told in self.asked if asked == path and form.items() <= told.items())

    def _served(
        self, answer: Callable[[Request, dict[str, str]], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            self.asked.append((request.url.path, form))
            if (fault := self.faults.get(request.url.path)) is not None:
                return await fault()
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            if request.headers.get("content-type") == "application/json":
                form = await request.json()
            return answer(request, form)

        return serve

    def _metadata(self, request: Request, form: dict[str, str]) -> Response:
        del request, form
        described = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "registration_endpoint": f"{self.issuer}/register",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": list(self.methods),
            "authorization_response_iss_parameter_supported": True,
            **self.describes,
        }
        return JSONResponse({name: value for name, value in described.items() if value is not None})

    def _register(self, request: Request, form: dict[str, Any]) -> Response:
        del request
        client_id, method = secrets.token_hex(8), form["token_endpoint_auth_method"]
        secret = None if method == "none" else f"secret/{secrets.token_urlsafe(16)}"
        known = {"redirect_uris": form["redirect_uris"], "method": method, "client_secret": secret}
        self.clients[client_id] = known | {"token": secrets.token_urlsafe(16), "name": form["client_name"]}
        return JSONResponse(
            {
                **form,
                "client_id": client_id,
                **({"client_secret": secret, "client_secret_expires_at": 0} if secret else {}),
                "registration_client_uri": f"{self.issuer}/register/{client_id}",
                "registration_access_token": self.clients[client_id]["token"],
            },
            201,
        )

    def _unregister(self, request: Request, form: dict[str, str]) -> Response:
        del form
        known = self.clients[request.path_params["client_id"]]
        if request.headers["authorization"] != f"Bearer {known['token']}":
            return Response(status_code=401)
        del self.clients[request.path_params["client_id"]]
        return Response(status_code=204)

    def _authorize(self, request: Request, form: dict[str, str]) -> Response:
        """The user says yes at once."""
        del form
        asked = dict(request.query_params)
        assert asked["redirect_uri"] in self.clients[asked["client_id"]]["redirect_uris"]
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    def _token(self, request: Request, form: dict[str, str]) -> Response:
        client = self._client(request, form)
        if client is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            return self._refreshed(form, client)
        asked = self.codes.pop(form["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        sound = asked is not None and (challenge, form["redirect_uri"], client, form["resource"]) == (
            asked["code_challenge"],
            asked["redirect_uri"],
            asked["client_id"],
            asked["resource"],
        )
        if not sound:
            return JSONResponse({"error": "invalid_grant"}, 400)
        grant = secrets.token_hex(8)
        self.grants.add(grant)
        return self._given(grant, form["resource"])

    def _refreshed(self, form: dict[str, str], client: str) -> Response:
        del client
        token = form["refresh_token"]
        grant, resource = self.refresh.get(token, ("", ""))
        if token in self.used:
            self.grants.discard(grant)  # somebody else has it, too
        if grant not in self.grants or resource != form["resource"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.rotates:
            self.used.add(token)
        return self._given(grant, resource, again=token)

    def _given(self, grant: str, resource: str, *, again: str | None = None) -> Response:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = grant, resource
        given: dict[str, Any] = {"access_token": access, "token_type": "bearer", "expires_in": self.lives_s}
        if again is None or self.rotates:
            self.refresh[refresh] = grant, resource
            given["refresh_token"] = refresh
        return JSONResponse({name: value for name, value in given.items() if value is not None})

    def _revoke(self, request: Request, form: dict[str, str]) -> Response:
        if self._client(request, form) is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        grant, _ = self.refresh.get(form["token"]) or self.access[form["token"]]
        self.grants.discard(grant)
        return Response(status_code=200)

    def _client(self, request: Request, form: dict[str, str]) -> str | None:
        """Who asks, if they prove it as they said they would."""
        said = request.headers.get("authorization")
        if said is not None:
            name, _, secret = base64.b64decode(said.removeprefix("Basic ")).decode().partition(":")
            client_id, proof, method = unquote(name), unquote(secret), "client_secret_basic"
        else:
            client_id, proof = form["client_id"], form.get("client_secret", "")
            method = "client_secret_post" if proof else "none"
        known = self.clients.get(client_id)
        sound = known is not None and (known["method"], known["client_secret"] or "") == (method, proof)
        return client_id if sound else None

    def _nothing(self, request: Request, form: dict[str, str]) -> Response:
        del request, form
        return Response(status_code=404)


@contextmanager
def serving_authority(run: Run) -> Iterator[Authority]:
    """A running one."""
    authority = Authority()
    server = HttpServer(authority.app())
    authority.issuer = f"http://127.0.0.1:{run(server.start())}"
    yield authority
    run(server.stop())


@contextmanager
def serving_tools(run: Run, make: Callable[[MCPServer], None], authority: Authority | None) -> Iterator[str]:
    """The address of an MCP server with the tools that `make` gives it; it lets those in whom the authority knows."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    if authority is None:
        server = MCPServer("tools")
    else:
        auth = AuthSettings(
            issuer_url=AnyHttpUrl(authority.issuer),
            resource_server_url=AnyHttpUrl(url),
            required_scopes=["tools"],
            validate_token_resource=True,
        )
        server = MCPServer("tools", auth=auth, token_verifier=authority)
    make(server)
    running = HttpServer(server.streamable_http_app(stateless_http=True), lifespan="on")
    run(running.start(port=port))
    yield url
    run(running.stop())
