"""Nobody fills the memory: a body is as large as Cloud Run lets it be, and all of them together a few of those.

What is uploaded lies in files, but Cloud Run's files lie in memory. FastAPI's own `max_body_size` bounds one body, but
answers in plain text, and every error of ours is `{"detail": …}`.
"""

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.core import clock

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes; https://cloud.google.com/run/quotas#request_limits for HTTP/1."""
LARGEST_TEXT = 8 * 1024 * 1024
"""Bytes of a body that is no form: JSON, say, which is much more when it is read. Files come in forms."""
_TEXT_WEIGHS = 24
"""Times its bytes, where it is made for that: a list in a dictionary takes 300 bytes and is written with eleven."""
LARGE_BODY = 1024 * 1024
"""From here on it counts how many there are at once."""
MOST_AT_ONCE = 256 * 1024 * 1024
"""Bytes of all large bodies that are being received or used; the manifest gives four times that."""
SLOWEST = 64 * 1024
"""Bytes a second at which room is kept for what is still to come; telephones are faster on a bad day."""
GRACE_S = 5.0
_DIGITS = 18
"""Of an announced length; what has more is too large whatever they say."""
_STATUS = 413
_BUSY_STATUS = 503
_BUSY = "Too much is being uploaded at once, try again"
_BUSY_HEADERS = {"Retry-After": "5"}


@dataclass(eq=False)
class _Body:
    """A large body that is being received or used: bytes announced (0: nobody said) and taken, and since when."""

    announced: int
    began: float
    is_form: bool
    taken: int = 0

    @property
    def largest(self) -> int:
        """Bytes that it may have."""
        return LARGEST_BODY if self.is_form else LARGEST_TEXT

    @property
    def room(self) -> int:
        """Bytes kept for it: all that it announced while it comes at a pace, else what has come."""
        in_time = self.taken >= SLOWEST * (clock.monotonic() - self.began - GRACE_S)
        kept = self.announced if in_time and self.taken < self.announced else self.taken
        return kept if self.is_form else kept * _TEXT_WEIGHS


class BoundedBody:
    """Answers 413 to what is announced as too large and 503 to what is too much now; stops reading what turns out so.

    What is announced has its room from the beginning, so that of too many at once those that came first are served; who
    announces a body and does not send it keeps none from others. Belongs to one event loop.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: set[_Body] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        announced = int(length[:_DIGITS]) if length.isdecimal() else 0
        is_form = headers.get("content-type", "").lower().startswith("multipart/")
        body = _Body(announced if announced > LARGE_BODY else 0, clock.monotonic(), is_form)
        reason = f"The request is larger than {body.largest // 1024 // 1024} MiB"
        if announced > body.largest:
            await JSONResponse({"detail": reason}, status_code=_STATUS)(scope, receive, send)
            return
        if body.announced:
            self._held.add(body)
            if self._is_too_much():
                self._held.discard(body)
                busy = JSONResponse({"detail": _BUSY}, status_code=_BUSY_STATUS, headers=_BUSY_HEADERS)
                await busy(scope, receive, send)
                return

        async def bounded() -> Message:
            message = await receive()
            before = body.room
            body.taken += len(message.get("body", b""))
            # Whoever reads the body lets only this kind of error through.
            if body.taken > body.largest:
                raise HTTPException(_STATUS, reason)
            if body.taken > LARGE_BODY:
                self._held.add(body)
                if body.room > before and self._is_too_much():
                    raise HTTPException(_BUSY_STATUS, _BUSY, _BUSY_HEADERS)
            return message

        try:
            await self._app(scope, bounded, send)
        finally:
            self._held.discard(body)

    def _is_too_much(self) -> bool:
        return sum(body.room for body in self._held) > MOST_AT_ONCE
