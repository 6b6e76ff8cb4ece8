"""A server in place of the services where users keep tasks, by their published protocols, as well as it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_ID, CLIENT_SECRET, CODE = "our-id", "our-secret", "code-of-the-user"
TOKEN_PATHS = {
    "/todoist.com/oauth/access_token",
    "/app.asana.com/-/oauth_token",
    "/oauth2.googleapis.com/token",
    "/api.clickup.com/api/v2/oauth/token",
}
LISTED: dict[str, Any] = {
    "/app.asana.com/api/1.0/workspaces": {"data": [{"gid": "w1", "name": "Home"}]},
    "/app.asana.com/api/1.0/projects": {"data": [{"gid": "p1", "name": "Flat"}, {"gid": "", "name": "none"}]},
    "/api.clickup.com/api/v2/team": {"teams": [{"id": 7, "name": "Us"}]},
    "/api.clickup.com/api/v2/team/7/space": {"spaces": [{"id": "s1", "name": "House"}]},
    "/api.clickup.com/api/v2/space/s1/list": {"lists": [{"id": "l1", "name": "Shopping"}]},
}


@dataclass
class Received:
    """A request that reached a service: the host is part of the path."""

    method: str
    path: str
    query: dict[str, str]
    token: str | None
    body: Any


@dataclass
class TaskServices:
    """All of them; a token is good until it is taken out of `tokens`."""

    address: str = ""
    received: list[Received] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refreshes: bool = True
    """Whether a token is given with one that renews it."""
    expires_in: int | None = 3600
    scripted: deque[tuple[int, bytes]] = field(default_factory=deque)
    """What the next requests with a token are answered, before anything else is looked at."""

    @property
    def tasks(self) -> list[Received]:
        """Requests that make tasks."""
        return [each for each in self.received if each.method == "POST" and each.path not in TOKEN_PATHS]

    def answer(self, request: Received) -> tuple[int, bytes]:
        """What a request gets."""
        self.received.append(request)
        if request.path in TOKEN_PATHS:
            return self._granted(request.body)
        if self.scripted:
            return self.scripted.popleft()
        if request.token not in self.tokens:
            return 401, b'{"error": "invalid token"}'
        if request.method == "GET":
            return (200, json.dumps(LISTED[request.path]).encode()) if request.path in LISTED else (404, b"{}")
        task = {"id": f"task-{len(self.tasks)}", "gid": f"task-{len(self.tasks)}"}
        return 200, json.dumps({"data": task} if "asana" in request.path else task).encode()

    def _granted(self, form: dict[str, str]) -> tuple[int, bytes]:
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        good = form.get("code") == CODE if form.get("grant_type") == "authorization_code" else "refresh_token" in form
        if not known or not good:
            return 400, b'{"error": "invalid_grant"}'
        token = f"access-{len(self.received)}"
        self.tokens.add(token)
        said: dict[str, Any] = {"access_token": token, "token_type": "Bearer"}
        if self.refreshes:
            said["refresh_token"] = "refresh"  # noqa: S105 - for a test
        if self.expires_in is not None:
            said["expires_in"] = self.expires_in
        return 200, json.dumps(said).encode()


class _Handler(BaseHTTPRequestHandler):
    services: ClassVar[TaskServices]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = urlsplit(self.path)
        form = "urlencoded" in (self.headers.get("Content-Type") or "")
        body: Any = {name: values[0] for name, values in parse_qs(raw.decode()).items()} if form else None
        if raw and not form:
            body = json.loads(raw)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        status, said = self.services.answer(Received(self.command, asked.path, query, token, body))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def serving() -> Iterator[TaskServices]:
    """Serve until the block ends."""
    services = TaskServices()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"services": services}))
    server.daemon_threads = True
    services.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
