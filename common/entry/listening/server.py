"""Serves `/v4/listen`: a WebSocket server in the process's event loop, with a health check beside it."""

import asyncio
import json
import signal
from http import HTTPStatus
from socket import create_server, socket
from urllib.parse import parse_qsl, urlsplit

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from common.core.logs import configure
from common.core.process import settle
from common.entry.listening.service import ListenService
from common.entry.listening.socket import LARGEST_MESSAGE, ListenSocket

PATHS = ("/v4/listen", "/v3/listen", "/v4/web/listen")
_BACKLOG = 1024
_JSON = {"Content-Type": "application/json"}


async def serve(host: str, port: int) -> None:
    """Serve until the process is told to end, then as long as it takes to store what has been received."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = ListenServer()
    await server.start(create_server((host, port), backlog=_BACKLOG))
    settle()
    await told.wait()
    await server.stop()


class ListenServer:
    """Serves until stopped."""

    def __init__(self) -> None:
        self._service: ListenService | None = None
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket) -> None:
        """Serve on a bound socket."""
        configure()
        self._service = ListenService()
        self._server = await ws_create_server(
            self._on_request, sock=listener, max_frame_size=LARGEST_MESSAGE, websocket_handshake_timeout=10
        )

    async def stop(self) -> None:
        """Accept nobody any more, part from everybody, and return when all they sent is stored."""
        if self._server is None or self._service is None:
            return
        self._server.close()
        await self._service.stop()
        self._server = self._service = None

    def _on_request(self, request: WSUpgradeRequest) -> ListenSocket | WSUpgradeResponseWithListener:
        target = urlsplit(request.path.decode("latin-1"))
        if target.path == "/healthz":
            return _answer(HTTPStatus.OK, {"status": "ok"})
        if target.path not in PATHS or self._service is None:
            return _answer(HTTPStatus.NOT_FOUND, {"detail": "Not Found"})
        service, query = self._service, dict(parse_qsl(target.query, keep_blank_values=True))
        return ListenSocket(request, lambda accepted: service.serve(accepted, path=target.path, query=query))


def _answer(status: HTTPStatus, body: dict[str, str]) -> WSUpgradeResponseWithListener:
    data = json.dumps(body).encode()
    if status is HTTPStatus.OK:
        response = WSUpgradeResponse.create_ok_response(data, _JSON)
    else:
        response = WSUpgradeResponse.create_error_response(status, data, _JSON)
    return WSUpgradeResponseWithListener(response, None)
