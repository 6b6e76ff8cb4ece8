"""Nobody fills the memory: a request's body is as large as Cloud Run lets it be, wherever this runs."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.core.errors import TooLargeError

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes; https://cloud.google.com/run/quotas#request_limits for HTTP/1."""


class BoundedBody:
    """Answers 413 to what is announced as too large, and stops reading what turns out to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > LARGEST_BODY:
            await JSONResponse({"detail": _too_large()}, status_code=TooLargeError.status)(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise TooLargeError(_too_large())
            return message

        await self._app(scope, bounded, send)


def _too_large() -> str:
    return f"The request is larger than {LARGEST_BODY // 1024 // 1024} MiB"
