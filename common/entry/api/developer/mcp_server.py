"""`/v1/mcp/sse`: the hosted MCP server over streamable HTTP (https://modelcontextprotocol.io, transports).

Every request stands for itself: a session id is given because clients expect one, but nothing is kept under it, so
any instance can answer the next request. There is no stream from the server, which the protocol allows (405).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders

from common.core.errors import UnsupportedContentError
from common.core.ids import new_id
from common.entry.api.identity import McpUser
from common.entry.api.routing import Router
from common.entry.api.schemas import responses

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

router = Router(prefix="/v1/mcp/sse", tags=["mcp"], responses=responses(401, 429))

_SESSION = "mcp-session-id"
_JSON_RPC = {"type": "object", "description": "A JSON-RPC 2.0 message"}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": reason, "content": {"application/json": {"schema": _JSON_RPC}}}
    for status, reason in {
        200: "The answer, or the error, to a request",
        400: "No JSON-RPC message, or of another protocol",
        404: "No such method",
        406: "The client does not accept JSON",
    }.items()
}
_ANSWERS[202] = {"description": "A notification was taken"}


class _Passed(Response):
    """An answer that the MCP library writes itself."""

    def __init__(self, uid: str) -> None:
        super().__init__()
        self._uid = uid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over, and give a session id to whoever has none."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from common.entry.mcp.server import server_for

        known = any(name == _SESSION.encode() for name, _ in scope["headers"])

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                MutableHeaders(raw=message["headers"])[_SESSION] = new_id()
            await send(message)

        manager = StreamableHTTPSessionManager(server_for(self._uid), json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, named)


@router.post(
    "",
    response_class=Response,
    responses=_ANSWERS | responses(415),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _JSON_RPC}}}},
)
async def ask(user: McpUser, content_type: Annotated[str | None, Header(include_in_schema=False)] = None) -> Response:
    """Send a JSON-RPC message; the answer is JSON."""
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentError("The body must be application/json")
    return _Passed(user)


@router.get("", status_code=405, responses=responses(405))
async def listen(_: McpUser) -> JSONResponse:
    """There is nothing to listen to; the protocol lets a server say so."""
    return JSONResponse({"detail": "This server sends nothing by itself"}, status_code=405, headers={"Allow": "POST"})


@router.delete("", status_code=204, response_class=Response)
async def leave(_: McpUser) -> None:
    """End a session, of which there is nothing to end."""
