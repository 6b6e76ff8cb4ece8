"""The HTTP server: FCM's own `messages:send`, and beside it the outbox, where one sees what devices would have got."""

import json
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.fcm.errors import FcmError
from local.fcm.messages import checked
from local.fcm.store import Outbox
from local.http import HttpServer
from local.state import State

if TYPE_CHECKING:
    from collections import deque

_LARGEST_REQUEST = 256 * 1024
_MOST_SHOWN = 1000


class FcmServer:
    """Takes messages, and delivers none.

    `refusals` are by token what is answered to the next messages to it, one after the other.
    """

    def __init__(self, state: State) -> None:
        self.outbox = Outbox(state)
        self.refusals: dict[str, deque[FcmError]] = {}
        routes = [
            Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"]),
            Route("/outbox", self._show),
            Route("/outbox/{token}", self._unregister, methods=["DELETE"]),
        ]
        self._server = HttpServer(Starlette(routes=routes))

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop; returns the port."""
        return await self._server.start(host, port)

    async def stop(self) -> None:
        """Finish requests under way and stop."""
        await self._server.stop()

    async def _send(self, request: Request) -> Response:
        try:
            message, validate_only = await _read(request)
            self._refuse(str(message.get("token", "")))
        except FcmError as error:
            return error.response()
        project = request.path_params["project"]
        if validate_only:
            return JSONResponse({"name": f"projects/{project}/messages/fake_message_id"})
        return JSONResponse({"name": self.outbox.add(message, project=project)})

    def _refuse(self, token: str) -> None:
        if not self.outbox.is_registered(token):
            raise FcmError("UNREGISTERED")
        if waiting := self.refusals.get(token):
            raise waiting.popleft()

    async def _show(self, request: Request) -> Response:
        asked = request.query_params.get("limit", "")
        limit = min(int(asked), _MOST_SHOWN) if asked.isascii() and asked.isdecimal() else 100
        return JSONResponse({"messages": self.outbox.list_newest(token=request.query_params.get("token"), limit=limit)})

    async def _unregister(self, request: Request) -> Response:
        self.outbox.unregister(request.path_params["token"])
        return JSONResponse({})


async def _read(request: Request) -> tuple[dict[str, Any], bool]:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_REQUEST:
            raise FcmError("INVALID_ARGUMENT", bare=True)
    try:
        decoded = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise FcmError("INVALID_ARGUMENT", message="Invalid JSON payload received.", bare=True) from error
    message = checked(decoded)
    return message, decoded.get("validate_only") is True or decoded.get("validateOnly") is True
