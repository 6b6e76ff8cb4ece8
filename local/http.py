"""An ASGI application served in the running loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

_STARTING_S = 0.005


def bound_socket(host: str, port: int) -> socket.socket:
    """A TCP socket to listen on; port 0 picks a free one.

    Raises:
        OSError: the port is taken.
    """
    # The protocol is named because asyncio turns Nagle's algorithm off only then: small answers would take 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    """Leaves the process's signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """Serves `app` until stopped; `options` are uvicorn's."""

    def __init__(self, app: Any, **options: Any) -> None:
        self._config = uvicorn.Config(
            app, **{"log_config": None, "access_log": False, "lifespan": "off", "ws": "none"} | options
        )
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve and return the port; 0 picks a free one.

        Raises:
            OSError: the port is taken.
        """
        listener = bound_socket(host, port)
        self._server = _Server(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(_STARTING_S)
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Finish the requests under way and close the port; safe to call when not started."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._serving
        self._server = self._serving = None
