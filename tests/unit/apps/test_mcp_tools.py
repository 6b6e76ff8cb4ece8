"""What is kept of what a stranger's server says that it offers."""

import json
from typing import Any

from mcp.types import Tool, ToolAnnotations

from common.apps.mcp.asking import _LARGEST_TOGETHER, MOST_TOOLS, _kept

SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}


def _tool(name: str, **fields: Any) -> Tool:
    return Tool.model_validate({"name": name, "inputSchema": SCHEMA, **fields})


def test_a_tool_is_kept_with_what_it_says_of_itself() -> None:
    [kept] = _kept([_tool("look", description="Looks.", annotations=ToolAnnotations(read_only_hint=True))])
    assert (kept.name, kept.description, kept.parameters) == ("look", "Looks.", SCHEMA)
    assert (kept.is_mcp, kept.transport, kept.changes, kept.endpoint) == (True, "streamable_http", False, "")


def test_names_that_are_none_and_names_that_come_again_are_left_out() -> None:
    first = _tool("a", description="first")
    kept = _kept([_tool(""), _tool("x" * 129), first, _tool("a", description="second"), _tool("b")])
    assert [(each.name, each.description) for each in kept] == [("a", "first"), ("b", "")]


def test_there_is_an_end_to_all_of_it() -> None:
    kept = _kept([_tool(str(number), description="d" * 9000) for number in range(MOST_TOOLS * 2)])
    assert len(kept) == MOST_TOOLS
    assert {len(each.description) for each in kept} == {1000}


def test_schemas_that_are_too_large_alone_or_together_are_left_out() -> None:
    def schema(size: int) -> dict[str, Any]:
        return {"type": "object", "properties": {}, "description": "x" * size}

    [alone] = _kept([_tool("a", inputSchema=schema(20_000))])
    assert alone.parameters is None
    kept = _kept([_tool(str(number), inputSchema=schema(15_000)) for number in range(MOST_TOOLS)])
    together = sum(len(json.dumps(each.parameters)) for each in kept if each.parameters is not None)
    assert 0 < together <= _LARGEST_TOGETHER
    assert kept[-1].parameters is None


def test_what_cannot_be_stored_is_not_kept() -> None:
    [kept] = _kept([Tool.model_construct(name="a\ud800", description="\udfff", input_schema=SCHEMA, annotations=None)])
    assert (kept.name, kept.description) == ("a\ufffd", "\ufffd")


def test_only_what_is_said_to_change_something_does() -> None:
    hints: list[ToolAnnotations | None] = [
        None,
        ToolAnnotations(),
        ToolAnnotations(read_only_hint=True, destructive_hint=True),
        ToolAnnotations(read_only_hint=False),
        ToolAnnotations(destructive_hint=True),
    ]
    kept = _kept([_tool(str(number), annotations=each) for number, each in enumerate(hints)])
    assert [each.changes for each in kept] == [False, False, False, True, True]
