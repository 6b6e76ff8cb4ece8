"""The application that serves the listen socket."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from common.core.logs import configure
from common.entry.listening import ListenEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


def create_app() -> Starlette:
    """One route, one endpoint with the watch all its connections share."""
    configure()
    endpoint = ListenEndpoint()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        endpoint.close()

    return Starlette(
        routes=[WebSocketRoute("/v4/listen", endpoint.__call__), Route("/healthz", _health)],
        exception_handlers={404: _unknown},
        lifespan=lifespan,
    )


async def _unknown(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"detail": "Not Found"}, status_code=404)


async def _health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})
