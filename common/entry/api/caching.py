"""`ETag` and `If-None-Match`: whoever polls a list is told 304 when nothing has changed (RFC 9110 section 13.1.2)."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ConditionalGet:
    """Tags JSON answers to GET with a digest of their body; passes everything else through as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, known=Headers(scope=scope).get("if-none-match", ""))
        await self._app(scope, receive, answer.send)


class _Answer:
    """Holds the start of an answer back until its body is there, if that comes in one piece."""

    def __init__(self, send: Send, *, known: str) -> None:
        self._send = send
        self._known = [tag.strip().removeprefix("W/") for tag in known.split(",") if tag.strip()]
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _taggable(message):
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                message = self._tag(start, message)
            await self._send(start)
        await self._send(message)

    def _tag(self, start: Message, message: Message) -> Message:
        tag = f'"{hashlib.blake2b(message.get("body", b""), digest_size=12).hexdigest()}"'
        headers = MutableHeaders(raw=start["headers"])
        headers["ETag"] = f"W/{tag}"
        headers["Cache-Control"] = "private, no-cache"
        if tag not in self._known and "*" not in self._known:
            return message
        start["status"] = 304
        for name in ("content-length", "content-type"):
            del headers[name]
        return {**message, "body": b""}


def _taggable(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return bool(start["status"] == 200) and headers.get("content-type", "").startswith("application/json")  # noqa: PLR2004 - OK
