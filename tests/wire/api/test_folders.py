"""Folders: made, filled, emptied and counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.database import api_keys, conversations, folders
from common.database.api_keys import KeyKind
from common.models.api_key import Scope
from tests.support.making import a_conversation, at
from tests.wire.api.conftest import ApiAs


def _create(uid: str, *ids: str, **fields: Any) -> None:
    for number, conversation_id in enumerate(ids):
        known = {"status": "completed", "created_at": at(number), **fields}
        conversations.create(a_conversation(id=conversation_id, **known), uid=uid)


def _folder(api: httpx.Client, name: str = "Flat") -> str:
    answer = api.post("/v1/folders", json={"name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def _counts(api: httpx.Client) -> dict[str, int]:
    return {folder["name"]: folder["conversation_count"] for folder in api.get("/v1/folders").json()}


class TestFolders:
    """The folders themselves."""

    def test_every_user_has_three_and_one_of_them_is_the_default(self, api: httpx.Client) -> None:
        listed = api.get("/v1/folders").json()
        assert [folder["name"] for folder in listed] == ["Work", "Personal", "Social"]
        assert all(folder["is_system"] for folder in listed)
        assert [folder["is_default"] for folder in listed].count(True) == 1
        assert [folder["order"] for folder in listed] == [0, 1, 2]
        assert api.get("/v1/folders").json() == listed

    def test_the_first_looks_at_the_same_time_make_them_once(self, api: httpx.Client) -> None:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: api.get("/v1/folders"), range(6)))
        assert {answer.status_code for answer in answers} == {200}
        assert {len(answer.json()) for answer in answers} == {3}
        assert len(api.get("/v1/folders").json()) == 3

    def test_a_folder_of_ones_own_has_every_field_that_clients_read(self, api: httpx.Client) -> None:
        made = api.post("/v1/folders", json={"name": "Flat"}).json()
        expected = {"name": "Flat", "description": None, "color": "#6B7280", "icon": "folder", "order": 3}
        assert made.items() >= expected.items()
        assert made.items() >= {"is_default": False, "is_system": False, "conversation_count": 0}.items()
        assert made["created_at"].endswith("Z")
        assert api.get("/v1/folders").json()[-1] == made

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": " "},
            {"name": "x" * 101},
            {"name": "x", "description": "x" * 501},
            {"name": "x", "color": "red"},
            {"name": "x", "icon": ""},
        ],
    )
    def test_a_folder_that_makes_no_sense_is_422(self, api: httpx.Client, body: dict[str, Any]) -> None:
        assert api.post("/v1/folders", json=body).status_code == 422

    def test_what_the_server_owns_cannot_be_set(self, api: httpx.Client) -> None:
        body = {"name": "x", "id": "mine", "is_system": True, "is_default": True, "conversation_count": 9}
        made = api.post("/v1/folders", json=body).json()
        assert made["id"] != "mine"
        assert not made["is_system"]
        assert (made["is_default"], made["conversation_count"]) == (False, 0)
        changed = api.patch(f"/v1/folders/{made['id']}", json={**body, "order": 1}).json()
        assert not changed["is_system"]

    def test_a_folder_is_changed_in_part(self, api: httpx.Client) -> None:
        folder_id = _folder(api)
        changed = api.patch(f"/v1/folders/{folder_id}", json={"name": "House", "color": "#ff0000", "order": 9}).json()
        assert (changed["name"], changed["color"], changed["icon"], changed["order"]) == (
            "House",
            "#ff0000",
            "folder",
            9,
        )
        described = api.patch(f"/v1/folders/{folder_id}", json={"description": "Viewings"}).json()
        assert (described["description"], described["name"]) == ("Viewings", "House")
        assert api.patch(f"/v1/folders/{folder_id}", json={"description": None}).json()["description"] is None
        assert api.patch(f"/v1/folders/{folder_id}", json={"name": None}).json()["name"] == "House"
        empty = api.patch(f"/v1/folders/{folder_id}", content=b"", headers={"Content-Type": "application/json"})
        assert empty.json()["name"] == "House"
        assert api.patch(f"/v1/folders/{folder_id}", json={"order": 10**30}).status_code == 422

    def test_there_are_fifty_at_most_however_they_are_asked_for(self, api: httpx.Client, uid: str) -> None:
        api.get("/v1/folders")
        known = folders.list_all(uid=uid)[0]
        folders.of(uid=uid).put(
            *(known.model_copy(update={"id": f"f{number}", "is_system": False}) for number in range(47))
        )
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: api.post("/v1/folders", json={"name": "x"}).status_code, range(6)))
        assert sorted(answers) == [200, 200, 200, 409, 409, 409]
        assert len(api.get("/v1/folders").json()) == 53

    def test_asked_for_twice_with_one_key_it_is_made_once(self, api: httpx.Client) -> None:
        first, second = (
            api.post("/v1/folders", json={"name": "Flat"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
        )
        assert first.json() == second.json()
        assert len(api.get("/v1/folders").json()) == 4

    def test_they_are_put_in_order(self, api: httpx.Client) -> None:
        first, second = _folder(api, "A"), _folder(api, "B")
        assert api.post("/v1/folders/reorder", json={"folder_ids": [second, first]}).json() == {"status": "Ok"}
        assert [folder["name"] for folder in api.get("/v1/folders").json()] == ["B", "A", "Work", "Personal", "Social"]

    @pytest.mark.parametrize(
        ("status", "ids"), [(422, []), (422, ["a", "a"]), (422, ["x"] * 101), (404, ["nobody"]), (404, [".."])]
    )
    def test_an_order_that_cannot_be(self, api: httpx.Client, status: int, ids: list[str]) -> None:
        assert api.post("/v1/folders/reorder", json={"folder_ids": ids}).status_code == status

    def test_what_every_user_has_is_not_deleted(self, api: httpx.Client) -> None:
        system = api.get("/v1/folders").json()[0]
        answer = api.delete(f"/v1/folders/{system['id']}")
        assert (answer.status_code, answer.json()) == (403, {"detail": "This folder cannot be deleted"})
        assert len(api.get("/v1/folders").json()) == 3


class TestFiling:
    """What is in them."""

    def test_a_conversation_is_in_one_folder_or_in_none(self, api: httpx.Client, uid: str) -> None:
        _create(uid, "c1")
        first, second = _folder(api, "A"), _folder(api, "B")
        for folder_id in (first, second):
            answer = api.patch("/v1/conversations/c1/folder", json={"folder_id": folder_id})
            assert answer.status_code == 200
            assert answer.json()["conversation"]["folder_id"] == folder_id
        assert _counts(api) == {"Work": 0, "Personal": 0, "Social": 0, "A": 0, "B": 1}
        assert [each["id"] for each in api.get(f"/v1/folders/{second}/conversations").json()] == ["c1"]
        assert api.get(f"/v1/folders/{first}/conversations").json() == []
        assert api.patch("/v1/conversations/c1/folder", json={"folder_id": None}).status_code == 200
        assert api.get("/v1/conversations/c1").json()["folder_id"] is None
        assert _counts(api)["B"] == 0

    def test_one_that_is_still_going_on_can_be_filed(self, api: httpx.Client, uid: str) -> None:
        _create(uid, "c1", status="in_progress")
        folder_id = _folder(api)
        assert api.patch("/v1/conversations/c1/folder", json={"folder_id": folder_id}).status_code == 200
        stored = conversations.get(uid=uid, conversation_id="c1")
        assert (stored.folder_id, stored.folder_user_set, stored.status) == (folder_id, True, "in_progress")

    def test_the_count_leaves_out_what_was_discarded_or_deleted(self, api: httpx.Client, uid: str) -> None:
        folder_id = _folder(api)
        _create(uid, "c1", "c2", "c3", folder_id=folder_id)
        _create(uid, "c4", folder_id=folder_id, discarded=True)
        assert _counts(api)["Flat"] == 3
        conversations.delete(uid=uid, conversation_id="c2")
        assert _counts(api)["Flat"] == 2
        listed = api.get(f"/v1/folders/{folder_id}/conversations").json()
        assert [each["id"] for each in listed] == ["c3", "c1"]
        everything = api.get(f"/v1/folders/{folder_id}/conversations", params={"include_discarded": True}).json()
        assert len(everything) == 3

    def test_what_is_in_a_folder_comes_in_pages(self, api: httpx.Client, uid: str) -> None:
        folder_id = _folder(api)
        _create(uid, "c0", "c1", "c2", folder_id=folder_id)
        path = f"/v1/folders/{folder_id}/conversations"
        pages = [api.get(path, params={"limit": 2, "offset": offset}).json() for offset in (0, 2)]
        assert [[each["id"] for each in page] for page in pages] == [["c2", "c1"], ["c0"]]
        for query in ("limit=0", "limit=501", "offset=-1", "offset=100001"):
            assert api.get(f"{path}?{query}").status_code == 422

    def test_several_are_filed_at_once_and_the_rest_passed_over(self, api: httpx.Client, uid: str) -> None:
        _create(uid, "c0", "c1")
        _create(uid, "c2", is_locked=True)
        folder_id = _folder(api)
        ids = ["c0", "c1", "c1", "c2", "nobody", ".."]
        answer = api.post(f"/v1/folders/{folder_id}/conversations/bulk-move", json={"conversation_ids": ids})
        assert answer.json() == {"status": "Ok", "moved_count": 2}
        assert _counts(api)["Flat"] == 2
        many = [f"c{number}" for number in range(101)]
        too_many = api.post(f"/v1/folders/{folder_id}/conversations/bulk-move", json={"conversation_ids": many})
        assert too_many.status_code == 422
        nowhere = api.post("/v1/folders/nowhere/conversations/bulk-move", json={"conversation_ids": ["c0"]})
        assert nowhere.status_code == 404

    def test_a_locked_conversation_stays_where_it_is(self, api: httpx.Client, uid: str) -> None:
        _create(uid, "c1", is_locked=True)
        assert api.patch("/v1/conversations/c1/folder", json={"folder_id": _folder(api)}).status_code == 402

    @pytest.mark.parametrize("folder_id", ["nowhere", "..", "__x__", "x" * 1500])
    def test_nothing_is_filed_where_there_is_no_folder(self, api: httpx.Client, uid: str, folder_id: str) -> None:
        _create(uid, "c1")
        answer = api.patch("/v1/conversations/c1/folder", json={"folder_id": folder_id})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Folder not found"})

    @pytest.mark.parametrize("target", ["another", "none"])
    def test_a_deleted_folder_leaves_no_conversation_behind(self, api: httpx.Client, uid: str, target: str) -> None:
        folder_id, other = _folder(api, "A"), _folder(api, "B")
        _create(uid, "c0", "c1", folder_id=folder_id)
        params = {"move_to_folder_id": other} if target == "another" else {}
        answer = api.delete(f"/v1/folders/{folder_id}", params=params)
        assert (answer.status_code, answer.content) == (204, b"")
        assert api.delete(f"/v1/folders/{folder_id}").status_code == 404
        expected = params.get("move_to_folder_id")
        assert [each["folder_id"] for each in api.get("/v1/conversations").json()] == [expected] * 2
        assert _counts(api)["B"] == (2 if expected else 0)

    def test_a_folder_is_not_moved_into_itself_or_nowhere(self, api: httpx.Client, uid: str) -> None:
        folder_id = _folder(api)
        _create(uid, "c0", folder_id=folder_id)
        for target, status in ((folder_id, 400), ("nowhere", 404)):
            answer = api.delete(f"/v1/folders/{folder_id}", params={"move_to_folder_id": target})
            assert answer.status_code == status
        assert _counts(api)["Flat"] == 1

    def test_filing_while_the_folder_is_deleted_leaves_nothing_in_it(self, api: httpx.Client, uid: str) -> None:
        _create(uid, *(f"c{number}" for number in range(8)))
        folder_id = _folder(api)

        def file(number: int) -> int:
            return api.patch(f"/v1/conversations/c{number}/folder", json={"folder_id": folder_id}).status_code

        with ThreadPoolExecutor(6) as pool:
            filing = [pool.submit(file, number) for number in range(8)]
            deleted = pool.submit(api.delete, f"/v1/folders/{folder_id}").result()
            answers = [each.result() for each in filing]
        assert deleted.status_code == 204
        assert set(answers) <= {200, 404}
        assert all(each["folder_id"] is None for each in api.get("/v1/conversations").json())


def test_a_folder_larger_than_a_transaction_is_emptied(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "WRITE_LIMIT", 2)
    folder_id = _folder(api)
    _create(uid, *(f"c{number}" for number in range(5)), folder_id=folder_id)
    assert api.delete(f"/v1/folders/{folder_id}").status_code == 204
    assert all(each["folder_id"] is None for each in api.get("/v1/conversations").json())


def test_another_users_folders_do_not_exist(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    folder_id = _folder(api_as(f"{uid}-other"))
    _create(uid, "c1")
    for method, path, body in (
        ("PATCH", f"/v1/folders/{folder_id}", {"name": "x"}),
        ("DELETE", f"/v1/folders/{folder_id}", None),
        ("GET", f"/v1/folders/{folder_id}/conversations", None),
        ("POST", f"/v1/folders/{folder_id}/conversations/bulk-move", {"conversation_ids": ["c1"]}),
        ("PATCH", "/v1/conversations/c1/folder", {"folder_id": folder_id}),
        ("POST", "/v1/folders/reorder", {"folder_ids": [folder_id]}),
    ):
        answer = api.request(method, path, json=body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Folder not found"}), path


def _program(address: str, uid: str, *scopes: Scope) -> httpx.Client:
    _, secret = api_keys.create(KeyKind.DEVELOPER, uid=uid, name="test", scopes=list(scopes))
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}, trust_env=False)


@pytest.fixture
def program(address: str, uid: str) -> Callable[..., httpx.Client]:
    """A client with a developer key of the scopes named."""
    return lambda *scopes: _program(address, uid, *scopes)


def test_a_program_does_the_same_with_the_scopes_it_needs(
    api: httpx.Client, program: Callable[..., httpx.Client]
) -> None:
    path = "/v1/dev/user/folders"
    with program(Scope.READ_CONVERSATIONS, Scope.WRITE_CONVERSATIONS) as dev:
        made = dev.post(path, json={"name": "Flat"}).json()
        assert dev.patch(f"{path}/{made['id']}", json={"name": "House"}).json()["name"] == "House"
        assert dev.get(path).json() == api.get("/v1/folders").json()
        assert dev.delete(f"{path}/{made['id']}").json() == {"success": True}
    with program(Scope.READ_CONVERSATIONS) as reader:
        assert reader.get(path).status_code == 200
        refused = reader.post(path, json={"name": "x"})
        assert refused.status_code == 403
        assert reader.delete(f"{path}/x").status_code == 403
    with program(Scope.READ_MEMORIES) as stranger:
        assert stranger.get(path).status_code == 403
