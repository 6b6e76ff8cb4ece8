"""Memories for programs: `/v1/dev/user/memories` and `/v1/mcp/memories`, as the published clients use them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.database import memories
from common.database.api_keys import KeyKind
from common.memories import edit
from common.memories.edit import NewMemory
from common.memories.index import index_memory
from common.models.memory import Memory
from tests.support.making import NOON
from tests.support.programs import program

DEV = "/v1/dev/user/memories"
MCP = "/v1/mcp/memories"


@pytest.fixture
def dev(address: str, uid: str) -> Iterator[httpx.Client]:
    with program(address, KeyKind.DEVELOPER, uid=uid) as client:
        yield client


@pytest.fixture
def mcp(address: str, uid: str) -> Iterator[httpx.Client]:
    with program(address, KeyKind.MCP, uid=uid) as client:
        yield client


def _add(uid: str, *contents: str, **fields: Any) -> list[Memory]:
    return edit.add_memories([NewMemory(content, **fields) for content in contents], uid=uid, manual=True)


class TestDeveloper:
    """What omi-cli does."""

    def test_a_memory_is_added_listed_changed_and_deleted(self, dev: httpx.Client) -> None:
        body = {"content": "Lives in Lisbon", "category": "core", "visibility": "public", "tags": ["home"]}
        made = dev.post(DEV, json=body)
        assert made.status_code == 200, made.text
        memory = made.json()
        assert set(memory) == {
            *("id", "content", "category", "visibility", "tags", "created_at", "updated_at"),
            *("manually_added", "scoring", "reviewed", "user_review", "edited"),
        }
        assert {name: memory[name] for name in body} == body
        assert dev.get(DEV).json() == [memory]
        changed = dev.patch(
            f"{DEV}/{memory['id']}", json={"content": "Lives in Porto", "category": "habits", "tags": []}
        )
        assert changed.status_code == 200
        assert (changed.json()["content"], changed.json()["category"], changed.json()["tags"]) == (
            *("Lives in Porto", "habits"),
            [],
        )
        assert changed.json()["edited"] is True
        assert dev.patch(f"{DEV}/{memory['id']}").json() == changed.json()
        gone = dev.delete(f"{DEV}/{memory['id']}")
        assert (gone.status_code, gone.json()) == (200, {"success": True})
        assert dev.delete(f"{DEV}/{memory['id']}").json() == {"detail": "Memory not found"}
        assert dev.get(DEV).json() == []

    def test_pages_are_as_long_as_asked_for(self, dev: httpx.Client, uid: str) -> None:
        _add(uid, *(f"fact {number}" for number in range(205)))
        pages = [dev.get(DEV, params={"limit": 100, "offset": offset}).json() for offset in (0, 100, 200)]
        assert [len(page) for page in pages] == [100, 100, 5]
        assert len({memory["id"] for page in pages for memory in page}) == 205
        assert len(dev.get(DEV).json()) == 25
        assert len(dev.get(DEV, params={"limit": 200}).json()) == 200
        for params in ({"limit": 0}, {"limit": 201}, {"offset": -1}):
            assert dev.get(DEV, params=params).status_code == 422

    @pytest.mark.parametrize(
        ("asked", "found"),
        [("system", {"hobbies", "system"}), ("hobbies", {"hobbies"}), ("hobbies,skills", {"hobbies"}), ("", None)],
    )
    def test_a_filter_finds_what_equals_it_or_became_it(
        self, dev: httpx.Client, uid: str, asked: str, found: set[str] | None
    ) -> None:
        for category in ("hobbies", "system", "health"):
            _add(uid, category, category=category)
        listed = {memory["category"] for memory in dev.get(DEV, params={"categories": asked}).json()}
        assert listed == (found or {"hobbies", "system", "health"})

    def test_a_category_that_is_none_is_refused_with_those_that_are(self, dev: httpx.Client) -> None:
        filtered = dev.get(DEV, params={"categories": "system,odd"})
        assert filtered.status_code == 422
        assert "hobbies" in filtered.json()["detail"]
        made = dev.post(DEV, json={"content": "x", "category": "odd"})
        assert made.status_code == 422
        assert "hobbies" in made.json()["detail"][0]["msg"]

    def test_a_batch_holds_25_at_most(self, dev: httpx.Client) -> None:
        facts = [{"content": f"fact {number}"} for number in range(26)]
        assert dev.post(f"{DEV}/batch", json={"memories": facts}).status_code == 422
        made = dev.post(f"{DEV}/batch", json={"memories": facts[:25]})
        assert made.status_code == 200
        assert made.json()["created_count"] == 25
        assert [memory["content"] for memory in made.json()["memories"]] == [f"fact {number}" for number in range(25)]

    @pytest.mark.parametrize("content", ["", " ", "x" * 501, 5, None])
    def test_what_is_no_fact_is_refused(self, dev: httpx.Client, content: object) -> None:
        assert dev.post(DEV, json={"content": content}).status_code == 422
        [memory] = _add("somebody", "x")
        if content is not None:
            assert dev.patch(f"{DEV}/{memory.id}", json={"content": content}).status_code == 422

    def test_a_key_does_what_it_may(self, address: str, uid: str) -> None:
        [memory] = _add(uid, "x")
        with program(address, KeyKind.DEVELOPER, uid=uid, scopes=["memories:read"]) as reader:
            assert len(reader.get(DEV).json()) == 1
            for method, path in (("POST", DEV), ("PATCH", f"{DEV}/{memory.id}"), ("DELETE", f"{DEV}/{memory.id}")):
                assert reader.request(method, path, json={"content": "y"}).status_code == 403
        with program(address, KeyKind.DEVELOPER, uid=uid, scopes=["goals:read"]) as other:
            assert other.get(DEV).status_code == 403

    def test_another_users_do_not_exist(self, dev: httpx.Client, uid: str) -> None:
        [theirs] = _add(f"{uid}-other", "x")
        for method in ("PATCH", "DELETE"):
            assert dev.request(method, f"{DEV}/{theirs.id}", json={"content": "y"}).status_code == 404

    def test_a_locked_one_is_not_changed(self, dev: httpx.Client, uid: str) -> None:
        memories.of(uid=uid).put(
            Memory(id="m", uid=uid, content="x" * 100, created_at=NOON, updated_at=NOON, is_locked=True)
        )
        assert dev.patch(f"{DEV}/m", json={"content": "y"}).status_code == 402
        assert dev.get(DEV).json()[0]["content"] == f"{'x' * 70}…"

    def test_an_id_token_is_no_key(self, api: httpx.Client) -> None:
        assert api.get(DEV).status_code == 401
        assert api.get(MCP).status_code == 401


class TestMcp:
    """What mcp-server-omi does: every answer is JSON."""

    def test_a_memory_is_added_listed_changed_and_deleted(self, mcp: httpx.Client) -> None:
        made = mcp.post(MCP, json={"content": "Climbs on Mondays", "category": "hobbies"})
        assert made.status_code == 200, made.text
        memory_id = made.json()["id"]
        assert made.json()["category"] == "hobbies"
        listed = mcp.get(MCP, params={"offset": 0, "limit": 100})
        assert listed.json() == [{"id": memory_id, "content": "Climbs on Mondays", "category": "hobbies"}]
        assert mcp.patch(f"{MCP}/{memory_id}", params={"value": "Climbs on Fridays"}).json() == {"status": "ok"}
        assert mcp.patch(f"{MCP}/{memory_id}", json={"value": "Climbs on Sundays"}).json() == {"status": "ok"}
        assert mcp.get(MCP).json()[0]["content"] == "Climbs on Sundays"
        gone = mcp.delete(f"{MCP}/{memory_id}")
        assert (gone.status_code, gone.json()) == (200, {"status": "ok"})
        assert mcp.delete(f"{MCP}/{memory_id}").json() == {"detail": "Memory not found"}
        assert mcp.patch(f"{MCP}/{memory_id}", params={"value": "x"}).json() == {"detail": "Memory not found"}

    def test_categories_that_are_none_are_dropped(self, mcp: httpx.Client, uid: str) -> None:
        _add(uid, "a", category="hobbies")
        _add(uid, "b", category="health")
        assert [memory["content"] for memory in mcp.get(MCP, params={"categories": "hobbies,odd"}).json()] == ["a"]
        assert len(mcp.get(MCP, params={"categories": "odd"}).json()) == 2
        made = mcp.post(MCP, json={"content": "Hates olives", "category": "odd"})
        assert (made.status_code, made.json()["category"]) == (200, "preferences")

    def test_another_users_do_not_exist(self, mcp: httpx.Client, uid: str) -> None:
        [theirs] = _add(f"{uid}-other", "x")
        assert mcp.get(MCP).json() == []
        assert mcp.delete(f"{MCP}/{theirs.id}").status_code == 404

    @pytest.mark.usefixtures("words")
    def test_search_finds_the_nearest_first_and_nothing_hidden(self, mcp: httpx.Client, uid: str) -> None:
        near, far, rejected, gone = _add(uid, "red apples", "red cars", "apples red", "red")
        [theirs] = _add(f"{uid}-other", "red apples")
        for owner, memory in ((uid, near), (uid, far), (uid, rejected), (uid, gone), (f"{uid}-other", theirs)):
            index_memory(uid=owner, memory_id=memory.id)
        edit.review_memory(uid=uid, memory_id=rejected.id, value=False)
        edit.delete_memory(uid=uid, memory_id=gone.id)
        found = mcp.get(f"{MCP}/search", params={"query": "red apples", "limit": 10})
        assert found.status_code == 200, found.text
        assert [(each["id"], each["content"], each["category"]) for each in found.json()] == [
            (near.id, "red apples", "system"),
            (far.id, "red cars", "system"),
        ]
        assert found.json()[0]["score"] == pytest.approx(1.0, abs=1e-3)
        assert len(mcp.get(f"{MCP}/search", params={"query": "red", "limit": 1}).json()) == 1
        assert mcp.get(f"{MCP}/search", params={"query": ""}).status_code == 422
