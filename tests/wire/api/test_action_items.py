"""`/v1/action-items` over HTTP: what the app sends, and what it needs to be answered."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.action_items.index import index_action_item
from common.core import clock
from common.core.ids import new_id
from common.database import action_items, token_shares, users
from common.database.clients import firestore_client
from common.models.action_item import ActionItem
from local.environment import PROJECT
from tests.support.making import NOON, at
from tests.wire.api.conftest import ApiAs

PATH = "/v1/action-items"
DUE = "2026-05-04T12:00:00Z"


def _stored(uid: str, **fields: Any) -> ActionItem:
    item = ActionItem.model_validate(
        {"id": new_id(), "uid": uid, "description": "x", "created_at": NOON, "updated_at": NOON, **fields}
    )
    action_items.of(uid=uid).put(item)
    return item


def _add(api: httpx.Client, description: str = "Call the landlord", **fields: Any) -> dict[str, Any]:
    answer = api.post(PATH, json={"description": description, **fields})
    assert answer.status_code == 200, answer.text
    added: dict[str, Any] = answer.json()
    return added


def _listed(api: httpx.Client, **params: Any) -> list[str]:
    answer = api.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return [item["description"] for item in answer.json()["action_items"]]


@pytest.fixture
def announced(uid: str) -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """What the topic says is due, of this user: (item, change)."""
    with SubscriberClient() as subscriber:
        name = subscriber.subscription_path(PROJECT, f"test-{uid}")
        topic = subscriber.topic_path(PROJECT, "notification-due")
        subscriber.create_subscription(request={"name": name, "topic": topic})

        def pull() -> list[tuple[str, str]]:
            answer = subscriber.pull(request={"subscription": name, "max_messages": 100}, timeout=10)
            events = [json.loads(each.message.data) for each in answer.received_messages]
            if events:
                subscriber.acknowledge(
                    request={"subscription": name, "ack_ids": [each.ack_id for each in answer.received_messages]}
                )
            return [(event["action_item_id"], event["change"]) for event in events if event["uid"] == uid]

        yield pull
        subscriber.delete_subscription(request={"subscription": name})


class TestAdding:
    """What is to be done is on the list once."""

    def test_an_item_has_every_field_that_the_apps_of_two_generations_read(self, api: httpx.Client) -> None:
        added = _add(api, due_at="2026-05-04T14:00:00+02:00", conversation_id="c1")
        for name in ("created_at", "updated_at"):
            assert added.pop(name).endswith("Z")
        item_id = added.pop("id")
        assert added == {
            "description": "Call the landlord",
            "completed": False,
            "due_at": DUE,
            "completed_at": None,
            "conversation_id": "c1",
            "is_locked": False,
            "exported": False,
            "export_date": None,
            "export_platform": None,
            "apple_reminder_id": None,
            "sort_order": 0,
            "indent_level": 0,
            "status": "active",
        }
        assert api.get(f"{PATH}/{item_id}").json()["description"] == "Call the landlord"

    def test_a_time_without_zone_means_utc(self, api: httpx.Client) -> None:
        assert _add(api, due_at="2026-05-04T12:00:00")["due_at"] == DUE

    def test_the_same_again_is_the_same_item(self, api: httpx.Client) -> None:
        assert _add(api)["id"] == _add(api)["id"]
        with ThreadPoolExecutor(4) as pool:
            assert len({item["id"] for item in pool.map(_add, [api] * 4)}) == 1
        assert len(_listed(api)) == 1

    def test_what_is_done_can_be_written_down_anew_but_is_not_made_anew_from_its_conversation(
        self, api: httpx.Client
    ) -> None:
        first = _add(api, conversation_id="c1")
        api.patch(f"{PATH}/{first['id']}", json={"completed": True})
        assert _add(api, conversation_id="c1")["id"] == first["id"]
        again = _add(api)
        assert (again["id"] != first["id"], again["completed"]) == (True, False)
        assert _add(api)["id"] == again["id"]

    def test_one_that_is_done_already_says_when(self, api: httpx.Client) -> None:
        added = _add(api, completed=True)
        assert (added["completed"], added["status"]) == (True, "completed")
        assert added["completed_at"] is not None

    @pytest.mark.parametrize("wrapped", [True, False], ids=["in an object", "bare"])
    def test_a_batch_is_added_in_its_order(self, api: httpx.Client, wrapped: bool) -> None:  # noqa: FBT001
        items = [{"description": f"task {number}"} for number in range(50)]
        made = api.post(f"{PATH}/batch", json={"action_items": items} if wrapped else items)
        assert made.status_code == 200, made.text
        assert made.json()["created_count"] == 50
        assert [item["description"] for item in made.json()["action_items"]] == [f"task {n}" for n in range(50)]
        too_many = [*items, {"description": "one more"}]
        assert api.post(f"{PATH}/batch", json=too_many).status_code == 422
        assert api.post(f"{PATH}/batch", json=[]).status_code == 422

    def test_a_request_sent_again_under_its_key_is_answered_again(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": "k1"}
        first = api.post(PATH, json={"description": "one"}, headers=headers).json()
        api.delete(f"{PATH}/{first['id']}")
        assert api.post(PATH, json={"description": "one"}, headers=headers).json() == first
        assert _listed(api) == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"description": ""},
            {"description": " "},
            {"description": "x" * 2001},
            {"description": "x", "due_at": "soon"},
        ],
    )
    def test_what_is_no_task_is_refused(self, api: httpx.Client, body: object) -> None:
        assert api.post(PATH, json=body).status_code == 422


class TestListing:
    """The newest first, filtered on every page."""

    def test_nothing_is_an_empty_list(self, api: httpx.Client) -> None:
        assert api.get(PATH).json() == {"action_items": [], "has_more": False}

    def test_pages_say_whether_there_is_more(self, api: httpx.Client, uid: str) -> None:
        for number in range(5):
            _stored(uid, description=f"t{number}", created_at=at(number), completed=number == 0)
        pages = [api.get(PATH, params={"limit": 2, "offset": offset, "completed": False}).json() for offset in (0, 2)]
        assert [[item["description"] for item in page["action_items"]] for page in pages] == [
            ["t4", "t3"],
            ["t2", "t1"],
        ]
        assert [page["has_more"] for page in pages] == [True, False]

    def test_every_filter_works_alone_and_with_the_others(self, api: httpx.Client, uid: str) -> None:
        for number in range(8):
            _stored(
                uid,
                description=f"t{number}",
                created_at=at(number),
                completed=bool(number & 1),
                conversation_id="c1" if number & 2 else "c2",
                due_at=at(100 - number) if number & 4 else None,
            )
        assert _listed(api, completed=True) == ["t7", "t5", "t3", "t1"]
        assert _listed(api, conversation_id="c1") == ["t7", "t6", "t3", "t2"]
        assert _listed(api, completed=True, conversation_id="c1") == ["t7", "t3"]
        assert _listed(api, start_date=at(2).isoformat(), end_date=at(4).isoformat()) == ["t4", "t3", "t2"]
        assert _listed(api, due_start_date=at(94).isoformat()) == ["t6", "t5", "t4"]
        assert _listed(api, due_end_date=at(94).isoformat()) == ["t7", "t6"]
        assert _listed(api, due_start_date=at(0).isoformat(), completed=True) == ["t7", "t5"]
        assert _listed(api, due_start_date=at(0).isoformat(), conversation_id="c1") == ["t7", "t6"]
        everything = {
            "completed": False,
            "conversation_id": "c2",
            "start_date": at(1).isoformat(),
            "end_date": at(6).isoformat(),
            "due_start_date": at(90).isoformat(),
            "due_end_date": at(99).isoformat(),
        }
        assert _listed(api, **everything) == ["t4"]
        assert _listed(api, limit=1, offset=1, completed=True, conversation_id="c1") == ["t3"]

    @pytest.mark.parametrize(
        "params", [{"limit": 0}, {"limit": 501}, {"offset": -1}, {"start_date": "x"}, {"completed": "x"}]
    )
    def test_what_makes_no_sense_is_refused(self, api: httpx.Client, params: dict[str, Any]) -> None:
        assert api.get(PATH, params=params).status_code == 422

    def test_another_users_are_not_there(self, api: httpx.Client, uid: str) -> None:
        _stored(f"{uid}-other")
        assert _listed(api) == []


@pytest.mark.usefixtures("words")
def test_search_finds_the_nearest_first_and_nothing_hidden(api: httpx.Client, uid: str) -> None:
    near, far, gone = (
        _stored(uid, description=text) for text in ("call the bank", "call mother", "call the bank again")
    )
    locked = _stored(uid, description="call the bank now")
    theirs = _stored(f"{uid}-other", description="call the bank")
    for owner, item in ((uid, near), (uid, far), (uid, gone), (uid, locked), (f"{uid}-other", theirs)):
        index_action_item(uid=owner, action_item_id=item.id)
    action_items.of(uid=uid).delete(gone.id)
    action_items.of(uid=uid).reference(locked.id).update({"is_locked": True})
    found = api.get(f"{PATH}/search", params={"query": "call the bank"})
    assert [item["id"] for item in found.json()] == [near.id, far.id]
    assert len(api.get(f"{PATH}/search", params={"query": "call", "limit": 1}).json()) == 1
    for wrong in ("", "?query=", "?query=x&limit=51"):
        assert api.get(f"{PATH}/search{wrong}").status_code == 422


class TestChanging:
    """What is named changes; the rest stays."""

    def test_each_field(self, api: httpx.Client) -> None:
        added = _add(api)
        changes = {
            "description": "Call the bank",
            "due_at": DUE,
            "exported": True,
            "export_date": DUE,
            "export_platform": "apple_reminders",
            "apple_reminder_id": "r1",
            "sort_order": 7,
            "indent_level": 3,
        }
        for name, value in changes.items():
            changed = api.patch(f"{PATH}/{added['id']}", json={name: value})
            assert (changed.status_code, changed.json()[name]) == (200, value)
        now = api.get(f"{PATH}/{added['id']}").json()
        assert {name: now[name] for name in changes} == changes
        assert now["created_at"] == added["created_at"]
        assert now["updated_at"] > added["updated_at"]

    def test_a_null_clears_a_time_and_nothing_else(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api, due_at=DUE)['id']}"
        changed = api.patch(path, json={"due_at": None, "description": None, "completed": None, "sort_order": None})
        assert changed.status_code == 200
        assert (changed.json()["due_at"], changed.json()["description"]) == (None, "Call the landlord")

    def test_ticking_off_says_when(self, api: httpx.Client) -> None:
        path = f"{PATH}/{_add(api)['id']}"
        done = api.patch(path, json={"completed": True}).json()
        assert (done["completed"], done["status"], done["completed_at"] is not None) == (True, "completed", True)
        assert (
            api.patch(f"{path}/completed", params={"completed": "true"}).json()["completed_at"] == done["completed_at"]
        )
        undone = api.patch(f"{path}/completed", params={"completed": "false"}).json()
        assert (undone["completed"], undone["completed_at"]) == (False, None)
        assert api.patch(f"{path}/completed").status_code == 422

    def test_an_empty_body_changes_nothing(self, api: httpx.Client) -> None:
        added = _add(api)
        empty = {"Content-Type": "application/json"}
        assert api.patch(f"{PATH}/{added['id']}", content=b"", headers=empty).json() == added

    @pytest.mark.parametrize(
        "body",
        [
            {"description": ""},
            {"due_at": "soon"},
            {"sort_order": 10**12},
            {"sort_order": 1.5},
            {"indent_level": 4},
            {"indent_level": -1},
            {"completed": "maybe"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, api: httpx.Client, body: object) -> None:
        assert api.patch(f"{PATH}/{_add(api)['id']}", json=body).status_code == 422

    def test_many_are_put_into_another_order(self, api: httpx.Client) -> None:
        ids = [_add(api, f"task {number}")["id"] for number in range(3)]
        items = [{"id": item_id, "sort_order": 10 - n, "indent_level": n} for n, item_id in enumerate(ids)]
        arranged = api.patch(f"{PATH}/batch", json={"items": [*items, {"id": "nobody", "sort_order": 1}]})
        assert (arranged.status_code, arranged.json()) == (200, {"status": "ok", "updated_count": 3})
        now = [api.get(f"{PATH}/{item_id}").json() for item_id in ids]
        assert [(item["sort_order"], item["indent_level"]) for item in now] == [(10, 0), (9, 1), (8, 2)]
        refused: list[list[dict[str, Any]]] = [[], [{"id": "x", "indent_level": 4}], [{"id": "x"}] * 501, [{}]]
        for wrong in refused:
            assert api.patch(f"{PATH}/batch", json={"items": wrong}).status_code == 422

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("PATCH", "", {"completed": True}),
            ("PATCH", "/completed?completed=true", None),
            ("DELETE", "", None),
        ],
    )
    @pytest.mark.parametrize("item_id", ["theirs", "nobody", "__x__", "x" * 2000, "%00"])
    def test_what_is_not_the_users_does_not_exist(
        self, api: httpx.Client, uid: str, method: str, path: str, body: Any, item_id: str
    ) -> None:
        if item_id == "theirs":
            item_id = _stored(f"{uid}-other").id
        answer = api.request(method, f"{PATH}/{item_id}{path}", json=body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Action item not found"})


class TestDeleting:
    """What is taken off the list is gone."""

    def test_one(self, api: httpx.Client) -> None:
        item_id = _add(api)["id"]
        gone = api.delete(f"{PATH}/{item_id}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert api.delete(f"{PATH}/{item_id}").status_code == 404

    def test_many(self, api: httpx.Client) -> None:
        kept, *others = (_add(api, f"task {number}")["id"] for number in range(3))
        body = {"ids": [*others, others[0], "nobody", "__x__"]}
        gone = api.post(f"{PATH}/batch-delete", json=body)
        assert (gone.status_code, gone.json()) == (200, {"status": "ok", "deleted_count": 2, "deleted_ids": others})
        assert [item["id"] for item in api.get(PATH).json()["action_items"]] == [kept]
        assert api.post(f"{PATH}/batch-delete", json={"ids": []}).status_code == 422


class TestExporting:
    """The user's own task list and ours agree."""

    def test_what_is_not_there_yet_is_pending_until_it_is_reported(self, api: httpx.Client) -> None:
        first, done = _add(api, "one")["id"], _add(api, "two", completed=True)["id"]
        pending = api.get(f"{PATH}/pending-sync", params={"platform": "apple_reminders"}).json()
        assert ([item["id"] for item in pending["pending_export"]], pending["synced_items"]) == ([first], [])
        report = {"exported": True, "export_platform": "apple_reminders", "apple_reminder_id": "r1", "export_date": DUE}
        body = {
            "items": [{"id": first, **report}, {"id": done, "completed": False}, {"id": "nobody", "completed": True}]
        }
        synced = api.patch(f"{PATH}/sync-batch", json=body)
        assert (synced.status_code, synced.json()) == (200, {"status": "ok", "updated_count": 2})
        now = api.get(f"{PATH}/pending-sync").json()
        assert [item["id"] for item in now["pending_export"]] == [done]
        [exported] = now["synced_items"]
        assert {name: exported[name] for name in report} == report
        assert api.get(f"{PATH}/{done}").json()["completed_at"] is None

    def test_it_has_its_limits(self, api: httpx.Client) -> None:
        assert api.get(f"{PATH}/pending-sync", params={"platform": "paper"}).status_code == 422
        assert api.patch(f"{PATH}/sync-batch", json={"items": [{"id": "x"}] * 101}).status_code == 422

    def test_what_is_locked_is_left_out(self, api: httpx.Client, uid: str) -> None:
        _stored(uid, is_locked=True)
        assert api.get(f"{PATH}/pending-sync").json() == {"pending_export": [], "synced_items": []}


class TestSharing:
    """Whoever has the token sees what it shows, and may take it over once."""

    def test_what_is_shown_is_redacted_and_taken_over_once(
        self, api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str
    ) -> None:
        users.change(uid=uid, name="Ann")
        ids = [_add(api, "one", due_at=DUE, conversation_id="c1")["id"], _add(api, "two")["id"]]
        shared = api.post(f"{PATH}/share", json={"task_ids": ids})
        assert shared.status_code == 200, shared.text
        token = shared.json()["token"]
        seen = anybody.get(f"{PATH}/shared/{token}")
        assert (seen.status_code, seen.json()) == (
            200,
            {
                "sender_name": "Ann",
                "tasks": [{"description": "one", "due_at": DUE}, {"description": "two", "due_at": None}],
                "count": 2,
            },
        )
        assert httpx.get(shared.json()["url"], trust_env=False).json() == seen.json()
        other = api_as(f"{uid}-other")
        accepted = other.post(f"{PATH}/accept", json={"token": token})
        assert accepted.status_code == 200, accepted.text
        assert accepted.json()["count"] == 2
        copy = other.get(f"{PATH}/{accepted.json()['created'][0]}").json()
        assert (copy["description"], copy["due_at"], copy["conversation_id"]) == ("one", DUE, None)
        assert other.post(f"{PATH}/accept", json={"token": token}).status_code == 409
        assert len(_listed(other)) == 2
        assert api_as(f"{uid}-third").post(f"{PATH}/accept", json={"token": token}).json()["count"] == 2

    def test_twice_at_once_is_once(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        token = api.post(f"{PATH}/share", json={"task_ids": [_add(api)["id"]]}).json()["token"]
        other = api_as(f"{uid}-other")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: other.post(f"{PATH}/accept", json={"token": token}), range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        assert len(_listed(other)) == 1

    def test_ones_own_is_not_taken_over(self, api: httpx.Client) -> None:
        token = api.post(f"{PATH}/share", json={"task_ids": [_add(api)["id"]]}).json()["token"]
        assert api.post(f"{PATH}/accept", json={"token": token}).status_code == 400

    def test_a_token_that_leads_nowhere_is_not_found(self, api: httpx.Client, anybody: httpx.Client) -> None:
        assert anybody.get(f"{PATH}/shared/nothing").status_code == 404
        assert api.post(f"{PATH}/accept", json={"token": "nothing"}).status_code == 404
        assert api.post(f"{PATH}/accept", json={}).status_code == 422

    def test_after_its_time_a_share_is_gone(
        self, api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str
    ) -> None:
        token = api.post(f"{PATH}/share", json={"task_ids": [_add(api)["id"]]}).json()["token"]
        share = token_shares.get_of_action_items(token)
        assert share.expire_at - share.created_at == clock.duration(30 * 24 * 3600)
        firestore_client().document("shares", share.id).update({"expire_at": clock.now() - timedelta(seconds=1)})
        assert anybody.get(f"{PATH}/shared/{token}").status_code == 404
        assert api_as(f"{uid}-other").post(f"{PATH}/accept", json={"token": token}).status_code == 404

    def test_the_token_is_not_stored(self, api: httpx.Client) -> None:
        token = api.post(f"{PATH}/share", json={"task_ids": [_add(api)["id"]]}).json()["token"]
        share = token_shares.get_of_action_items(token)
        assert token not in str(firestore_client().document("shares", share.id).get().to_dict())
        assert share.id != token

    def test_what_was_deleted_since_is_not_shown(
        self, api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str
    ) -> None:
        item_id = _add(api)["id"]
        token = api.post(f"{PATH}/share", json={"task_ids": [item_id]}).json()["token"]
        api.delete(f"{PATH}/{item_id}")
        assert anybody.get(f"{PATH}/shared/{token}").json()["tasks"] == []
        assert api_as(f"{uid}-other").post(f"{PATH}/accept", json={"token": token}).status_code == 404

    def test_only_ones_own_unlocked_items_are_shared(self, api: httpx.Client, uid: str) -> None:
        theirs, locked = _stored(f"{uid}-other").id, _stored(uid, is_locked=True).id
        assert api.post(f"{PATH}/share", json={"task_ids": [theirs]}).status_code == 404
        assert api.post(f"{PATH}/share", json={"task_ids": [locked]}).status_code == 402
        for wrong in ([], ["x"] * 21):
            assert api.post(f"{PATH}/share", json={"task_ids": wrong}).status_code == 422


class TestLocked:
    """What was made without credit is shown in part and not changed."""

    def test_a_list_shows_its_beginning(self, api: httpx.Client, uid: str) -> None:
        _stored(uid, description="x" * 100, is_locked=True)
        assert _listed(api) == [f"{'x' * 70}…"]

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PATCH", ""), ("PATCH", "/completed?completed=true")])
    def test_it_answers_402(self, api: httpx.Client, uid: str, method: str, path: str) -> None:
        item = _stored(uid, is_locked=True)
        answer = api.request(method, f"{PATH}/{item.id}{path}", json={"completed": True} if method == "PATCH" else None)
        assert answer.status_code == 402
        assert api.delete(f"{PATH}/{item.id}").status_code == 204


def test_what_is_locked_is_not_changed_with_many_others(api: httpx.Client, uid: str) -> None:
    locked, other = _stored(uid, is_locked=True), _stored(uid, description="other")
    items = [{"id": item.id, "description": "changed"} for item in (locked, other)]
    assert api.patch(f"{PATH}/sync-batch", json={"items": items}).json()["updated_count"] == 1
    assert sorted(_listed(api)) == ["changed", "x"]


class TestReminders:
    """Whoever reminds the user hears of everything that is, was or will be due."""

    def test_every_change_of_what_is_due_is_announced(
        self, api: httpx.Client, announced: Callable[[], list[tuple[str, str]]]
    ) -> None:
        item_id = _add(api, due_at=DUE)["id"]
        assert announced() == [(item_id, "created")]
        path = f"{PATH}/{item_id}"
        for body in ({"due_at": "2026-05-05T12:00:00Z"}, {"completed": True}, {"due_at": None}, {"due_at": DUE}):
            api.patch(path, json=body)
            assert announced() == [(item_id, "changed")]
        for reported in ({"completed": False}, {"due_at": None}, {"due_at": DUE}, {"description": "Call"}):
            api.patch(f"{PATH}/sync-batch", json={"items": [{"id": item_id, **reported}]})
            assert announced() == [(item_id, "changed")]
        api.delete(path)
        assert announced() == [(item_id, "deleted")]

    def test_what_is_never_due_is_not(self, api: httpx.Client, announced: Callable[[], list[tuple[str, str]]]) -> None:
        item_id = _add(api, "never due")["id"]
        api.patch(f"{PATH}/{item_id}", json={"description": "something else"})
        api.patch(f"{PATH}/sync-batch", json={"items": [{"id": item_id, "completed": True}]})
        api.delete(f"{PATH}/{item_id}")
        due = _add(api, "due", due_at=DUE)["id"]
        api.patch(f"{PATH}/batch", json={"items": [{"id": due, "sort_order": 1}]})
        assert announced() == [(due, "created")]


def test_nobody_is_told_anything(anybody: httpx.Client) -> None:
    for method, path in (("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/search"), ("POST", f"{PATH}/accept")):
        assert anybody.request(method, path).status_code == 401
