"""What is told with every answer: to take it for what it says it is, to index nothing, and to come over TLS only."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_YEAR_S = 365 * 24 * 3600


class Guarded:
    """Adds these headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Cloud Run ends TLS, and says so.
        encrypted = Headers(scope=scope).get("x-forwarded-proto", scope["scheme"]) == "https"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Content-Type-Options"] = "nosniff"
                # What is shared is for whoever has the address, and no search engine's.
                headers["X-Robots-Tag"] = "noindex"
                if encrypted:
                    headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
            await send(message)

        await self._app(scope, receive, guarded)
