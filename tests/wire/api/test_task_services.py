"""Task lists at other services, over HTTP: signed in to, chosen from, given tasks; for this user alone."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from common.action_items.elsewhere import leaving
from common.core import clock
from common.core.settings import settings
from common.database import mcp_authorizations, task_grants, users
from common.database.clients import firestore_client
from common.database.firestore import field_filter
from tests.support.task_services import CLIENT_ID, CLIENT_SECRET, CODE, TaskServices, serving
from tests.wire.api.conftest import ApiAs

LISTS = "/v1/task-integrations"
CALLBACK = f"{LISTS}/oauth/callback"
SERVICES = ("todoist", "asana", "google_tasks", "clickup")
PLACES: dict[str, dict[str, str]] = {
    "asana": {"workspace_gid": "w1", "project_gid": "p1"},
    "clickup": {"list_id": "l1"},
}
TASK = {"title": "Call the landlord", "description": "about the heating", "due_date": "2026-05-04T14:00:00+02:00"}
MADE: dict[str, tuple[str, Any]] = {
    "todoist": (
        "/api.todoist.com/api/v1/tasks",
        {"content": TASK["title"], "description": TASK["description"], "due_datetime": "2026-05-04T12:00:00Z"},
    ),
    "asana": (
        "/app.asana.com/api/1.0/tasks",
        {
            "data": {
                "name": TASK["title"],
                "notes": TASK["description"],
                "due_at": "2026-05-04T12:00:00+00:00",
                "workspace": "w1",
                "projects": ["p1"],
                "assignee": "me",
            }
        },
    ),
    "google_tasks": (
        "/tasks.googleapis.com/tasks/v1/lists/@default/tasks",
        {"title": TASK["title"], "notes": TASK["description"], "due": "2026-05-04T00:00:00.000Z"},
    ),
    "clickup": (
        "/api.clickup.com/api/v2/list/l1/task",
        {
            "name": TASK["title"],
            "description": TASK["description"],
            "due_date": 1777896000000,
            "due_date_time": True,
        },
    ),
}

REVOKED: dict[str, list[tuple[str, dict[str, str]]]] = {
    "todoist": [("/api.todoist.com/api/v1/revoke", {"token": "refresh", "token_type_hint": "refresh_token"})],
    "asana": [
        (
            "/app.asana.com/-/oauth_revoke",
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token": "refresh"},
        )
    ],
    "google_tasks": [("/oauth2.googleapis.com/revoke", {"token": "refresh"})],
    "clickup": [],
}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskServices]:
    with serving() as running:
        monkeypatch.setenv("TASK_APPS_ADDRESS", running.address)
        monkeypatch.setenv("DATA_KEY_SECRET", "of a test")
        for name in SERVICES:
            monkeypatch.setenv(f"{name.upper()}_CLIENT_ID", CLIENT_ID)
            monkeypatch.setenv(f"{name.upper()}_CLIENT_SECRET", CLIENT_SECRET)
        settings.cache_clear()
        yield running
    monkeypatch.undo()
    settings.cache_clear()


def _sent_away(api: httpx.Client, name: str) -> dict[str, str]:
    answer = api.get(f"{LISTS}/{name}/oauth-url")
    assert answer.status_code == 200, answer.text
    asked = parse_qs(urlsplit(answer.json()["auth_url"]).query)
    return {key: values[0] for key, values in asked.items()}


def _connect(api: httpx.Client, anybody: httpx.Client, name: str) -> None:
    state = _sent_away(api, name)["state"]
    page = anybody.get(CALLBACK, params={"state": state, "code": CODE})
    assert page.status_code == 200, page.text
    if name in PLACES:
        assert api.put(f"{LISTS}/{name}", json={"connected": True, **PLACES[name]}).status_code == 200


def _put(api: httpx.Client, name: str, **headers: str) -> httpx.Response:
    return api.post(f"{LISTS}/{name}/tasks", json=TASK, headers=headers)


@pytest.mark.parametrize("name", SERVICES)
def test_a_task_reaches_the_list_that_was_signed_in_to(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, name: str
) -> None:
    asked = _sent_away(api, name)
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"].endswith(CALLBACK)
    _connect(api, anybody, name)
    shown = api.get(LISTS).json()["integrations"][name]
    assert shown["connected"] is True
    assert shown.items() >= PLACES.get(name, {}).items()
    assert api.put(f"{LISTS}/default", json={"app_key": name}).json() == {"default_app": name}
    answer = _put(api, name)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "external_task_id": "task-1"})
    [made] = services.tasks
    assert (made.path, made.body) == MADE[name]
    assert made.token in services.tokens


def test_the_page_leads_back_to_the_app_and_the_address_is_told_to_nobody(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices
) -> None:
    del services
    page = anybody.get(CALLBACK, params={"state": _sent_away(api, "todoist")["state"], "code": CODE})
    assert 'href="omi://todoist/callback?success=true"' in page.text
    assert "Todoist is connected" in page.text
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")


def test_what_was_granted_is_sealed_and_told_to_nobody(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, uid: str
) -> None:
    _connect(api, anybody, "todoist")
    stored = firestore_client().document("users", uid, "task_grants", "todoist").get().to_dict() or {}
    assert isinstance(stored["access_token"], bytes)
    [token] = services.tokens
    for answer in (api.get(LISTS), api.get("/v1/users/export")):
        assert token not in answer.text
        assert "refresh" not in str(answer.text).replace("refresh_token", "")


def test_who_comes_back_twice_too_late_or_without_a_code_connects_nothing(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, uid: str
) -> None:
    state = _sent_away(api, "todoist")["state"]
    assert anybody.get(CALLBACK, params={"state": state, "code": "x", "error": "access_denied"}).status_code == 400
    assert anybody.get(CALLBACK, params={"state": state, "code": CODE}).status_code == 400
    late = _sent_away(api, "todoist")["state"]
    owned = mcp_authorizations.ALL.collection.where(filter=field_filter("uid", "==", uid))
    [waiting] = list(owned.stream())
    waiting.reference.update({"expire_at": clock.now() - timedelta(seconds=1)})
    assert anybody.get(CALLBACK, params={"state": late, "code": CODE}).status_code == 400
    assert anybody.get(CALLBACK).status_code == 400
    wrong = anybody.get(CALLBACK, params={"state": _sent_away(api, "todoist")["state"], "code": "wrong"})
    assert wrong.status_code == 502
    assert api.get(LISTS).json()["integrations"] == {}
    assert not services.tokens


def test_a_state_of_an_app_s_server_connects_no_list(anybody: httpx.Client, services: TaskServices, uid: str) -> None:
    mcp_authorizations.expect("of an app", uid=uid, app_id="todoist", within_s=600)
    assert anybody.get(CALLBACK, params={"state": "of an app", "code": CODE}).status_code == 400
    assert not services.received


def test_what_lets_us_in_is_renewed_when_it_is_over_or_taken_back(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, uid: str
) -> None:
    _connect(api, anybody, "todoist")
    services.tokens.clear()
    assert _put(api, "todoist").status_code == 200
    before = task_grants.of(uid=uid).get("todoist")
    task_grants.of(uid=uid).put(before.model_copy(update={"expires_at": clock.now()}))
    assert _put(api, "todoist").status_code == 200
    assert services.tasks[-1].token != before.access_token
    assert len(services.tasks) == 3, "the first was refused, the third was not tried with what was over"


def test_what_cannot_be_renewed_has_to_be_connected_again(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices
) -> None:
    services.refreshes = False
    _connect(api, anybody, "todoist")
    services.tokens.clear()
    answer = _put(api, "todoist")
    assert (answer.status_code, answer.json()["detail"]) == (409, "Todoist has to be connected again")
    assert api.get(LISTS).json() == {"integrations": {}, "default_app": None}
    _connect(api, anybody, "todoist")
    assert _put(api, "todoist").status_code == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ((400, b"{}"), 502),
        ((404, b"{}"), 502),
        ((429, b"{}"), 503),
        ((500, b"{}"), 503),
        ((200, b"nonsense"), 502),
        ((200, b"{}"), 502),
        ((200, b"[]"), 502),
    ],
)
def test_a_service_that_does_not_do_it_is_said_so(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, said: tuple[int, bytes], status: int
) -> None:
    _connect(api, anybody, "todoist")
    services.scripted.append(said)
    answer = _put(api, "todoist")
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


def test_a_request_that_is_sent_again_puts_one_task(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices
) -> None:
    _connect(api, anybody, "todoist")
    key = {"Idempotency-Key": "k"}
    assert _put(api, "todoist", **key).json() == _put(api, "todoist", **key).json()
    assert len(services.tasks) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_a_request_that_is_sent_again_after_nobody_was_told_puts_one_task(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, name: str
) -> None:
    _connect(api, anybody, name)
    key = {"Idempotency-Key": "k"}
    services.loses_answers, services.discards = True, False
    assert _put(api, name, **key).status_code == 503
    services.loses_answers = False
    assert _put(api, name, **key).json() == {"success": True, "external_task_id": "task-1"}
    assert len(services.kept) == 1
    assert _put(api, name).status_code == 200, "without a key it is another one"
    assert len(services.kept) == 2


def test_places_are_chosen_from_what_the_services_have(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices
) -> None:
    del services
    _connect(api, anybody, "asana")
    _connect(api, anybody, "clickup")
    assert api.get(f"{LISTS}/asana/workspaces").json() == {"workspaces": [{"gid": "w1", "name": "Home"}]}
    assert api.get(f"{LISTS}/asana/projects/w1").json() == {"projects": [{"gid": "p1", "name": "Flat"}]}
    assert api.get(f"{LISTS}/clickup/teams").json() == {"teams": [{"id": "7", "name": "Us"}]}
    assert api.get(f"{LISTS}/clickup/spaces/7").json() == {"spaces": [{"id": "s1", "name": "House"}]}
    assert api.get(f"{LISTS}/clickup/lists/s1").json() == {"lists": [{"id": "l1", "name": "Shopping"}]}
    assert api.get(f"{LISTS}/clickup/spaces/..%2f..%2fuser").status_code in (404, 502)


@pytest.mark.parametrize("name", ["asana", "clickup"])
def test_without_a_place_there_is_nowhere_to_put_it(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, name: str
) -> None:
    state = _sent_away(api, name)["state"]
    anybody.get(CALLBACK, params={"state": state, "code": CODE})
    assert _put(api, name).status_code == 400
    assert not services.tasks


def test_a_list_is_its_user_s_and_gone_when_it_is_disconnected(
    api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, services: TaskServices, uid: str
) -> None:
    _connect(api, anybody, "todoist")
    api.put(f"{LISTS}/default", json={"app_key": "todoist"})
    other = api_as(f"{uid}-2")
    assert _put(other, "todoist").status_code == 404
    assert other.put(f"{LISTS}/todoist", json={"list_id": "x"}).status_code == 404
    assert other.get(f"{LISTS}/asana/workspaces").status_code == 404
    assert api.delete(f"{LISTS}/todoist").status_code == 204
    assert api.get(LISTS).json() == {"integrations": {}, "default_app": None}
    assert _put(api, "todoist").status_code == 404
    assert task_grants.of(uid=uid).find("todoist") is None
    assert not services.tasks


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("how", ["deleted", "put"])
def test_what_lets_us_in_is_given_back_when_a_list_is_disconnected(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, name: str, how: str, uid: str
) -> None:
    _connect(api, anybody, name)
    answer = (
        api.delete(f"{LISTS}/{name}") if how == "deleted" else api.put(f"{LISTS}/{name}", json={"connected": False})
    )
    assert answer.is_success
    assert [(each.path, each.body) for each in services.revoked] == REVOKED[name]
    assert task_grants.of(uid=uid).find(name) is None
    assert api.get(LISTS).json()["integrations"] == {}


@pytest.mark.parametrize("said", [(503, b""), (400, b"{}")])
def test_a_list_is_disconnected_even_if_its_service_does_not_take_back_what_lets_us_in(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, said: tuple[int, bytes], uid: str
) -> None:
    _connect(api, anybody, "todoist")
    services.scripted.append(said)
    assert api.delete(f"{LISTS}/todoist").status_code == 204
    assert len(services.revoked) == 1
    assert task_grants.of(uid=uid).find("todoist") is None


def test_a_service_that_says_nothing_keeps_nobody_waiting(
    api: httpx.Client, anybody: httpx.Client, services: TaskServices, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(api, anybody, "todoist")
    monkeypatch.setattr(leaving, "_WITHIN_S", 0.3)
    services.silent_s = 2.0
    began = time.monotonic()
    assert api.delete(f"{LISTS}/todoist").status_code == 204
    assert time.monotonic() - began < 1.5
    assert task_grants.of(uid=uid).find("todoist") is None


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_is_not_set_up_is_said_so_by_the_names_of_its_settings(api: httpx.Client, name: str) -> None:
    answer = api.get(f"{LISTS}/{name}/oauth-url")
    assert answer.status_code == 400
    assert f"{name.upper()}_CLIENT_ID" in answer.json()["detail"]
    assert _put(api, name).status_code == 404


def test_the_user_s_own_device_is_no_service(api: httpx.Client, uid: str) -> None:
    api.put(f"{LISTS}/apple_reminders", json={"connected": True})
    assert api.get(f"{LISTS}/apple_reminders/oauth-url").status_code == 400
    assert _put(api, "apple_reminders").status_code == 400
    assert users.find(uid=uid).task_integrations["apple_reminders"].connected


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": " "},
        {"title": "x" * 501},
        {"title": "x", "due_date": "soon"},
        {"title": "x", "due_date": "1777896000"},
    ],
)
def test_what_is_no_task_is_refused(api: httpx.Client, wrong: dict[str, str]) -> None:
    assert api.post(f"{LISTS}/todoist/tasks", json=wrong).status_code == 422
