"""Goals over HTTP, for the app (`/v1/goals`) and for programs (`/v1/dev/user/goals`)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.core import clock
from common.database import goals
from common.database.api_keys import KeyKind
from common.goals.track import MOST_ACTIVE
from common.models.goal import Goal, StoredGoalProgress
from tests.support.making import at
from tests.support.programs import program
from tests.wire.api.conftest import ApiAs

APP = "/v1/goals"
DEV = "/v1/dev/user/goals"
GOAL = {"title": "Run", "goal_type": "numeric", "target_value": 42, "current_value": 3, "min_value": 0, "max_value": 50}


@pytest.fixture
def dev(address: str, uid: str) -> Iterator[httpx.Client]:
    with program(address, KeyKind.DEVELOPER, uid=uid) as client:
        yield client


@pytest.fixture(params=[APP, DEV])
def surface(request: pytest.FixtureRequest, api: httpx.Client, dev: httpx.Client) -> tuple[httpx.Client, str]:
    """Either of the two, with a client that may use it."""
    path: str = request.param
    return (api if path == APP else dev), path


def _add(client: httpx.Client, path: str = APP, **fields: Any) -> dict[str, Any]:
    answer = client.post(path, json=GOAL | fields)
    assert answer.status_code == 200, answer.text
    added: dict[str, Any] = answer.json()
    return added


def _today() -> str:
    return clock.now().date().isoformat()


class TestBoth:
    """What the app and programs can do alike."""

    def test_a_goals_numbers_are_floats(self, surface: tuple[httpx.Client, str]) -> None:
        client, path = surface
        answer = client.post(path, json=GOAL)
        assert answer.status_code == 200, answer.text
        assert '"target_value":42.0' in answer.text
        goal = answer.json()
        for name in ("created_at", "updated_at"):
            assert goal.pop(name).endswith("Z")
        assert goal.pop("id")
        assert goal == {**GOAL, "unit": None, "is_active": True}
        assert isinstance(goal["current_value"], float)

    def test_what_is_not_said_has_a_default(self, surface: tuple[httpx.Client, str]) -> None:
        client, path = surface
        goal = client.post(path, json={"title": "Sleep", "target_value": 8}).json()
        named = ("goal_type", "current_value", "min_value", "max_value")
        assert [goal[name] for name in named] == ["scale", 0.0, 0.0, 10.0]

    def test_what_is_named_changes(self, surface: tuple[httpx.Client, str]) -> None:
        client, path = surface
        goal = _add(client, path, unit="km")
        changed = client.patch(f"{path}/{goal['id']}", json={"title": "Run far", "target_value": 50, "title_": 1})
        assert changed.status_code == 200
        assert (changed.json()["title"], changed.json()["target_value"]) == ("Run far", 50.0)
        assert (changed.json()["unit"], changed.json()["current_value"]) == ("km", 3.0)
        assert client.patch(f"{path}/{goal['id']}", json={"unit": None, "title": None}).json()["unit"] is None
        assert client.patch(f"{path}/{goal['id']}").status_code == 200

    def test_progress_is_noted_once_a_day(self, surface: tuple[httpx.Client, str], uid: str) -> None:
        client, path = surface
        goal_id = _add(client, path)["id"]
        for value in (5, 7.5):
            moved = client.patch(f"{path}/{goal_id}/progress", params={"current_value": value})
            assert (moved.status_code, moved.json()["current_value"]) == (200, value)
        for days_ago in (1, 29, 30, 400):
            before = clock.now() - timedelta(days=days_ago)
            date = before.date().isoformat()
            goals._progress(uid=uid, goal_id=goal_id).put(
                StoredGoalProgress(id=date, date=date, value=days_ago, recorded_at=before)
            )
        history = client.get(f"{path}/{goal_id}/history").json()
        assert [entry["value"] for entry in history] == [7.5, 1.0, 29.0]
        assert set(history[0]) == {"date", "value", "recorded_at"}
        assert (history[0]["date"], history[0]["recorded_at"][-1]) == (_today(), "Z")
        assert [entry["value"] for entry in client.get(f"{path}/{goal_id}/history?days=1").json()] == [7.5]
        assert len(client.get(f"{path}/{goal_id}/history?days=365").json()) == 4

    def test_the_same_progress_on_a_new_day_is_an_entry(self, surface: tuple[httpx.Client, str], uid: str) -> None:
        client, path = surface
        goal_id = _add(client, path)["id"]
        store = goals._progress(uid=uid, goal_id=goal_id)
        store.delete_found(store.collection)
        client.patch(f"{path}/{goal_id}/progress", params={"current_value": 3})
        assert [entry["value"] for entry in client.get(f"{path}/{goal_id}/history").json()] == [3.0]

    @pytest.mark.parametrize(
        "fields",
        [
            {"title": ""},
            {"title": " "},
            {"title": "x" * 501},
            {"goal_type": "odd"},
            {"target_value": "much"},
            {"target_value": 1e16},
            {"min_value": 11, "max_value": 10},
            {"unit": "x" * 51},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, surface: tuple[httpx.Client, str], fields: dict[str, Any]) -> None:
        client, path = surface
        assert client.post(path, json=GOAL | fields).status_code == 422
        if "goal_type" not in fields:
            goal_id = _add(client, path)["id"]
            assert client.patch(f"{path}/{goal_id}", json=fields).status_code == 422

    @pytest.mark.parametrize("value", ["", "x", "nan", "inf", "1e400", "1e16"])
    def test_progress_is_a_number(self, surface: tuple[httpx.Client, str], value: str) -> None:
        client, path = surface
        assert client.patch(f"{path}/{_add(client, path)['id']}/progress?current_value={value}").status_code == 422
        assert client.patch(f"{path}/{_add(client, path)['id']}/progress").status_code == 422

    @pytest.mark.parametrize(
        ("method", "path"), [("PATCH", ""), ("PATCH", "/progress?current_value=1"), ("GET", "/history"), ("DELETE", "")]
    )
    @pytest.mark.parametrize("goal_id", ["theirs", "nobody", "__x__", "x" * 2000])
    def test_what_is_not_the_users_does_not_exist(
        self, surface: tuple[httpx.Client, str], api_as: ApiAs, uid: str, method: str, path: str, goal_id: str
    ) -> None:
        client, base = surface
        if goal_id == "theirs":
            goal_id = _add(api_as(f"{uid}-other"))["id"]
        answer = client.request(method, f"{base}/{goal_id}{path}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Goal not found"})

    def test_there_is_a_limit_to_what_is_pursued(self, surface: tuple[httpx.Client, str], uid: str) -> None:
        client, path = surface
        active = [Goal(id=f"g{number}", created_at=at(number), updated_at=at(0)) for number in range(MOST_ACTIVE)]
        goals.of(uid=uid).put(*active)
        assert client.post(path, json=GOAL).status_code == 409
        client.patch(f"{path}/g0", json={"is_active": False})
        assert client.post(path, json=GOAL).status_code == 200


class TestApp:
    """What only the app asks."""

    def test_active_goals_are_listed_the_newest_first(self, api: httpx.Client) -> None:
        assert (api.get(APP).json(), api.get(f"{APP}/all").json()) == (None, [])
        for title in ("one", "two", "three"):
            _add(api, title=title)
        listed = api.get(f"{APP}/all").json()
        assert [goal["title"] for goal in listed] == ["three", "two", "one"]
        api.patch(f"{APP}/{listed[0]['id']}", json={"is_active": False})
        assert [goal["title"] for goal in api.get(f"{APP}/all").json()] == ["two", "one"]
        assert api.get(APP).json()["title"] == "two"

    def test_deleting_says_what_was_deleted_and_takes_the_history_along(self, api: httpx.Client, uid: str) -> None:
        goal_id = _add(api)["id"]
        gone = api.delete(f"{APP}/{goal_id}")
        assert (gone.status_code, gone.json()) == (200, {"success": True, "deleted_id": goal_id})
        assert list(goals.of(uid=uid).reference(goal_id).collections()) == []

    def test_a_request_sent_again_under_its_key_is_answered_again(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": "k1"}
        answers = [api.post(APP, json=GOAL, headers=headers).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(api.get(f"{APP}/all").json()) == 1

    def test_nobody_is_told_anything(self, anybody: httpx.Client) -> None:
        for path in (APP, f"{APP}/all", f"{APP}/g/history"):
            assert anybody.get(path).status_code == 401


class TestDeveloper:
    """What only programs ask."""

    def test_goals_are_listed_and_read(self, dev: httpx.Client) -> None:
        goals_made = [_add(dev, DEV, title=f"goal {number}") for number in range(12)]
        assert [goal["title"] for goal in dev.get(DEV).json()] == [f"goal {number}" for number in range(11, 1, -1)]
        assert len(dev.get(DEV, params={"limit": 100}).json()) == 12
        assert dev.get(f"{DEV}/{goals_made[0]['id']}").json() == goals_made[0]
        assert dev.get(f"{DEV}/nobody").status_code == 404
        dev.patch(f"{DEV}/{goals_made[0]['id']}", json={"is_active": False})
        assert len(dev.get(DEV, params={"limit": 100}).json()) == 11
        assert len(dev.get(DEV, params={"limit": 100, "include_inactive": "true"}).json()) == 12
        assert dev.get(DEV, params={"limit": 101}).status_code == 422

    def test_deleting_says_success(self, dev: httpx.Client) -> None:
        gone = dev.delete(f"{DEV}/{_add(dev, DEV)['id']}")
        assert (gone.status_code, gone.json()) == (200, {"success": True})

    def test_a_key_does_what_it_may(self, address: str, uid: str, api: httpx.Client) -> None:
        goal_id = _add(api)["id"]
        with program(address, KeyKind.DEVELOPER, uid=uid, scopes=["goals:read"]) as reader:
            for path in (DEV, f"{DEV}/{goal_id}", f"{DEV}/{goal_id}/history"):
                assert reader.get(path).status_code == 200
            for method, path in (
                ("POST", DEV),
                ("PATCH", f"{DEV}/{goal_id}"),
                ("PATCH", f"{DEV}/{goal_id}/progress?current_value=1"),
                ("DELETE", f"{DEV}/{goal_id}"),
            ):
                assert reader.request(method, path, json=GOAL).status_code == 403
