"""Nobody fills the memory: a request's body is as large as Cloud Run lets it be, wherever this runs.

FastAPI's own `max_body_size` does the same, but answers in plain text, and every error of ours is `{"detail": …}`.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes; https://cloud.google.com/run/quotas#request_limits for HTTP/1."""
_STATUS = 413
_REASON = f"The request is larger than {LARGEST_BODY // 1024 // 1024} MiB"


class BoundedBody:
    """Answers 413 to what is announced as too large, and stops reading what turns out to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > LARGEST_BODY:
            await JSONResponse({"detail": _REASON}, status_code=_STATUS)(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                # Whoever reads the body lets only this kind of error through.
                raise HTTPException(_STATUS, _REASON)
            return message

        await self._app(scope, bounded, send)
