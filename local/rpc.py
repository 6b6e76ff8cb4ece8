"""gRPC services on grpc.aio from plain functions: protobuf in, protobuf out, `RpcError` for everything else."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from common.core import logs
from local.trouble import Trouble

_OPTIONS = [
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.so_reuseport", 0),
    # Google's clients ping idle streams every 30 s, which gRPC's default takes for an attack.
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
]
Unary = Callable[..., Any] | Callable[..., Awaitable[Any]]


class RpcError(Exception):
    """A call ends with this status code and message."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> RpcError:
    """The caller's argument can never be accepted."""
    return RpcError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RpcError:
    """What the caller names does not exist."""
    return RpcError(grpc.StatusCode.NOT_FOUND, message)


def already_exists(message: str) -> RpcError:
    """What the caller wants to create exists."""
    return RpcError(grpc.StatusCode.ALREADY_EXISTS, message)


def unary(method: Unary, request: Any, response: Any, *, takes_context: bool = False) -> Any:
    """The handler of a unary call of raw protobuf classes; `method` may be a coroutine function."""

    async def call(message: Any, context: Any) -> Any:
        try:
            result = method(message, context) if takes_context else method(message)
            return await result if inspect.isawaitable(result) else result
        except RpcError as error:
            await context.abort(error.code, error.message)
        except Exception as error:  # noqa: BLE001 - the edge of the protocol: it becomes INTERNAL
            logs.get_logger().error(
                "rpc_failed", method=getattr(method, "__name__", "?"), error=type(error).__name__, at=logs.where(error)
            )
            await context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__} in the local server")

    return grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )


async def start_server(
    host: str, port: int, services: dict[str, dict[str, Any]], *, trouble: Trouble | None = None
) -> tuple[Any, int]:
    """Serve `{service name: {method: handler}}` without TLS; return the server and the port it got."""
    faults = [trouble.interceptor()] if trouble is not None else None
    server = grpc.aio.server(options=_OPTIONS, interceptors=faults)
    server.add_generic_rpc_handlers(
        tuple(grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items())
    )
    bound = server.add_insecure_port(f"{host}:{port}")
    await server.start()
    return server, bound
