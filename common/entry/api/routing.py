"""Routers of ours: found by a glance at the path among hundreds of routes, and handlers that cost one thread's switch.

The framework tries every route of every router in turn, and goes to a thread a second time to look at what a handler
answers. Together that took longer than a read from the store (`python -m bench.api`). And it works out what a route
takes and answers when the route is named, and once more when its router is included; that was most of what the first
request of an instance waited for (`python -m bench.cold_start`).
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from inspect import iscoroutinefunction
from threading import RLock
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send


class Route(APIRoute):
    """A route whose handler runs in a thread unless it is a coroutine; its answer is what is described.

    Until somebody asks for more, a request or the description, it knows no more than which requests it is for.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, methods: list[str], **options: Any) -> None:
        handler = endpoint if iscoroutinefunction(endpoint) else _in_thread(endpoint)
        self._making = RLock()
        self._make: Callable[[], None] | None = partial(super().__init__, path, handler, methods=methods, **options)
        self.path = path
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in methods}
        self.endpoint = handler

    def __getattr__(self, name: str) -> Any:
        """What is not there yet."""
        known = self.__dict__
        if "_making" in known:
            with self._making:
                make, self._make = self._make, None
                if make is not None:
                    make()
        if name in known:
            return known[name]
        raise AttributeError(name)


class Router(APIRouter):
    """Takes down routes of ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, generate_unique_id_function=operation_id, **options)


class Group(BaseRoute):
    """The routes of a router as one, gone through only for paths that begin as one of them does."""

    def __init__(self, router: APIRouter) -> None:
        self.members = [route for route in router.routes if isinstance(route, APIRoute)]
        self._beginnings = tuple({route.path.partition("{")[0] for route in self.members})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes is meant; the one that also answers the method, if there is one."""
        nearest: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] != "http" or not scope["path"].startswith(self._beginnings):
            return nearest
        for route in self.members:
            found = route.matches(scope)
            if found[0] is Match.FULL:
                return found
            if nearest[0] is Match.NONE:
                nearest = found
        return nearest

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route have it that was meant."""
        await scope["route"].handle(scope, receive, send)


def operation_id(route: APIRoute) -> str:
    """Short, and unique because a function has one name in one module."""
    module = route.endpoint.__module__.rpartition("common.entry.api.")[2]
    return f"{module.replace('.', '_')}_{route.name}"


def _in_thread(handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    @wraps(handler)
    async def handle(**values: Any) -> Any:
        return await run_in_threadpool(handler, **values)

    return handle
