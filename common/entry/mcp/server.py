"""The MCP server of one user, on the official library: lists the tools and calls them.

Failures are JSON-RPC errors inside an HTTP 200: -32001 not found, -32601 unknown tool, -32602 bad arguments, -32000
anything else that can be told, -32603 what must not be.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from common.core.errors import EarshotError, InvalidInputError, NotFoundError
from common.core.logs import get_logger, where
from common.entry.mcp.about import ABOUT_TOOLS
from common.entry.mcp.action_items import ACTION_ITEM_TOOLS
from common.entry.mcp.conversations import CONVERSATION_TOOLS
from common.entry.mcp.memories import MEMORY_TOOLS

if TYPE_CHECKING:
    from mcp import MCPError
    from mcp.server.lowlevel import Server

    from common.entry.mcp.tools import Result, Tool

TOOLS = {tool.name: tool for tool in (*MEMORY_TOOLS, *CONVERSATION_TOOLS, *ACTION_ITEM_TOOLS, *ABOUT_TOOLS)}

_REFUSED = -32000
_NOT_FOUND = -32001
_UNKNOWN_TOOL = -32601
_BAD_ARGUMENTS = -32602
_INTERNAL = -32603


def server_for(uid: str) -> Server[Any]:
    """A server whose tools act for one user. It keeps nothing between requests, so any instance may serve the next."""
    from mcp import types
    from mcp.server.lowlevel import Server

    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(_: Any, call: types.CallToolRequestParams) -> types.CallToolResult:
        result = await run_in_threadpool(_call, uid, call.name, call.arguments or {})
        return types.CallToolResult(
            content=[types.TextContent(text=json.dumps(result, ensure_ascii=False))], structured_content=result
        )

    return Server("Earshot", version="1", on_list_tools=list_tools, on_call_tool=call_tool)


def _described(tool: Tool) -> Any:
    from mcp import types

    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(read_only_hint=tool.read_only, open_world_hint=False),
    )


def _call(uid: str, name: str, arguments: dict[str, Any]) -> Result:
    tool = TOOLS.get(name)
    if tool is None:
        raise _error(_UNKNOWN_TOOL, "Unknown tool")
    try:
        return tool.run(uid, tool.arguments.model_validate(arguments))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise _error(_BAD_ARGUMENTS, "; ".join(problems)) from error
    except EarshotError as error:
        raise _error(_code(error), str(error)) from error
    except Exception as error:
        get_logger().error("tool_failed", tool=name, error=type(error).__name__, at=where(error))
        raise _error(_INTERNAL, "Internal error") from error


def _code(error: EarshotError) -> int:
    if isinstance(error, NotFoundError):
        return _NOT_FOUND
    return _BAD_ARGUMENTS if isinstance(error, InvalidInputError) else _REFUSED


def _error(code: int, message: str) -> MCPError:
    from mcp import MCPError

    return MCPError(code, message)
