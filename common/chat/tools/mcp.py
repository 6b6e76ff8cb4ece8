"""Tools of the remote MCP servers of a user's apps, over streamable HTTP, through addresses that are judged first.

A server is asked what it offers at most once in a while per process, and only for as long as an answer can wait.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from common.chat.tools.apps import MOST, WITHIN_S, parameters, told, told_outside, tool_name
from common.chat.tools.base import Output, Scope, Tool
from common.core import clock
from common.core.errors import BadRequestError, OutsideError
from common.core.logs import get_logger
from common.llm.talking import ToolDescription

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp import Client
    from mcp.types import ToolAnnotations

    from common.models.app import App

_LISTED_WITHIN_S = 5.0
_KNOWN_S = 600.0
_UNKNOWN_S = 60.0
"""After which a server that did not answer is asked again."""
_MOST_SERVERS = 8
_MOST_KNOWN = 1000
_Listed = tuple[ToolDescription, bool]
"""A tool, and whether its server says that it changes something."""
_known: dict[str, tuple[float, list[_Listed]]] = {}

T = TypeVar("T")


def tools_of(found: Sequence[App], *, deadline: clock.Deadline) -> list[Tool]:
    """The tools of the MCP servers of apps; a server that does not answer has none."""
    served = [(app, url) for app in found if (url := _server(app))][:_MOST_SERVERS]
    if not served:
        return []
    within_s = min(_LISTED_WITHIN_S, deadline.remaining)
    with ThreadPoolExecutor(len(served)) as pool:
        offered = list(pool.map(lambda each: _offered(each[1], within_s=within_s), served))
    tools: dict[str, Tool] = {}
    for (app, url), listed in zip(served, offered, strict=True):
        for each, changes in listed:
            name = tool_name(app, each.name)
            described = ToolDescription(name, told(app, each.description), parameters(each.parameters))
            run, doing = partial(_ask, url, each.name), f"Asking {app.name}"
            tools.setdefault(name, Tool(described, run, doing, changes, ours=False))
    return list(tools.values())[:MOST]


def _server(app: App) -> str | None:
    return app.external_integration.mcp_server_url if app.external_integration is not None else None


def _offered(url: str, *, within_s: float) -> list[_Listed]:
    known = _known.get(url)
    if known is not None and known[0] > clock.monotonic():
        return known[1]

    async def ask(client: Client) -> list[_Listed]:
        listed = await client.list_tools()
        return [
            (ToolDescription(each.name, each.description or "", each.input_schema), _changes(each.annotations))
            for each in listed.tools[:MOST]
        ]

    offered: list[_Listed] = []
    kept_s = _UNKNOWN_S
    try:
        offered, kept_s = _with_client(url, ask, within_s=within_s), _KNOWN_S
    except (OutsideError, BadRequestError) as error:
        get_logger().info("mcp_server_unreachable", error=type(error).__name__)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[url] = (clock.monotonic() + kept_s, offered)
    return offered


def _changes(hints: ToolAnnotations | None) -> bool:
    """Whether a tool is said to change something; one of which nothing is said may be asked at any time."""
    if hints is None or hints.read_only_hint:
        return False
    return hints.read_only_hint is False or bool(hints.destructive_hint)


def _ask(url: str, name: str, scope: Scope, given: Mapping[str, Any], key: str) -> Output:
    del key  # the protocol has no place for it

    async def call(client: Client) -> str:
        result = await client.call_tool(name, told_outside(given))
        texts = [each.text for each in result.content if each.type == "text"]
        if not texts and result.structured_content is not None:
            texts = [json.dumps(result.structured_content, ensure_ascii=False)]
        text = "\n".join(texts) or "The tool answered with nothing."
        return f"Error: {text}" if result.is_error else text

    return Output(_with_client(url, call, within_s=min(WITHIN_S, scope.deadline.remaining)))


def _with_client(url: str, use: Callable[[Client], Awaitable[T]], *, within_s: float) -> T:
    """What is had of a server in time.

    Raises:
        BadRequestError: the address must not be asked.
        OutsideError: it does not answer as a server should.
    """
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    from common.chat.tools.judged import judged_client

    async def talk() -> T:
        async with (
            asyncio.timeout(within_s),
            judged_client(url, within_s=within_s) as http,
            Client(streamable_http_client(url, http_client=http, terminate_on_close=False)) as client,
        ):
            return await use(client)

    try:
        return asyncio.run(talk())
    except Exception as error:
        refused = _first(error, BadRequestError)
        if refused is not None:
            raise refused from None
        # The library raises errors of its own, of its transport, and groups of both.
        raise OutsideError("The app's server does not answer as it should") from error


def _first(error: BaseException, kind: type[BadRequestError]) -> BadRequestError | None:
    """An error of this kind in what was raised, however deep."""
    if isinstance(error, kind):
        return error
    inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    inner += [each for each in (error.__cause__, error.__context__) if each is not None]
    return next((found for each in inner if (found := _first(each, kind)) is not None), None)
