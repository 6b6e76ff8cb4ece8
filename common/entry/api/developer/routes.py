"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/dev/keys",
    "/v1/mcp/keys",
    "/v1/mcp/sse",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.developer import keys, mcp_server

    return (keys.developer, keys.mcp, mcp_server.router)


PART = Part(_BEGINNINGS, _routers)
