"""mcp-server-omi from PyPI, asked by the official MCP client over its standard streams."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from tests.support.client_venvs import installed
from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long

DRIVER = Path(__file__).parent / "drivers" / "mcp_server.py"
Ask = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def serving(url: str, key: str) -> AsyncIterator[Ask]:
    """The server's tools, by name."""
    python = installed("mcp-server-omi") / "python"
    server = StdioServerParameters(command=str(python), args=[str(DRIVER), f"{url}/v1/mcp/", key])
    async with Client(server) as client:

        async def ask(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            [content] = result.content
            assert isinstance(content, TextContent)
            return json.loads(content.text)

        yield ask


@pytest.fixture
def key(app: httpx.Client) -> str:
    made = app.post("/v1/mcp/keys", json={"name": "mcp-server-omi"})
    return str(made.json()["key"])


def test_its_tools_walk_through_memories(cloud: RunningCloud, uid: str, key: str) -> None:
    async def walk() -> None:
        async with serving(cloud.url, key) as ask:
            assert await ask("get_memories", uid=uid) == []
            made = await ask("create_memory", uid=uid, content="Plays the cello", category="hobbies")
            [memory] = await ask("get_memories", uid=uid)
            assert (memory["id"], memory["content"], memory["category"]) == (made["id"], "Plays the cello", "hobbies")
            assert await ask("get_memories", uid=uid, categories=["work"]) == []
            assert len(await ask("get_memories", uid=uid, categories=["hobbies"])) == 1
            assert await ask("edit_memory", uid=uid, memory_id=made["id"], content="Plays the viola") == {
                "status": "ok"
            }
            [memory] = await ask("get_memories", uid=uid)
            assert memory["content"] == "Plays the viola"
            assert await ask("delete_memory", uid=uid, memory_id=made["id"]) == {"status": "ok"}
            gone = await ask("delete_memory", uid=uid, memory_id=made["id"])
            assert gone == {"detail": "Memory not found"}

    asyncio.run(walk())


def test_its_tools_walk_through_conversations(cloud: RunningCloud, app: httpx.Client, uid: str, key: str) -> None:
    developer = app.post("/v1/dev/keys", json={"name": "x", "scopes": ["conversations:write"]}).json()["key"]
    text = "Anna will send the offer to the bakery by Friday. We agreed to open the shop in May."
    made = httpx.post(
        f"{cloud.url}/v1/dev/user/conversations",
        json={"text": text, "started_at": "2026-05-04T10:00:00Z"},
        headers={"Authorization": f"Bearer {developer}"},
        timeout=60,
    ).json()

    async def walk() -> None:
        async with serving(cloud.url, key) as ask:
            [listed] = await ask("get_conversations", uid=uid)
            assert listed["id"] == made["id"]
            assert set(listed) >= {"started_at", "finished_at", "structured", "language"}
            category = listed["structured"]["category"]
            assert len(await ask("get_conversations", uid=uid, categories=[category])) == 1
            assert await ask("get_conversations", uid=uid, start_date="2020-01-01", end_date="2020-01-02") == []
            whole = await ask("get_conversation_by_id", uid=uid, conversation_id=made["id"])
            assert "bakery" in " ".join(segment["text"] for segment in whole["transcript_segments"])
            assert all(segment["speaker_name"] for segment in whole["transcript_segments"])
            missing = await ask("get_conversation_by_id", uid=uid, conversation_id="nothing")
            assert missing == {"detail": "Conversation not found"}

    asyncio.run(walk())


def test_the_uid_it_sends_is_nobodys_key(cloud: RunningCloud, app: httpx.Client, uid: str, key: str) -> None:
    app.post("/v3/memories", json={"content": "Mine alone", "category": "interesting"})

    async def as_somebody_else() -> None:
        with cloud.client(f"{uid}-other") as other:
            others_key = other.post("/v1/mcp/keys", json={"name": "x"}).json()["key"]
        async with serving(cloud.url, others_key) as ask:
            assert await ask("get_memories", uid=uid) == []
        async with serving(cloud.url, "omi_mcp_wrong") as ask:
            assert await ask("get_memories", uid=uid) == {"detail": "The key is not valid"}

    asyncio.run(as_somebody_else())
    assert key
