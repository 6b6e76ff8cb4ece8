"""The Firestore server: its RPCs bound to a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from common.core.logs import get_logger, where
from local.firestore import messages
from local.firestore.commits import CommitHook, Committer
from local.firestore.errors import RefusedError
from local.firestore.indexes import Indexes
from local.firestore.lookups import Lookups
from local.firestore.runner import QueryRunner
from local.firestore.service import FirestoreService
from local.firestore.slowness import Slowness
from local.firestore.store import Store
from local.firestore.usage import Usage
from local.state import State
from local.trouble import Trouble

_SERVICE = "google.firestore.v1.Firestore"
_OPTIONS = [
    # Firestore's own limit is on the payload and is answered in its own words.
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
]


class FirestoreServer:
    """google.firestore.v1 over the documents in `state`.

    Args:
        state: where documents live; other servers may keep their tables in it.
        on_commit: called inside the SQLite transaction of every commit that changed something, before it is
            committed; what it writes to `state` is atomic with the commit, what it raises undoes it.
        indexes: the composite indexes queries may use; None lets every query run.
        delay_s: fault: calls wait for up to so many real seconds, a few far longer.
        trouble: fault: calls that fail, or whose answers are lost.
    """

    def __init__(
        self,
        state: State,
        *,
        on_commit: CommitHook | None = None,
        indexes: Indexes | None = None,
        delay_s: float = 0.0,
        trouble: Trouble | None = None,
    ) -> None:
        self.usage = Usage()
        store = Store(state)
        self._lookups = Lookups(state)
        committer = Committer(state, store, self._lookups, on_commit)
        self._service = FirestoreService(store, QueryRunner(store, self._lookups), committer, indexes)
        slow = (Slowness(delay_s),) if delay_s else ()
        self._faults = (*slow, trouble.interceptor()) if trouble is not None else slow
        self._server: grpc.aio.Server | None = None
        self._filling: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop and return the port; 0 picks a free one.

        Raises:
            OSError: where the address is taken.
        """
        server = grpc.aio.server(options=_OPTIONS, interceptors=self._faults)
        server.add_generic_rpc_handlers((self._handlers(),))
        try:
            bound: int = server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(f"cannot serve Firestore on {host}:{port}") from error
        await server.start()
        self._server = server
        self._filling = asyncio.create_task(self._fill_lookups())
        return bound

    async def stop(self, grace_s: float = 1.0) -> None:
        """Refuse new calls, give running ones `grace_s` real seconds, then cancel them."""
        if self._server is not None:
            await self._server.stop(grace_s)
            self._server = None
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    async def _fill_lookups(self) -> None:
        while True:
            await self._lookups.requested.wait()
            while self._lookups.fill():  # noqa: ASYNC110 - it works, and lets others work in between
                await asyncio.sleep(0)

    def _handlers(self) -> grpc.GenericRpcHandler:
        handlers = {}
        for methods, adapt, build in (
            (self._service.answered_once(), _answer, grpc.unary_unary_rpc_method_handler),
            (self._service.answered_by_stream(), _answer_with_stream, grpc.unary_stream_rpc_method_handler),
            (self._service.streams(), _answer_with_stream, grpc.stream_stream_rpc_method_handler),
        ):
            for name, method in methods.items():
                request = getattr(messages, f"{name}Request")
                handlers[name] = build(adapt(name, method, self.usage), request.FromString, _serialize)
        return grpc.method_handlers_generic_handler(_SERVICE, handlers)


def _serialize(message: messages.RawMessage) -> bytes:
    return message.SerializeToString()


def _answer(name: str, method: Callable[[Any], Awaitable[Any]], usage: Usage) -> Callable[[Any, Any], Awaitable[Any]]:
    async def handle(request: Any, context: Any) -> Any:
        try:
            response = await method(request)
        except RefusedError as error:
            await context.abort(error.code, error.message)
        except Exception as error:  # noqa: BLE001 - the transport's edge: a defect becomes INTERNAL
            get_logger().error("firestore_call_failed", rpc=name, error=type(error).__name__, at=where(error))
            await context.abort(grpc.StatusCode.INTERNAL, "Internal error.")
        else:
            usage.count_request(name, request)
            usage.count_response(name, response)
            return response

    return handle


def _answer_with_stream(
    name: str, method: Callable[[Any], AsyncIterator[Any]], usage: Usage
) -> Callable[[Any, Any], AsyncIterator[Any]]:
    async def handle(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            usage.count_request(name, request)
            async for response in method(request):
                usage.count_response(name, response)
                yield response
        except RefusedError as error:
            await context.abort(error.code, error.message)
        except Exception as error:  # noqa: BLE001 - the transport's edge: a defect becomes INTERNAL
            get_logger().error("firestore_call_failed", rpc=name, error=type(error).__name__, at=where(error))
            await context.abort(grpc.StatusCode.INTERNAL, "Internal error.")

    return handle
