"""Serves `/v4/listen`: a WebSocket server in the process's event loop, with a health check beside it."""

import asyncio
import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from socket import SO_RCVBUF, SOL_SOCKET, create_server, socket
from urllib.parse import parse_qsl, urlsplit

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from common.core.logs import configure
from common.core.process import give_way, settle
from common.entry.listening.service import ListenService
from common.entry.listening.socket import LARGEST_MESSAGE, ListenSocket

PATHS = ("/v4/listen", "/v3/listen", "/v4/web/listen")
_BACKLOG = 1024
_WAITING_BYTES = 128 * 1024
"""What may wait of a connection to be read; the rest stays with its client. The library's buffer grows with it, too."""
STORE_THREADS = 64
"""Calls of stores under way at once. A store that is slow then holds up its callers, and not everybody's blocks."""
_YOUNG, _MIDDLE = 2_000, 500
"""New objects that the garbage collector looks at together, for every connection waits meanwhile; and how often it does
that before it looks at what has stayed, which is much and hardly ever garbage."""
_SWITCH_S = 0.0002
"""How long a thread that talks to a store may keep the interpreter from the event loop."""
_JSON = {"Content-Type": "application/json"}
_UPGRADE = {"Upgrade": "websocket"}


async def serve(host: str, port: int) -> None:
    """Serve until the process is told to end, then as long as it takes to store what has been received."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = ListenServer()
    await server.start(create_server((host, port), backlog=_BACKLOG))
    never_stand_still()
    await told.wait()
    await server.stop()


def never_stand_still() -> None:
    """Call once everything is imported: nobody keeps the event loop from the connections for long."""
    settle(young=_YOUNG, middle=_MIDDLE)
    sys.setswitchinterval(_SWITCH_S)


class ListenServer:
    """Serves until stopped."""

    def __init__(self) -> None:
        self._service: ListenService | None = None
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket) -> None:
        """Serve on a bound socket."""
        configure()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(STORE_THREADS, "store", give_way))
        self._service = ListenService()
        listener.setsockopt(SOL_SOCKET, SO_RCVBUF, _WAITING_BYTES)  # whoever is accepted inherits it
        self._server = await ws_create_server(
            self._on_request,
            sock=listener,
            max_frame_size=LARGEST_MESSAGE,
            websocket_handshake_timeout=10,
            enable_auto_pong=False,  # whoever does not read them gets none
        )

    async def stop(self) -> None:
        """Accept nobody any more, part from everybody, and return when all they sent is stored."""
        if self._server is None or self._service is None:
            return
        self._server.close()
        service, self._service = self._service, None
        await service.stop()
        self._server = None

    def _on_request(self, request: WSUpgradeRequest) -> ListenSocket | WSUpgradeResponseWithListener:
        try:
            target = urlsplit(request.path.decode("latin-1"))
        except ValueError:
            return _answer(HTTPStatus.NOT_FOUND, {"detail": "Not Found"})
        if target.path == "/healthz":
            return _answer(HTTPStatus.OK, {"status": "ok"})
        if target.path not in PATHS:
            return _answer(HTTPStatus.NOT_FOUND, {"detail": "Not Found"})
        if not _wants_a_socket(request):
            return _answer(HTTPStatus.UPGRADE_REQUIRED, {"detail": "A WebSocket is expected here"})
        if self._service is None:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, {"detail": "The service goes away"})
        service, query = self._service, dict(parse_qsl(target.query, keep_blank_values=True))
        return ListenSocket(request, lambda accepted: service.serve(accepted, path=target.path, query=query))


def _wants_a_socket(request: WSUpgradeRequest) -> bool:
    """Whether a WebSocket is asked for; the library, which looks next, knows one way of saying so, browsers several."""
    options = {option.strip().lower() for option in request.headers.get("Connection", "").split(",")}
    if "upgrade" not in options or request.headers.get("Upgrade", "").lower() != "websocket":
        return False
    request.headers["Connection"] = "Upgrade"
    return True


def _answer(status: HTTPStatus, body: dict[str, str]) -> WSUpgradeResponseWithListener:
    data = json.dumps(body).encode()
    if status is HTTPStatus.OK:
        response = WSUpgradeResponse.create_ok_response(data, _JSON)
    else:
        response = WSUpgradeResponse.create_error_response(status, data, _JSON | _UPGRADE)
    return WSUpgradeResponseWithListener(response, None)
