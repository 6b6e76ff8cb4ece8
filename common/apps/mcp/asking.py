"""Asking a remote MCP server what it offers, and for what it offers, over streamable HTTP: little, and in time."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

from common.apps.changing import sounds_like_a_change
from common.core.errors import AuthorizationWantedError, BadRequestError, OutsideError
from common.llm.whole_pieces import whole_text
from common.models.app import ChatTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp import Client
    from mcp.types import ContentBlock, Tool, ToolAnnotations

LISTED_WITHIN_S = 15.0
MOST_TOOLS = 64
TRANSPORT = "streamable_http"
MARKS = 1
"""The form in which tools are marked; see `App.mcp_marks`."""
_MOST_PAGES = 8
_LONGEST_NAME = 128
_LONGEST_DESCRIPTION = 1000
_LARGEST_SCHEMA = 16_000
_LARGEST_TOGETHER = 300_000
"""Characters of all the schemas of a server: with the descriptions they have to fit a document."""

T = TypeVar("T")


def list_tools(url: str, *, token: str | None = None, within_s: float = LISTED_WITHIN_S) -> list[ChatTool]:
    """What a server offers, the first MOST_TOOLS of it.

    Args:
        url: the server's.
        token: lets the user in.
        within_s: real seconds for all of it.

    Raises:
        BadRequestError: the address must not be asked.
        AuthorizationWantedError: the server wants to know who asks.
        OutsideError: it does not answer as it should.
    """

    async def ask(client: Client) -> list[Tool]:
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None or len(found) >= MOST_TOOLS:
                break
        return found

    return _kept(_with_client(url, ask, token=token, within_s=within_s))


def call_tool(url: str, name: str, given: Mapping[str, Any], *, token: str | None, within_s: float) -> str:
    """What a server's tool answers, as text.

    Args:
        url: the server's.
        name: the tool's, as the server calls it.
        given: its arguments.
        token: lets the user in.
        within_s: real seconds for all of it.

    Raises:
        BadRequestError: the address must not be asked.
        AuthorizationWantedError: the server wants to know who asks.
        OutsideError: it does not answer as it should.
    """

    async def call(client: Client) -> str:
        from mcp.shared.exceptions import MCPError
        from mcp.types import INVALID_PARAMS

        try:
            result = await client.call_tool(name, dict(given))
        except MCPError as error:
            if error.code != INVALID_PARAMS:  # of others the library makes some itself
                raise
            return f"Error: {error.message}"
        text = "\n".join(_readable(result.content))
        if not text and result.structured_content is not None:
            text = json.dumps(result.structured_content, ensure_ascii=False)
        text = text or _unreadable(result.content) or "The tool answered with nothing."
        return f"Error: {text}" if result.is_error else text

    return _with_client(url, call, token=token, within_s=within_s)


def _kept(listed: list[Tool]) -> list[ChatTool]:
    """The tools as they are stored: by names that no two share, none of them large. Pure."""
    kept: dict[str, ChatTool] = {}
    room = _LARGEST_TOGETHER
    for each in listed:
        name = whole_text(each.name)
        if not 0 < len(name) <= _LONGEST_NAME or name in kept:
            continue
        size = len(json.dumps(each.input_schema))
        fits = size <= min(_LARGEST_SCHEMA, room)
        room -= size if fits else 0
        kept[name] = ChatTool(
            name=name,
            description=whole_text(each.description or "")[:_LONGEST_DESCRIPTION],
            parameters=each.input_schema if fits else None,
            is_mcp=True,
            transport=TRANSPORT,
            changes=_changes(name, each.annotations),
        )
    return list(kept.values())[:MOST_TOOLS]


def _readable(content: Sequence[ContentBlock]) -> list[str]:
    """What of an answer is text: what is said, what stands in resources, and which others there are. Pure."""
    texts: list[str] = []
    for each in content:
        if each.type == "text":
            texts.append(each.text)
        elif each.type == "resource" and isinstance(text := getattr(each.resource, "text", None), str):
            texts.append(text)
        elif each.type == "resource_link":
            texts.append(f"{each.title or each.name}: {each.uri}")
    return texts


def _unreadable(content: Sequence[ContentBlock]) -> str:
    """What is said of an answer that has no text. Pure."""
    kinds = sorted({each.type for each in content} - {"text"})
    return f"The tool answered with what cannot be read here: {', '.join(kinds)}." if kinds else ""


def _changes(name: str, hints: ToolAnnotations | None) -> bool:
    """Whether a tool is said to change something; by its name where nothing else says either."""
    if hints is not None and hints.read_only_hint is not None:
        return not hints.read_only_hint
    if hints is not None and hints.destructive_hint:
        return True
    return sounds_like_a_change(name)


def _with_client(url: str, use: Callable[[Client], Awaitable[T]], *, token: str | None, within_s: float) -> T:
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    from common.apps.mcp.judged import Heard, judged_client

    heard = Heard()

    async def talk() -> T:
        async with (
            asyncio.timeout(within_s),
            judged_client(url, within_s=within_s, token=token, heard=heard) as http,
            Client(streamable_http_client(url, http_client=http, terminate_on_close=False)) as client,
        ):
            return await use(client)

    try:
        return asyncio.run(talk())
    except Exception as error:
        if heard.challenge is not None:
            raise AuthorizationWantedError(
                "The app's server wants to know who asks", challenge=heard.challenge
            ) from None
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
