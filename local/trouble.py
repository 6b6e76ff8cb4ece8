"""A fault of all servers: of a part of the calls nothing comes, or only the answer is lost, or they meet contention."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_COMMIT = "/google.firestore.v1.Firestore/Commit"
_REFUSALS = (429, 500, 503)

App = Any
"""An ASGI application."""


@dataclass
class Trouble:
    """What is drawn for each call.

    Attributes:
        share: the part of the calls that meet trouble.
        losing: of so many commits of Firestore that come next the answers are lost, whatever is drawn.
    """

    share: float = 0.0
    losing: int = 0
    _random: random.Random = field(default_factory=random.Random)

    @property
    def strikes(self) -> bool:
        """Whether this call meets it."""
        return self._random.random() < self.share

    @property
    def loses(self) -> bool:
        """Whether it is done all the same."""
        return self._random.random() < 1 / 3

    def drawn(self, call: str) -> grpc.StatusCode | None:
        """How a gRPC call ends that is not even begun; None for one that is."""
        if self.losing or not self.strikes:
            return None
        contended = call == _COMMIT and self._random.random() < 1 / 2
        return grpc.StatusCode.ABORTED if contended else grpc.StatusCode.UNAVAILABLE

    def is_lost(self, call: str) -> bool:
        """Whether the answer to a gRPC call that was done does not arrive."""
        if self.losing and call == _COMMIT:
            self.losing -= 1
            return True
        return self.strikes and self.loses

    def interceptor(self) -> grpc.aio.ServerInterceptor:
        """For servers of gRPC."""
        return _Interceptor(self)

    def around(self, app: App) -> App:
        """For servers of HTTP."""

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not self.strikes:
                await app(scope, receive, send)
                return
            if self.loses:
                await app(scope, receive, _nobody)
            headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
            status = self._random.choice(_REFUSALS)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"{}"})

        return serve


class _Interceptor(grpc.aio.ServerInterceptor):
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        handler = await continuation(handler_call_details)
        if handler is None or handler.request_streaming:
            return handler
        call = handler_call_details.method
        code = self._trouble.drawn(call)
        if handler.response_streaming:
            return handler if code is None else _refusing_streams(handler, code)
        return self._unary(handler, call, code)

    def _unary(
        self, handler: grpc.RpcMethodHandler[Any, Any], call: str, code: grpc.StatusCode | None
    ) -> grpc.RpcMethodHandler[Any, Any]:
        answered: Any = handler.unary_unary

        async def answer(request: Any, context: Any) -> Any:
            if code is not None:
                await context.abort(code, "trouble on request")
            done = await answered(request, context)
            if self._trouble.is_lost(call):
                await context.abort(grpc.StatusCode.UNAVAILABLE, "trouble on request: the answer is lost")
            return done

        return grpc.unary_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


def _refusing_streams(
    handler: grpc.RpcMethodHandler[Any, Any], code: grpc.StatusCode
) -> grpc.RpcMethodHandler[Any, Any]:
    async def refuse(_: Any, context: Any) -> Any:
        await context.abort(code, "trouble on request")
        yield None

    return grpc.unary_stream_rpc_method_handler(refuse, handler.request_deserializer, handler.response_serializer)


async def _nobody(_: Any) -> None:
    """Who an answer is lost to."""
