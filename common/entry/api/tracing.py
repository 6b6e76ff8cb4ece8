"""A request is a span of the trace that it says it belongs to, and its answer waits until that has left."""

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.core import spans, tracing
from common.core.spans import Span

_OUR_FAULT = 500


class Traced:
    """Follows every request; outermost, so that what others log of it says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = tracing.of_headers(Headers(scope=scope).get) or tracing.begin()
        span = spans.begin(trace, scope["method"])
        # For all of the request's task: who answers what nobody has caught stands around this.
        tracing.enter(span.trace)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(span, scope, message["status"])
            if message["type"] == "http.response.body" and not message.get("more_body") and trace.sampled:
                # After an answer the processor may be taken away.
                span.end()
                await run_in_threadpool(spans.leave, trace)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            span.fail(type(error).__name__)
            _note(span, scope, _OUR_FAULT)
            raise
        finally:
            span.end()


def _note(span: Span, scope: Scope, status: int) -> None:
    """What was asked for, as the description of the API names it: what stands in its place may be anything."""
    route = getattr(scope.get("route"), "path", "")
    span.rename(f"{scope['method']} {route}".strip())
    span.note(status=status)
    if status >= _OUR_FAULT:
        span.fail(str(status))
