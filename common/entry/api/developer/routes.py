"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.developer import keys, mcp_server

ROUTERS: tuple[APIRouter, ...] = (keys.developer, keys.mcp, mcp_server.router)
