"""Whoever is answered before they have said everything is heard out, for a while.

A server that closes a connection with unread bytes resets it, and the answer goes with it: who sends 33 MiB to be told
413 would be told nothing (RFC 9112, 9.6, asks servers to read on for that reason).
"""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024 * 1024
WITHIN_S = 5.0
"""Real seconds; who is slower than that would have heard by now."""


class HearingOut:
    """Gives the whole answer at once, and ends it when the rest of the request was read and thrown away, bounded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not _says_more(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        said_all = False

        async def heard() -> Message:
            nonlocal said_all
            message = await receive()
            said_all = not message.get("more_body", False)
            return message

        async def throw_away() -> None:
            left = MOST_BYTES
            while left > 0 and not said_all:
                left -= len((await heard()).get("body", b""))

        async def answer(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not last or said_all:
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    await throw_away()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app(scope, heard, answer)


def _says_more(headers: Headers) -> bool:
    """Whether a body follows that nobody waits to be asked for."""
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    return has_body and headers.get("expect", "").lower() != "100-continue"
