"""Tools of the remote MCP servers of a user's apps, asked with what the user has been granted there.

What a server offers is known from when it was added; its names are judged by today's rule. Of an app that names one
without having been asked what that offers, it is asked at most once in a while per process, and only for as long as an
answer can wait.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from common.apps.changing import sounds_like_a_change
from common.apps.mcp.access import with_access
from common.apps.mcp.asking import MARKS, call_tool, list_tools
from common.chat.tools.apps import MOST, WITHIN_S, parameters, told, told_outside, tool_name
from common.chat.tools.base import Output, Scope, Tool
from common.core import clock
from common.core.clock import Deadline
from common.core.errors import AuthorizationWantedError, BadRequestError, OutsideError
from common.core.logs import get_logger
from common.llm.talking import ToolDescription
from common.models.app import PENDING_MCP_AUTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from common.models.app import App, ChatTool

_LISTED_WITHIN_S = 5.0
_KNOWN_S = 600.0
_UNKNOWN_S = 60.0
"""After which a server that did not answer is asked again."""
_MOST_SERVERS = 8
_MOST_KNOWN = 1000
_known: dict[str, tuple[float, list[ChatTool]]] = {}


def tools_of(found: Sequence[App], *, deadline: clock.Deadline) -> list[Tool]:
    """The tools of the MCP servers of apps; a server that does not answer has none."""
    served = [(app, url) for app in found if (url := app.mcp_server_url)][:_MOST_SERVERS]
    if not served:
        return []
    within_s = min(_LISTED_WITHIN_S, deadline.remaining)
    with ThreadPoolExecutor(len(served)) as pool:
        offered = list(pool.map(lambda each: _offered(*each, within_s=within_s), served))
    tools: dict[str, Tool] = {}
    for (app, _), listed in zip(served, offered, strict=True):
        for each in listed:
            name = tool_name(app, each.name)
            described = ToolDescription(name, told(app, each.description), parameters(each.parameters))
            run, doing = partial(_ask, app, each.name), f"Asking {app.name}"
            tools.setdefault(name, Tool(described, run, doing, each.changes, ours=False))
    return list(tools.values())[:MOST]


def _offered(app: App, url: str, *, within_s: float) -> list[ChatTool]:
    stored = [_marked(each, app) for each in app.chat_tools if each.is_mcp]
    if stored or app.status == PENDING_MCP_AUTH:
        return stored
    known = _known.get(url)
    if known is not None and known[0] > clock.monotonic():
        return known[1]
    offered: list[ChatTool] = []
    kept_s = _UNKNOWN_S
    try:
        offered, kept_s = list_tools(url, within_s=within_s), _KNOWN_S
    except (OutsideError, BadRequestError) as error:
        get_logger().info("mcp_server_unreachable", error=type(error).__name__)
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[url] = (clock.monotonic() + kept_s, offered)
    return offered


def _marked(tool: ChatTool, app: App) -> ChatTool:
    """A stored tool; of one that was added when names did not count the server is not asked anew for that."""
    if app.mcp_marks >= MARKS or not sounds_like_a_change(tool.name):
        return tool
    return tool.model_copy(update={"changes": True})


def _ask(app: App, name: str, scope: Scope, given: Mapping[str, Any], key: str) -> Output:
    del key  # the protocol has no place for it
    url, arguments = app.mcp_server_url or "", told_outside(given)
    deadline = Deadline.real(min(WITHIN_S, scope.deadline.remaining))

    def call(token: str | None) -> str:
        return call_tool(url, name, arguments, token=token, within_s=deadline.remaining)

    try:
        return Output(with_access(app, call, uid=scope.uid, deadline=deadline))
    except AuthorizationWantedError:
        return Output(f"{app.name} lets the user in no longer. They have to connect it again, in its settings.")
