"""Routers of ours: found by a glance at the path among hundreds of routes, and handlers that cost one thread's switch.

The framework tries every route of every router in turn, and goes to a thread a second time to look at what a handler
answers. Together that took longer than a read from the store (`python -m bench.api`).
"""

from collections.abc import Awaitable, Callable
from functools import cached_property, wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class Route(APIRoute):
    """A route whose handler runs in a thread unless it is a coroutine; its answer is what is described."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _in_thread(endpoint), **options)


class Router(APIRouter):
    """A router that is gone through only for paths that begin as one of its own does."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes is meant."""
        if not scope["path"].startswith(self._beginnings):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple({route.path.partition("{")[0] for route in self.routes if isinstance(route, APIRoute)})


def _in_thread(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    @wraps(handler)
    async def handle(**values: Any) -> Any:
        return await run_in_threadpool(handler, **values)

    return handle
