"""Answers that are too large to be announced: Cloud Run refuses one over HTTP/1 that says it has more than 32 MiB.

One that does not say how large it is goes out in chunks, however large it becomes
(https://cloud.google.com/run/quotas#request_limits).
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_ANNOUNCED = 31 * 1024 * 1024
"""Bytes."""


class Unannounced:
    """Takes the length away from what is too large to have one; whoever asks for the head alone is told it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if int(headers.get("content-length", "0")) > LARGEST_ANNOUNCED:
                    del headers["content-length"]
            await send(message)

        await self._app(scope, receive, told)
