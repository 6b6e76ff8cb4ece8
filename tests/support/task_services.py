"""A server in place of the services where users keep tasks, by their published protocols, as well as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT_ID, CLIENT_SECRET, CODE = "our-id", "our-secret", "code-of-the-user"
TOKEN_PATHS = {
    "/todoist.com/oauth/access_token",
    "/app.asana.com/-/oauth_token",
    "/oauth2.googleapis.com/token",
    "/api.clickup.com/api/v2/oauth/token",
}
REVOKE_PATHS = {"/api.todoist.com/api/v1/revoke", "/app.asana.com/-/oauth_revoke", "/oauth2.googleapis.com/revoke"}
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
    request_id: str | None = None


@dataclass
class TaskServices:
    """All of them; a token is good until it is taken out of `tokens`."""

    address: str = ""
    received: list[Received] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refreshes: bool = True
    """Whether a token is given with one that renews it."""
    expires_in: int | None = 3600
    page_size: int = 100
    loses_answers: bool = False
    """Whether it fails after having put a task, so that nobody is told."""
    kept: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """The tasks that are there: where, and what."""
    discards: bool = True
    """Whether it still knows the requests that it has seen."""
    silent_s: float = 0.0
    """How long it says nothing where something is given back."""
    revoked: list[Received] = field(default_factory=list)
    renewing: set[str] | None = None
    """Refresh tokens that are good, once each; None where every one is, again and again."""
    renewal_s: float = 0.0
    """How long it takes to renew."""
    renewals: deque[tuple[int, bytes]] = field(default_factory=deque)
    """What the next requests for tokens are answered, before anything else is looked at."""
    meanwhile: Callable[[], object] | None = None
    """What happens while tokens are renewed."""
    scripted: deque[tuple[int, bytes]] = field(default_factory=deque)
    """What the next requests with a token are answered, before anything else is looked at."""

    @property
    def tasks(self) -> list[Received]:
        """Requests that make tasks."""
        others = TOKEN_PATHS | REVOKE_PATHS
        return [each for each in self.received if each.method == "POST" and each.path not in others]

    def answer(self, request: Received) -> tuple[int, bytes]:
        """What a request gets."""
        self.received.append(request)
        if request.path in TOKEN_PATHS:
            return self._granted(request.body)
        if request.path in REVOKE_PATHS:
            self.revoked.append(request)
            time.sleep(self.silent_s)
        if self.scripted:
            return self.scripted.popleft()
        if request.path in REVOKE_PATHS:
            self.tokens.discard(request.body["token"])
            return 200, b""
        if request.token not in self.tokens:
            return 401, b'{"error": "invalid token"}'
        return self._listed(request) if request.method == "GET" else self._made(request)

    def _made(self, request: Received) -> tuple[int, bytes]:
        seen = [each.request_id for each in self.tasks[:-1] if each.request_id is not None]
        if self.discards and request.request_id in seen:
            return 204, b""
        task = self._put(request)
        if self.loses_answers:
            return 503, b""
        return 200, json.dumps({"data": task} if "asana" in request.path else task).encode()

    def _put(self, request: Received) -> dict[str, Any]:
        said = request.body.get("data", request.body)
        task = {"id": f"task-{len(self.tasks)}", "gid": f"task-{len(self.tasks)}"}
        added = {"added_at": datetime.now(UTC).isoformat()} if "todoist" in request.path else {}
        self.kept.append((request.path, {**said, **task, **added}))
        return task

    def _listed(self, request: Received) -> tuple[int, bytes]:
        if request.path in LISTED:
            return 200, json.dumps(LISTED[request.path]).encode()
        name, outside, gid = request.path.partition("/tasks/external:")
        if outside:
            known = [task for path, task in self.kept if path == f"{name}/tasks" and task["external"]["gid"] == gid]
            return (200, json.dumps({"data": known[0]}).encode()) if known else (404, b'{"errors": []}')
        there = [task for path, task in self.kept if path == request.path]
        at = int(next((request.query[name] for name in ("cursor", "pageToken", "page") if name in request.query), 0))
        at *= self.page_size if "clickup" in request.path else 1
        until = at + self.page_size
        page, more = there[at:until], until < len(there)
        if "todoist" in request.path:
            said: dict[str, Any] = {"results": page, "next_cursor": str(until) if more else None}
        elif "clickup" in request.path:
            said = {"tasks": page, "last_page": not more}
        else:
            said = {"items": page} | ({"nextPageToken": str(until)} if more else {})
        return (200, json.dumps(said).encode()) if there or request.path.endswith(("/task", "/tasks")) else (404, b"{}")

    def _granted(self, form: dict[str, str]) -> tuple[int, bytes]:
        if self.renewals:
            return self.renewals.popleft()
        if self.meanwhile is not None:
            self.meanwhile()
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        good = form.get("code") == CODE if form.get("grant_type") == "authorization_code" else "refresh_token" in form
        if form.get("grant_type") == "refresh_token" and self.renewing is not None:
            time.sleep(self.renewal_s)
            good = form["refresh_token"] in self.renewing
            self.renewing.discard(form["refresh_token"])
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
        received = Received(self.command, asked.path, query, token, body, self.headers.get("X-Request-Id"))
        status, said = self.services.answer(received)
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
