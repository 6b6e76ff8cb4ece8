"""`/v3/memories` over HTTP: what the app sends, and what it needs to be answered."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.database import memories
from common.memories import edit
from common.memories.edit import NewMemory
from common.models.memory import Memory, MemoryCategory, memory_id
from tests.support.making import NOON, at
from tests.wire.api.conftest import ApiAs

PATH = "/v3/memories"


def _stored(uid: str, **fields: Any) -> Memory:
    memory = Memory.model_validate({"uid": uid, "content": "x", "created_at": NOON, "updated_at": NOON, **fields})
    memories.of(uid=uid).put(memory)
    return memory


def _add(api: httpx.Client, content: str = "Lives in Lisbon", **fields: Any) -> dict[str, Any]:
    answer = api.post(PATH, json={"content": content, **fields})
    assert answer.status_code == 200, answer.text
    added: dict[str, Any] = answer.json()
    return added


def _listed(api: httpx.Client, **params: Any) -> list[str]:
    answer = api.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return [memory["content"] for memory in answer.json()]


class TestAdding:
    """What the user says is remembered once."""

    def test_a_memory_has_every_field_that_the_apps_of_two_generations_read(self, api: httpx.Client, uid: str) -> None:
        added = _add(api, category="interesting", visibility="public", tags=["home"])
        for name in ("created_at", "updated_at"):
            assert added.pop(name).endswith("Z")
        scoring = added.pop("scoring")
        assert scoring.startswith("100_")
        assert added == {
            "id": memory_id(uid=uid, content="Lives in Lisbon"),
            "uid": uid,
            "content": "Lives in Lisbon",
            "category": "interesting",
            "visibility": "public",
            "tags": ["home"],
            "conversation_id": None,
            "memory_id": None,
            "reviewed": True,
            "user_review": True,
            "manually_added": True,
            "edited": False,
            "deleted": False,
            "app_id": None,
            "data_protection_level": None,
            "is_locked": False,
            "kg_extracted": False,
            "is_baseline": False,
            "superseded_by": None,
            "invalid_at": None,
        }
        assert api.get(f"{PATH}/{added['id']}").json()["content"] == "Lives in Lisbon"

    def test_the_same_fact_again_is_the_same_memory(self, api: httpx.Client) -> None:
        first = _add(api, tags=["a"])
        assert _add(api, tags=["b"]) == first
        assert _listed(api) == ["Lives in Lisbon"]

    def test_the_same_fact_from_two_at_once_is_one_memory(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        clients = [api, api_as(uid)] * 3
        with ThreadPoolExecutor(6) as pool:
            ids = {added["id"] for added in pool.map(_add, clients)}
        assert len(ids) == 1
        assert _listed(api) == ["Lives in Lisbon"]

    def test_what_an_edited_memory_said_first_can_be_said_anew(self, api: httpx.Client) -> None:
        first = _add(api)
        api.patch(f"{PATH}/{first['id']}", json={"value": "Lives in Porto"})
        second = _add(api)
        assert second["id"] != first["id"]
        assert sorted(_listed(api)) == ["Lives in Lisbon", "Lives in Porto"]
        assert _add(api)["id"] == second["id"]

    @pytest.mark.parametrize(
        ("given", "seen"),
        [
            ("learnings", "interesting"),
            ("hobbies", "system"),
            ("work", "work"),
            ("health", "health"),
            ("odd", "system"),
        ],
    )
    def test_older_categories_appear_as_todays_and_unknown_ones_as_system(
        self, api: httpx.Client, given: str, seen: str
    ) -> None:
        assert _add(api, category=given)["category"] == seen

    def test_without_a_category_the_words_decide(self, api: httpx.Client) -> None:
        assert _add(api, "Is allergic to peanuts")["category"] == "health"
        assert _add(api, "Uses the north entrance")["category"] == "system"

    def test_a_batch_is_added_in_its_order_and_a_repetition_within_it_once(self, api: httpx.Client) -> None:
        batch = [{"content": content} for content in ("one", "two", "one")]
        added = api.post(f"{PATH}/batch", json={"memories": batch}).json()
        assert [memory["content"] for memory in added] == ["one", "two", "one"]
        assert added[0]["id"] == added[2]["id"]
        assert len(_listed(api)) == 2

    @pytest.mark.parametrize("count", [0, 101])
    def test_a_batch_has_its_limits(self, api: httpx.Client, count: int) -> None:
        batch = [{"content": f"fact {number}"} for number in range(count)]
        assert api.post(f"{PATH}/batch", json={"memories": batch}).status_code == 422

    def test_a_request_sent_again_under_its_key_is_answered_again(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": "k1"}
        first = api.post(PATH, json={"content": "one"}, headers=headers)
        api.delete(f"{PATH}/{first.json()['id']}")
        again = api.post(PATH, json={"content": "one"}, headers=headers)
        assert (again.status_code, again.json()) == (200, first.json())
        assert _listed(api) == []
        assert api.post(PATH, json={"content": "two"}, headers=headers).status_code == 422

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"content": ""},
            {"content": "  "},
            {"content": "x" * 10_001},
            {"content": 7},
            {"content": "x", "visibility": "friends"},
            {"content": "x", "tags": ["t"] * 51},
            [],
            None,
        ],
    )
    def test_what_is_no_fact_is_refused(self, api: httpx.Client, body: object) -> None:
        answer = api.post(PATH, json=body)
        assert answer.status_code == 422
        assert answer.json()["detail"]

    @pytest.mark.parametrize(
        "body", [b'{"content": "\\ud800"}', b'{"content": "x", "tags": ["\\udfff"]}', b"{", b"\xff"]
    )
    def test_what_is_no_text_is_refused(self, api: httpx.Client, body: bytes) -> None:
        answer = api.post(PATH, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.json()["detail"]

    def test_what_the_server_decides_cannot_be_set(self, api: httpx.Client, uid: str) -> None:
        added = _add(api, uid="other", id="mine", is_locked=True, scoring="999", app_id="a", created_at="2001-01-01")
        assert (added["uid"], added["is_locked"], added["app_id"]) == (uid, False, None)
        assert added["id"] != "mine"
        assert not added["created_at"].startswith("2001")

    @pytest.mark.parametrize("content", ["Zoë 日本 🧠", "a\u0000b", "\ufdd0", "x" * 10_000])
    def test_any_text_comes_back_as_it_was(self, api: httpx.Client, content: str) -> None:
        added = _add(api, content)
        assert api.get(f"{PATH}/{added['id']}").json()["content"] == content


class TestListing:
    """The best first, nothing rejected, pages that hold together."""

    def test_nothing_is_an_empty_list(self, api: httpx.Client) -> None:
        assert api.get(PATH).json() == []

    def test_what_the_user_said_comes_first_then_what_is_interesting_then_the_newest(
        self, api: httpx.Client, uid: str
    ) -> None:
        for number, category in enumerate(("system", "interesting", "health")):
            _stored(uid, content=category, category=category, created_at=at(number))
        _add(api, "said")
        assert _listed(api) == ["said", "interesting", "health", "system"]

    def test_pages_hold_together_while_something_is_added(self, api: httpx.Client, uid: str) -> None:
        for number in range(5):
            _stored(uid, content=f"m{number}", created_at=at(number))
        assert _listed(api, limit=2) == ["m4", "m3"]
        _stored(uid, content="new", created_at=at(99))
        assert _listed(api, limit=2, offset=2) == ["m2", "m1"]
        assert _listed(api, limit=5000, offset=4) == ["m0"]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("system", {"hobbies", "system"}),
            ("interesting", {"learnings"}),
            ("hobbies", {"hobbies"}),
            ("health,work", {"health", "work"}),
            (" health , work ", {"health", "work"}),
            ("manual", set()),
            ("odd", {"hobbies", "system"}),
            ("", {"hobbies", "system", "learnings", "health", "work"}),
        ],
    )
    def test_a_filter_finds_what_equals_it_or_became_it(
        self, api: httpx.Client, uid: str, asked: str, found: set[str]
    ) -> None:
        for category in ("hobbies", "system", "learnings", "health", "work"):
            _stored(uid, content=category, category=category)
        assert set(_listed(api, categories=asked)) == found

    def test_memories_are_not_kept_per_device(self, api: httpx.Client) -> None:
        assert api.get(PATH, params={"device_scope": "current"}).status_code == 400

    @pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 5001}, {"offset": -1}, {"offset": 100_001}])
    def test_pages_have_their_limits(self, api: httpx.Client, params: dict[str, int]) -> None:
        assert api.get(PATH, params=params).status_code == 422

    def test_another_users_are_not_there(self, api: httpx.Client, uid: str) -> None:
        _stored(f"{uid}-other")
        assert _listed(api) == []


class TestChanging:
    """A memory can say something else, and again what it said before."""

    def test_by_body_or_as_older_apps_do_by_query(self, api: httpx.Client) -> None:
        added = _add(api)
        path = f"{PATH}/{added['id']}"
        changed = api.patch(path, json={"value": "Lives in Porto"})
        assert (changed.status_code, changed.json()) == (200, {"status": "Ok"})
        now = api.get(path).json()
        assert (now["content"], now["edited"], now["id"]) == ("Lives in Porto", True, added["id"])
        assert now["updated_at"] > added["updated_at"]
        empty = {"Content-Type": "application/json"}
        assert api.patch(path, params={"value": "Lives in Faro"}, content=b"", headers=empty).status_code == 200
        assert api.get(path).json()["content"] == "Lives in Faro"

    def test_without_a_value_it_is_refused(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api)['id']}"
        for answer in (api.patch(path), api.patch(path, params={"value": ""}), api.patch(path, json={})):
            assert answer.status_code == 422
            assert answer.json()["detail"]

    def test_visibility_is_private_or_public(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api)['id']}"
        assert api.patch(f"{path}/visibility", params={"value": "public"}).json() == {"status": "Ok"}
        assert api.get(path).json()["visibility"] == "public"
        assert api.patch(f"{path}/visibility", params={"value": "friends"}).status_code == 400
        assert api.patch(f"{path}/visibility").status_code == 422

    def test_it_can_belong_to_the_baseline(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api)['id']}"
        for value in (True, False):
            assert api.patch(f"{path}/baseline", params={"value": value}).json() == {"status": "Ok"}
            assert api.get(path).json()["is_baseline"] is value

    def test_a_rejected_one_is_hidden_and_comes_back_when_it_is_confirmed(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api)['id']}"
        assert api.post(f"{path}/review", params={"value": "false"}).json() == {"status": "Ok"}
        assert _listed(api) == []
        assert api.get(path).json()["user_review"] is False
        api.post(f"{path}/review", params={"value": "true"})
        assert _listed(api) == ["Lives in Lisbon"]

    def test_a_rejected_one_is_not_learned_again_but_can_be_said_again(self, api: httpx.Client, uid: str) -> None:
        api.post(f"{PATH}/{_add(api)['id']}/review", params={"value": "false"})
        edit.add_memory(uid=uid, content="Lives in Lisbon", manual=False)
        assert _listed(api) == []
        _add(api)
        assert _listed(api) == ["Lives in Lisbon"]

    @pytest.mark.parametrize("own_id", [True, False], ids=["by its own id", "by the memory's"])
    def test_what_it_said_before_is_listed_and_can_be_had_back(self, api: httpx.Client, own_id: bool) -> None:  # noqa: FBT001
        memory_id = _add(api)["id"]
        for city in ("Porto", "Faro"):
            api.patch(f"{PATH}/{memory_id}", json={"value": f"Lives in {city}"})
        history = api.get(f"{PATH}/ledger-history").json()
        assert [former["content"] for former in history] == ["Lives in Porto", "Lives in Lisbon"]
        assert {former["superseded_by"] for former in history} == {memory_id}
        assert len({former["id"] for former in history} | {memory_id}) == 3
        former_id = history[1]["id"]
        path, operation = (former_id, "a1b2") if own_id else (memory_id, former_id)
        for _ in range(2):
            reverted = api.post(f"{PATH}/{path}/revert", json={"operation_id": operation})
            assert reverted.status_code == 200, reverted.text
            assert (reverted.json()["id"], reverted.json()["content"]) == (memory_id, "Lives in Lisbon")
        assert _listed(api) == ["Lives in Lisbon"]
        assert len(api.get(f"{PATH}/ledger-history").json()) == 3

    def test_its_history_is_bounded(self, api: httpx.Client, uid: str) -> None:
        memory_id = _add(api, "state 0")["id"]
        for number in range(1, 25):
            edit.edit_memory(uid=uid, memory_id=memory_id, content=f"state {number}")
        history = api.get(f"{PATH}/ledger-history").json()
        assert [former["content"] for former in history] == [f"state {number}" for number in range(23, 3, -1)]
        gone = f"{memory_id}.0"
        assert api.post(f"{PATH}/{gone}/revert", json={"operation_id": "x"}).status_code == 404

    def test_edits_at_once_are_all_kept(self, api: httpx.Client, uid: str) -> None:
        memory_id = _add(api)["id"]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: edit.edit_memory(uid=uid, memory_id=memory_id, content=f"state {n}"), range(8)))
        history = api.get(f"{PATH}/ledger-history").json()
        said = {former["content"] for former in history} | set(_listed(api))
        assert said == {"Lives in Lisbon", *(f"state {number}" for number in range(8))}
        assert len({former["id"] for former in history}) == 8

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("PATCH", "", {"value": "x"}),
            ("DELETE", "", None),
            ("POST", "/review?value=true", None),
            ("PATCH", "/visibility?value=public", None),
            ("PATCH", "/baseline?value=true", None),
            ("POST", "/revert", {"operation_id": "x"}),
        ],
    )
    @pytest.mark.parametrize(
        "memory_id", ["theirs", "nobody", "__x__", "x" * 2000, "%00", "theirs.0", "a.b.999999999999"]
    )
    def test_what_is_not_the_users_does_not_exist(
        self, api: httpx.Client, uid: str, method: str, path: str, body: Any, memory_id: str
    ) -> None:
        other = f"{uid}-other"
        if memory_id == "theirs":
            memory_id = _stored(other).id
            edit.edit_memory(uid=other, memory_id=memory_id, content="y")
        answer = api.request(method, f"{PATH}/{memory_id}{path}", json=body)
        assert answer.status_code == 404, answer.text
        assert answer.json()["detail"].endswith("not found")


class TestDeleting:
    """What is deleted is gone, with what it said before."""

    def test_one(self, api: httpx.Client, uid: str) -> None:
        memory_id = _add(api)["id"]
        api.patch(f"{PATH}/{memory_id}", json={"value": "Lives in Porto"})
        deleted = api.delete(f"{PATH}/{memory_id}")
        assert (deleted.status_code, deleted.json()) == (200, {"status": "Ok"})
        assert (_listed(api), api.get(f"{PATH}/ledger-history").json()) == ([], [])
        assert list(memories.of(uid=uid).reference(memory_id).collections()) == []
        assert api.delete(f"{PATH}/{memory_id}").status_code == 404

    def test_many(self, api: httpx.Client) -> None:
        kept, *others = (_add(api, content)["id"] for content in ("one", "two", "three"))
        body = {"memory_ids": [*others, others[0], "nobody", "__x__"]}
        deleted = api.request("DELETE", f"{PATH}/batch", json=body)
        assert (deleted.status_code, deleted.json()) == (200, {"status": "Ok", "deleted_count": 2})
        assert [memory["id"] for memory in api.get(PATH).json()] == [kept]
        assert api.request("DELETE", f"{PATH}/batch", json={"memory_ids": ["x"] * 101}).status_code == 422

    def test_all(self, api: httpx.Client, uid: str) -> None:
        _stored(f"{uid}-other")
        edit.add_memories([NewMemory(f"fact {number}") for number in range(400)], uid=uid, manual=False)
        edit.add_memories([NewMemory(f"more {number}") for number in range(100)], uid=uid, manual=False)
        edit.edit_memory(uid=uid, memory_id=_add(api)["id"], content="changed")
        deleted = api.delete(PATH)
        assert (deleted.status_code, deleted.json()) == (200, {"status": "Ok"})
        assert (_listed(api), api.get(f"{PATH}/ledger-history").json()) == ([], [])
        assert len(memories.list_best(uid=f"{uid}-other", limit=10)) == 1


class TestLocked:
    """What was made without credit is shown in part and not changed."""

    def test_a_list_shows_its_beginning(self, api: httpx.Client, uid: str) -> None:
        _stored(uid, content="x" * 100, is_locked=True)
        _stored(uid, content="short", is_locked=True, created_at=at(-1))
        assert _listed(api) == [f"{'x' * 70}…", "short"]

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("PATCH", "", {"value": "x"}),
            ("POST", "/review?value=true", None),
            ("PATCH", "/visibility?value=public", None),
            ("PATCH", "/baseline?value=true", None),
        ],
    )
    def test_it_answers_402(self, api: httpx.Client, uid: str, method: str, path: str, body: Any) -> None:
        memory = _stored(uid, is_locked=True)
        answer = api.request(method, f"{PATH}/{memory.id}{path}", json=body)
        assert answer.status_code == 402
        assert answer.json()["detail"]

    def test_it_can_be_deleted(self, api: httpx.Client, uid: str) -> None:
        assert api.delete(f"{PATH}/{_stored(uid, is_locked=True).id}").status_code == 200


def test_nobody_is_told_anything(anybody: httpx.Client) -> None:
    for method, path in (("GET", PATH), ("POST", PATH), ("DELETE", PATH), ("GET", f"{PATH}/ledger-history")):
        answer = anybody.request(method, path)
        assert answer.status_code == 401
        assert answer.json()["detail"]


def test_every_category_can_be_filtered_by(api: httpx.Client, uid: str) -> None:
    for category in MemoryCategory:
        _stored(uid, content=category.value, category=category)
    for category in MemoryCategory:
        assert category.value in _listed(api, categories=category.value)
    assert len(_listed(api, categories=",".join(MemoryCategory))) == len(MemoryCategory)
