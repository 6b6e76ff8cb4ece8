"""An application in parts: what answers a path is imported when the first request comes that begins as it does.

Hundreds of routes, with what checks each, are most of what a start would cost; who wakes an instance asks for one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from common.core.process import settle
from common.entry.api.routing import Group

if TYPE_CHECKING:
    from fastapi.routing import APIRoute


@dataclass(frozen=True)
class Part:
    """Paths with one of the `beginnings` lead to `routers` and to no other part's; calling that imports them."""

    beginnings: tuple[str, ...]
    routers: Callable[[], Sequence[APIRouter]]


class Application(FastAPI):
    """Serves `parts`; its description loads all of them."""

    def __init__(self, parts: Sequence[Part], **options: Any) -> None:
        super().__init__(**options)
        self._waiting = list(parts)
        self._loading = asyncio.Lock()
        self.served: list[APIRoute] = []
        """The routes of what has been loaded, which grow."""

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes, as the framework describes them."""
        return list(self.served)

    def openapi(self) -> dict[str, Any]:
        """The description of everything."""
        for part in tuple(self._waiting):
            self._serve(part, part.routers())
        return super().openapi()

    async def have(self, path: str) -> None:
        """Load what answers `path`, unless it is there."""
        if not self._wanted(path):
            return
        async with self._loading:
            for part in self._wanted(path):
                self._serve(part, await run_in_threadpool(part.routers))
                settle()

    def _wanted(self, path: str) -> list[Part]:
        everything = path == self.openapi_url
        return [part for part in self._waiting if everything or path.startswith(part.beginnings)]

    def _serve(self, part: Part, routers: Sequence[APIRouter]) -> None:
        for router in routers:
            group = Group(router)
            self.router.routes.append(group)
            self.served += group.members
        self._waiting.remove(part)


class Loading:
    """Lets a request through when what answers it is there."""

    def __init__(self, app: ASGIApp, *, application: Application) -> None:
        self._app = app
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            await self._application.have(scope["path"])
        await self._app(scope, receive, send)
