"""Action items for programs: `/v1/dev/user/action-items` and `/v1/mcp/action-items`."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.core import clock
from common.core.ids import new_id
from common.database import action_items
from common.database.api_keys import KeyKind
from common.models.action_item import ActionItem
from tests.support.making import NOON, at
from tests.support.programs import program

DEV = "/v1/dev/user/action-items"
MCP = "/v1/mcp/action-items"


@pytest.fixture
def dev(address: str, uid: str) -> Iterator[httpx.Client]:
    with program(address, KeyKind.DEVELOPER, uid=uid) as client:
        yield client


@pytest.fixture
def mcp(address: str, uid: str) -> Iterator[httpx.Client]:
    with program(address, KeyKind.MCP, uid=uid) as client:
        yield client


def _store(uid: str, count: int = 1, **fields: Any) -> list[ActionItem]:
    items = [
        ActionItem.model_validate(
            {
                "id": new_id(),
                "uid": uid,
                "description": f"t{number}",
                "created_at": at(number),
                "updated_at": at(number),
                **fields,
            }
        )
        for number in range(count)
    ]
    action_items.of(uid=uid).put(*items)
    return items


class TestDeveloper:
    """What omi-cli does."""

    def test_an_item_is_added_listed_changed_and_deleted(self, dev: httpx.Client) -> None:
        made = dev.post(DEV, json={"description": "Call", "completed": False, "due_at": "2026-05-04T12:00:00"})
        assert made.status_code == 200, made.text
        item = made.json()
        assert item["due_at"] == "2026-05-04T12:00:00Z"
        assert dev.get(DEV).json() == [item]
        done = dev.patch(f"{DEV}/{item['id']}", json={"completed": True})
        assert (done.status_code, done.json()["completed"], done.json()["due_at"]) == (200, True, item["due_at"])
        assert dev.patch(f"{DEV}/{item['id']}", json={"due_at": None}).json()["due_at"] is None
        gone = dev.delete(f"{DEV}/{item['id']}")
        assert (gone.status_code, gone.json()) == (200, {"success": True})
        assert dev.delete(f"{DEV}/{item['id']}").json() == {"detail": "Action item not found"}

    def test_pages_are_as_long_as_asked_for(self, dev: httpx.Client, uid: str) -> None:
        _store(uid, 205)
        pages = [dev.get(DEV, params={"limit": 200, "offset": offset}).json() for offset in (0, 200)]
        assert [len(page) for page in pages] == [200, 5]
        assert [item["description"] for page in pages for item in page] == [
            f"t{number}" for number in range(204, -1, -1)
        ]
        assert len(dev.get(DEV).json()) == 100
        for params in ({"limit": 0}, {"limit": 501}):
            assert dev.get(DEV, params=params).status_code == 422

    def test_filters(self, dev: httpx.Client, uid: str) -> None:
        _store(uid, 4)
        _store(uid, 1, completed=True, conversation_id="c1", description="done")
        assert [item["description"] for item in dev.get(DEV, params={"completed": "true"}).json()] == ["done"]
        assert [item["description"] for item in dev.get(DEV, params={"conversation_id": "c1"}).json()] == ["done"]
        between = {"start_date": "2026-05-04T12:00:02", "end_date": at(3).isoformat()}
        assert [item["description"] for item in dev.get(DEV, params=between).json()] == ["t3", "t2"]
        for day, count in (("2026-05-03", 0), ("2026-05-04", 5), ("2026-05-05", 0)):
            assert len(dev.get(DEV, params={"start_date": day, "end_date": day}).json()) == count

    def test_a_batch_holds_50_at_most(self, dev: httpx.Client) -> None:
        items = [{"description": f"task {number}"} for number in range(51)]
        assert dev.post(f"{DEV}/batch", json={"action_items": items}).status_code == 422
        made = dev.post(f"{DEV}/batch", json={"action_items": items[:50]}).json()
        assert (made["created_count"], len(made["action_items"])) == (50, 50)

    @pytest.mark.parametrize("description", ["", " ", "x" * 501, 5])
    def test_what_is_no_task_is_refused(self, dev: httpx.Client, uid: str, description: object) -> None:
        [item] = _store(uid)
        assert dev.post(DEV, json={"description": description}).status_code == 422
        assert dev.patch(f"{DEV}/{item.id}", json={"description": description}).status_code == 422

    def test_a_key_does_what_it_may(self, address: str, uid: str) -> None:
        [item] = _store(uid)
        with program(address, KeyKind.DEVELOPER, uid=uid, scopes=["action_items:read"]) as reader:
            assert len(reader.get(DEV).json()) == 1
            for method, path in (("POST", DEV), ("PATCH", f"{DEV}/{item.id}"), ("DELETE", f"{DEV}/{item.id}")):
                assert reader.request(method, path, json={"description": "y"}).status_code == 403

    def test_another_users_do_not_exist(self, dev: httpx.Client, uid: str) -> None:
        [theirs] = _store(f"{uid}-other")
        for method in ("PATCH", "DELETE"):
            assert dev.request(method, f"{DEV}/{theirs.id}", json={"completed": True}).status_code == 404

    def test_a_locked_one_is_not_changed(self, dev: httpx.Client, uid: str) -> None:
        [item] = _store(uid, description="x" * 100, is_locked=True)
        assert dev.patch(f"{DEV}/{item.id}", json={"completed": True}).status_code == 402
        assert dev.get(DEV).json()[0]["description"] == f"{'x' * 70}…"


class TestMcp:
    """Who follows the list reads on from where it was."""

    def test_pages_lead_on_by_their_cursor(self, mcp: httpx.Client, uid: str) -> None:
        _store(uid, 5)
        _store(uid, 2, updated_at=at(2), description="same time")
        seen = []
        params: dict[str, Any] = {"limit": 3}
        while True:
            answer = mcp.get(MCP, params=params)
            assert answer.status_code == 200, answer.text
            seen.append([item["description"] for item in answer.json()])
            if "x-next-cursor" not in answer.headers:
                break
            params["cursor"] = answer.headers["x-next-cursor"]
        assert [len(page) for page in seen] == [3, 3, 1]
        flat = [description for page in seen for description in page]
        assert sorted(flat) == ["same time", "same time", "t0", "t1", "t2", "t3", "t4"]
        assert (flat[:2], flat[-2:]) == (["t0", "t1"], ["t3", "t4"])

    def test_only_what_was_changed_since(self, mcp: httpx.Client, uid: str) -> None:
        items = _store(uid, 3)
        moment = clock.now()
        action_items.of(uid=uid).change(items[0].id, lambda item: item.model_copy(update={"updated_at": clock.now()}))
        changed = mcp.get(MCP, params={"updated_since": moment.isoformat()}).json()
        assert [item["id"] for item in changed] == [items[0].id]
        assert len(mcp.get(MCP, params={"updated_since": NOON.isoformat()}).json()) == 3

    @pytest.mark.parametrize(
        "params", [{"cursor": "x"}, {"cursor": "1.__x__"}, {"cursor": ""}, {"updated_since": "x"}, {"limit": 501}]
    )
    def test_what_makes_no_sense_is_refused(self, mcp: httpx.Client, params: dict[str, Any]) -> None:
        assert mcp.get(MCP, params=params).status_code == 422

    def test_another_users_are_not_there(self, mcp: httpx.Client, uid: str) -> None:
        _store(f"{uid}-other")
        answer = mcp.get(MCP)
        assert (answer.json(), "x-next-cursor" in answer.headers) == ([], False)
