"""The hosted MCP server, asked by the official client and by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from common.database import conversations
from common.entry.mcp.server import TOOLS
from tests.support.making import a_conversation, at
from tests.wire.api.conftest import ApiAs

Ask = Callable[..., Awaitable[dict[str, Any]]]
ACCEPT = {"Accept": "application/json, text/event-stream"}


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@pytest.fixture
def key(api: httpx.Client) -> str:
    return str(api.post("/v1/mcp/keys", json={"name": "assistant"}).json()["key"])


@pytest.fixture
def by_hand(address: str, key: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key}", **ACCEPT}
    with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
        yield client


@asynccontextmanager
async def connected(address: str, key: str, mode: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http:
        transport = streamable_http_client(f"{address}/v1/mcp/sse", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


def walk(address: str, key: str, steps: Callable[[Ask], Awaitable[None]], *, mode: str = "legacy") -> None:
    async def run() -> None:
        async with connected(address, key, mode) as client:

            async def ask(tool: str, **arguments: Any) -> dict[str, Any]:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error
                assert isinstance(result.structured_content, dict)
                return result.structured_content

            await steps(ask)

    asyncio.run(run())


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_official_client_lists_the_tools_with_their_arguments(address: str, key: str, mode: str) -> None:
    async def run() -> None:
        async with connected(address, key, mode) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} == set(TOOLS)
            for tool in tools:
                assert tool.description
                assert tool.input_schema["type"] == "object"
                assert "uid" not in tool.input_schema.get("properties", {}), "who asks is told by the key alone"

    asyncio.run(run())


def test_memories_are_made_found_edited_and_deleted(address: str, key: str) -> None:
    async def steps(ask: Ask) -> None:
        assert await ask("get_memories") == {"memories": []}
        made = await ask("create_memory", content="Plays the cello", category="hobbies")
        assert made["success"]
        memory_id = made["memory"]["id"]
        several = await ask("create_memories", memories=[{"content": "Lives in Lisbon"}, {"content": "Has a dog"}])
        assert [each["content"] for each in several["memories"]] == ["Lives in Lisbon", "Has a dog"]
        assert len((await ask("get_memories"))["memories"]) == 3
        assert (await ask("get_memories", categories=["hobbies"]))["memories"] == [made["memory"]]
        assert await ask("edit_memory", memory_id=memory_id, content="Plays the viola") == {"success": True}
        assert (await ask("get_memories", categories=["hobbies"]))["memories"][0]["content"] == "Plays the viola"
        assert await ask("delete_memory", memory_id=memory_id) == {"success": True}
        assert len((await ask("get_memories"))["memories"]) == 2

    walk(address, key, steps)


def test_conversations_are_listed_without_and_read_with_what_was_said(address: str, key: str, uid: str) -> None:
    for number in range(3):
        conversations.create(
            a_conversation(
                id=f"c{number}",
                status="completed",
                created_at=at(number),
                transcript_segments=[{"text": "The flat is near the station", "start": 0, "end": 2, "is_user": True}],
            ),
            uid=uid,
        )

    async def steps(ask: Ask) -> None:
        listed = (await ask("get_conversations", limit=2))["conversations"]
        assert [each["id"] for each in listed] == ["c2", "c1"]
        assert "transcript_segments" not in listed[0]
        whole = (await ask("get_conversation_by_id", conversation_id="c1"))["conversation"]
        assert [segment["text"] for segment in whole["transcript_segments"]] == ["The flat is near the station"]
        both = await ask("get_conversations_by_ids", conversation_ids=["c2", "c0", "c2"])
        assert [each["id"] for each in both["conversations"]] == ["c2", "c0"]
        assert (await ask("get_conversations", start_date="2030-01-01"))["conversations"] == []

    walk(address, key, steps)


def test_of_long_conversations_read_together_the_first_ones_are_whole(address: str, key: str, uid: str) -> None:
    said = [{"text": "flat " * 2000, "start": 10.0 * number, "end": 10.0 * number + 9} for number in range(15)]
    for number in range(3):
        conversations.create(
            a_conversation(id=f"c{number}", status="completed", created_at=at(number), transcript_segments=said),
            uid=uid,
        )

    async def steps(ask: Ask) -> None:
        together = await ask("get_conversations_by_ids", conversation_ids=["c0", "c1", "c2"])
        assert [each["id"] for each in together["conversations"]] == ["c0", "c1", "c2"]
        assert ["transcript_segments" in each for each in together["conversations"]] == [True, False, False]
        assert together["transcripts_left_out"] == ["c1", "c2"]
        assert "get_conversation_by_id" in together["note"]
        alone = await ask("get_conversations_by_ids", conversation_ids=["c1"])
        assert len(alone["conversations"][0]["transcript_segments"]) == 15
        assert "transcripts_left_out" not in alone

    walk(address, key, steps)


def test_action_items_are_made_changed_and_completed(address: str, key: str) -> None:
    async def steps(ask: Ask) -> None:
        made = (await ask("create_action_item", description="Call the plumber", due_at="2026-12-01"))["action_item"]
        assert made["due_at"] == "2026-12-01T00:00:00Z"
        changed = await ask("update_action_item", action_item_id=made["id"], due_at=None)
        assert (changed["action_item"]["due_at"], changed["action_item"]["description"]) == (None, "Call the plumber")
        assert (await ask("complete_action_item", action_item_id=made["id"]))["action_item"]["completed"] is True
        assert (await ask("get_action_items", completed=False))["action_items"] == []
        assert len((await ask("get_action_items"))["action_items"]) == 1
        day = made["created_at"][:10]
        assert len((await ask("get_action_items", start_date=day, end_date=day))["action_items"]) == 1

    walk(address, key, steps)


def test_what_is_known_of_the_user_is_told(address: str, key: str, api: httpx.Client) -> None:
    api.post("/v1/users/people", json={"name": "Anna"})

    async def steps(ask: Ask) -> None:
        assert set((await ask("get_user_profile"))["profile"]) == {"name", "language", "time_zone"}
        assert [person["name"] for person in (await ask("get_people"))["people"]] == ["Anna"]
        assert await ask("get_goals") == {"goals": []}
        assert await ask("get_daily_summaries") == {"daily_summaries": []}
        assert await ask("get_chat_messages") == {"messages": []}

    walk(address, key, steps)


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("drop_everything", {}, -32601),
        ("delete_memory", {"memory_id": "nothing"}, -32001),
        ("get_conversation_by_id", {"conversation_id": "../x"}, -32001),
        ("get_conversations_by_ids", {"conversation_ids": ["nothing"]}, -32001),
        ("delete_memory", {}, -32602),
        ("create_memory", {"content": "x", "category": "nonsense"}, -32602),
        ("create_memory", {"content": "x", "uid": "somebody-else"}, -32602),
        ("get_memories", {"limit": 0}, -32602),
        ("get_conversations", {"start_date": "yesterday"}, -32602),
        ("get_conversations", {"start_date": "2026-05-02", "end_date": "2026-05-01"}, -32602),
    ],
)
def test_a_failure_is_a_json_rpc_error_inside_a_200(
    by_hand: httpx.Client, tool: str, arguments: dict[str, Any], code: int
) -> None:
    call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    answer = by_hand.post("/v1/mcp/sse", json=call)
    assert answer.status_code == 200
    assert answer.json()["id"] == 7
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_one_key_does_not_reach_into_another_users_things(
    address: str, key: str, api_as: ApiAs, uid: str, api: httpx.Client
) -> None:
    memory_id = api.post("/v3/memories", json={"content": "Mine alone"}).json()["id"]
    others_key = api_as(f"{uid}-other").post("/v1/mcp/keys", json={"name": "x"}).json()["key"]

    async def steps(ask: Ask) -> None:
        assert await ask("get_memories") == {"memories": []}
        with pytest.raises(MCPError, match="Memory not found"):
            await ask("delete_memory", memory_id=memory_id)

    walk(address, others_key, steps)
    assert len(api.get("/v3/memories").json()) == 1
    assert key


class TestByHand:
    """The transport as clients of the field use it."""

    def test_initializing_gives_the_protocol_asked_for_and_a_session(self, by_hand: httpx.Client) -> None:
        answer = by_hand.post("/v1/mcp/sse", json=INITIALIZE)
        assert answer.status_code == 200
        assert answer.headers["mcp-session-id"]
        result = answer.json()["result"]
        assert result["protocolVersion"] == "2025-03-26"
        assert "tools" in result["capabilities"]

    def test_a_session_goes_on_wherever_it_is_answered_and_ends(self, by_hand: httpx.Client) -> None:
        session = {"Mcp-Session-Id": by_hand.post("/v1/mcp/sse", json=INITIALIZE).headers["mcp-session-id"]}
        told = by_hand.post(
            "/v1/mcp/sse", json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=session
        )
        assert told.status_code == 202
        listed = by_hand.post("/v1/mcp/sse", json={"jsonrpc": "2.0", "id": 2, "method": "tools/list"}, headers=session)
        assert listed.json()["result"]["tools"]
        assert by_hand.get("/v1/mcp/sse", headers=session).status_code == 405
        assert by_hand.delete("/v1/mcp/sse", headers=session).status_code == 204

    @pytest.mark.parametrize("header", [None, "Bearer omi_mcp_wrong", "Bearer omi_dev_wrong", "Basic x"])
    def test_without_a_valid_key_nothing_is_told(self, address: str, header: str | None) -> None:
        headers = {**ACCEPT, **({"Authorization": header} if header else {})}
        answer = httpx.post(f"{address}/v1/mcp/sse", json=INITIALIZE, headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.json()["detail"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"jsonrpc": "1.0"}', b"null"])
    def test_what_is_no_message_is_refused(self, by_hand: httpx.Client, body: bytes) -> None:
        answer = by_hand.post("/v1/mcp/sse", content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500
        assert answer.content
