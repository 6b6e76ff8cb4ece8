"""A server that speaks the protocols of OpenAI and Vertex AI, well or badly as it is told."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

DIMENSION = 4
GOOD_ANSWER = '{"title": "Budget", "tags": ["money"]}'


@dataclass(frozen=True)
class Reply:
    """What a request is answered with: `answer` in the protocol's form, or a failure of some kind."""

    answer: str = GOOD_ANSWER
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    refuses: bool = False
    cut_off: bool = False
    delay_s: float = 0.0
    trickle_s: float = 0.0
    hang_up: bool = False
    vectors: Callable[[int], list[list[float]]] | None = None
    usage: tuple[int, int] | None = None
    """Tokens in and out, where the provider says what an answer has cost."""


@dataclass
class Request:
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class _Handler(BaseHTTPRequestHandler):
    """One connection; `provider` is set in a subclass for each server."""

    provider: ClassVar["ProviderServer"]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token":
            self._send(200, b'{"access_token": "local-access", "expires_in": 3600, "token_type": "Bearer"}')
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, json.loads(body))
        self._answer(request, self.provider.next_reply(request))

    def _answer(self, request: Request, reply: Reply) -> None:
        if reply.hang_up:
            self.close_connection = True
            return
        time.sleep(reply.delay_s)
        body = reply.body
        if body is None and reply.status != 200:
            body = json.dumps({"error": {"message": "said the transcript", "code": reply.status}}).encode()
        if body is None:
            body = json.dumps(_spoken(request, reply)).encode()
        self._send(reply.status, body, reply.headers, trickle_s=reply.trickle_s)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, trickle_s: float = 0) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            step = 1 if trickle_s else max(1, len(body))
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                time.sleep(trickle_s)
        except OSError:  # the client has gone
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class ProviderServer:
    """Answers each request with the next scripted reply, with good ones when there are none left."""

    def __init__(self) -> None:
        self.script: deque[Reply] = deque()
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def next_reply(self, request: Request) -> Reply:
        """Remember what arrived and say what to answer."""
        self.requests.append(request)
        if _ends_with_the_model(request):
            return Reply(status=400)
        return self.script.popleft() if self.script else Reply()

    @contextmanager
    def serving(self) -> Iterator["ProviderServer"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def _ends_with_the_model(request: Request) -> bool:
    """What Gemini refuses since 3.5: a turn of its own as the last one."""
    contents = request.body.get("contents") or [{}]
    return bool(contents[-1].get("role") == "model")


def direction(text: str) -> list[float]:
    """The vector that stands for a text: not of length one, different for different lengths."""
    return [2.0, float(len(text)), 0.0, 1.0]


def _spoken(request: Request, reply: Reply) -> dict[str, Any]:
    path = request.path.partition("?")[0]
    if path.endswith("/chat/completions"):
        message = {"role": "assistant", "content": None if reply.refuses else reply.answer}
        if reply.refuses:
            message["refusal"] = "I can't help with that."
        choice = {"index": 0, "message": message, "finish_reason": "length" if reply.cut_off else "stop"}
        answered = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        if reply.usage is not None:
            answered["usage"] = {"prompt_tokens": reply.usage[0], "completion_tokens": reply.usage[1]}
        return answered
    if path.endswith("/embeddings"):
        rows = _vectors(request.body["input"], reply)
        # Out of order: what counts is the index.
        data = [{"object": "embedding", "index": n, "embedding": row} for n, row in reversed(list(enumerate(rows)))]
        return {"object": "list", "data": data, "model": request.body["model"]}
    if path.endswith(":generateContent"):
        if reply.refuses:
            return {"promptFeedback": {"blockReason": "SAFETY"}}
        content = {"role": "model", "parts": [{"text": reply.answer}]}
        candidate = {"content": content, "finishReason": "MAX_TOKENS" if reply.cut_off else "STOP"}
        answered = {"candidates": [candidate]}
        if reply.usage is not None:
            answered["usageMetadata"] = {
                "promptTokenCount": reply.usage[0],
                "candidatesTokenCount": reply.usage[1] - 2,
                "thoughtsTokenCount": 2,
            }
        return answered
    if path.endswith(":embedContent"):
        (row,) = _vectors([request.body["content"]["parts"][0]["text"]], reply) or ([],)
        return {"embedding": {"values": row}}
    if path.endswith(":predict"):
        rows = _vectors([instance["content"] for instance in request.body["instances"]], reply)
        return {"predictions": [{"embeddings": {"values": row, "statistics": {"token_count": 1}}} for row in rows]}
    raise AssertionError(f"nobody serves {path}")


def _vectors(texts: list[str], reply: Reply) -> list[list[float]]:
    return [direction(text) for text in texts] if reply.vectors is None else reply.vectors(len(texts))


def credentials(address: str, private_key: bytes) -> dict[str, str]:
    """A service account whose tokens come from this server."""
    return {
        "type": "service_account",
        "project_id": "p1",
        "private_key_id": "1",
        "private_key": private_key.decode(),
        "client_id": "1",
        "client_email": "tests@p1.iam.gserviceaccount.com",
        "token_uri": f"{address}/token",
    }
