"""Nobody fills the memory: a body is as large as Cloud Run lets it be, and all of them together a few of those.

What is uploaded lies in files, but Cloud Run's files lie in memory. FastAPI's own `max_body_size` bounds one body, but
answers in plain text, and every error of ours is `{"detail": …}`.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes; https://cloud.google.com/run/quotas#request_limits for HTTP/1."""
LARGE_BODY = 1024 * 1024
"""From here on it counts how many there are at once."""
MOST_AT_ONCE = 256 * 1024 * 1024
"""Bytes of all large bodies that are being received or used; the manifest gives four times that."""
_DIGITS = 18
"""Of an announced length; what has more is too large whatever they say."""
_STATUS = 413
_REASON = f"The request is larger than {LARGEST_BODY // 1024 // 1024} MiB"
_BUSY_STATUS = 503
_BUSY = "Too much is being uploaded at once, try again"
_BUSY_HEADERS = {"Retry-After": "5"}


class BoundedBody:
    """Answers 413 to what is announced as too large and 503 to what is too much now; stops reading what turns out so.

    What is announced has its room from the beginning: of too many at once, those that came first are served.

    Belongs to one event loop.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = Headers(scope=scope).get("content-length", "")
        announced = int(header[:_DIGITS]) if header.isdecimal() else 0
        if announced > LARGEST_BODY:
            await JSONResponse({"detail": _REASON}, status_code=_STATUS)(scope, receive, send)
            return
        if announced > LARGE_BODY and self._held + announced > MOST_AT_ONCE:
            busy = JSONResponse({"detail": _BUSY}, status_code=_BUSY_STATUS, headers=_BUSY_HEADERS)
            await busy(scope, receive, send)
            return
        taken, held = 0, announced if announced > LARGE_BODY else 0
        self._held += held

        async def bounded() -> Message:
            nonlocal taken, held
            message = await receive()
            taken += len(message.get("body", b""))
            # Whoever reads the body lets only this kind of error through.
            if taken > LARGEST_BODY:
                raise HTTPException(_STATUS, _REASON)
            if taken > max(LARGE_BODY, held):
                self._held += taken - held
                held = taken
                if self._held > MOST_AT_ONCE:
                    raise HTTPException(_BUSY_STATUS, _BUSY, _BUSY_HEADERS)
            return message

        try:
            await self._app(scope, bounded, send)
        finally:
            self._held -= held
