"""Where else a user keeps what is to be done, over real HTTP."""

from typing import Any

import httpx
import pytest

from common.database import users
from tests.wire.api.conftest import ApiAs

LISTS = "/v1/task-integrations"
APPLE = f"{LISTS}/apple_reminders"
NOTHING: dict[str, Any] = {"integrations": {}, "default_app": None}


def test_what_is_connected_and_chosen_is_shown_to_this_user_alone(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    assert api.get(LISTS).json() == NOTHING
    answer = api.put(APPLE, json={"connected": True, "device": "ignored"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "app_key": "apple_reminders"})
    answer = api.put(f"{LISTS}/default", json={"app_key": "apple_reminders"})
    assert (answer.status_code, answer.json()) == (200, {"default_app": "apple_reminders"})
    shown = api.get(LISTS).json()
    assert shown["default_app"] == "apple_reminders"
    assert shown["integrations"]["apple_reminders"]["connected"] is True
    assert shown["integrations"]["apple_reminders"]["connected_at"].endswith("Z")
    other = api_as(f"{uid}-2")
    assert other.get(LISTS).json() == NOTHING
    assert other.get(f"{LISTS}/default").json() == {"default_app": None}
    assert other.delete(APPLE).status_code == 404


@pytest.mark.parametrize("name", ["todoist", "default"])
def test_what_was_never_connected_cannot_be_disconnected(api: httpx.Client, name: str) -> None:
    assert api.delete(f"{LISTS}/{name}").status_code == 404


@pytest.mark.parametrize("how", ["delete", "put"])
def test_what_is_disconnected_gets_no_tasks_any_more(api: httpx.Client, how: str) -> None:
    api.put(APPLE, content=b"", headers={"Content-Type": "application/json"})
    api.put(f"{LISTS}/default", json={"app_key": "apple_reminders"})
    if how == "delete":
        assert api.delete(APPLE).status_code == 204
        assert api.delete(APPLE).status_code == 404
    else:
        assert api.put(APPLE, json={"connected": False}).status_code == 200
    assert api.get(LISTS).json() == NOTHING


def test_nothing_at_all_may_be_chosen(api: httpx.Client) -> None:
    api.put(f"{LISTS}/default", json={"app_key": "apple_reminders"})
    assert api.put(f"{LISTS}/default", json={"app_key": None}).json() == {"default_app": None}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{LISTS}/default", {"app_key": "todoist"}, 400),
        (f"{LISTS}/default", {"app_key": "nobody"}, 422),
        (f"{LISTS}/default", {}, 422),
        (f"{LISTS}/todoist", {"connected": True, "access_token": "secret"}, 404),
        (f"{LISTS}/nobody", {"connected": True}, 422),
        (APPLE, {"connected": "perhaps"}, 422),
    ],
)
def test_a_list_that_is_not_reached_is_not_noted_as_connected(
    api: httpx.Client, uid: str, path: str, body: Any, status: int
) -> None:
    answer = api.put(path, json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not users.reference(uid=uid).get().exists


def test_what_another_server_has_stored_is_shown_and_does_no_harm(api: httpx.Client, uid: str) -> None:
    users.reference(uid=uid).set({"default_task_integration": "todoist"})
    assert api.get(f"{LISTS}/default").json() == {"default_app": "todoist"}
