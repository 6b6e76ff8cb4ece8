"""An ASGI application served in the running loop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn


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
        listener = socket.create_server((host, port), backlog=1024)
        # Accepted connections inherit it; without it every small answer waits 40 ms for a delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server = _Server(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Finish the requests under way and close the port; safe to call when not started."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._serving
        self._server = self._serving = None
