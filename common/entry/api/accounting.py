"""What a request has used of models is written down before the last of its answer leaves."""

from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.core.metering import metered
from common.entry.accounting import new_meter


class Accounted:
    """Every request is a piece of work; it is accounted for before the last of its answer leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def accounting(message: Message) -> None:
            # After an answer the processor may be taken away.
            if message["type"] == "http.response.body" and not message.get("more_body") and meter.due:
                await run_in_threadpool(meter.flush)
            await send(message)

        with metered(new_meter()) as meter:
            try:
                await self._app(scope, receive, accounting)
            finally:
                await run_in_threadpool(meter.close) if meter.due else meter.close()
