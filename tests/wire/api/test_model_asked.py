"""What only a model can do, over HTTP: draft apps, draw icons, advise on goals; and what is said without one."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.apps import kinds
from common.core.ids import new_id
from common.database import memories
from common.entry.api.apps import inventing
from common.entry.api.facts import goal_advice
from common.models.memory import Memory
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.making import NOON
from tests.support.models import language_model

WISH = {"prompt": "Count how often I say sorry"}
IDEA = {
    "name": "Sorry Counter",
    "description": "Counts apologies.",
    "category": "communication-improvement",
    "summary_instructions": "Count how often the user says sorry.",
    "chat_instructions": "",
}
GOAL = {"title": "Run", "type": "numeric", "target": 20, "minimum": 0, "maximum": 50, "reasoning": "You run"}
PRESENTED = {"description": "Counts apologies.", "emoji": "🙇"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
DRAWN = {"name": "Sorry Counter", "description": "Counts apologies.", "category": "other"}
ASKED: list[tuple[str, str, Any, dict[str, Any], dict[str, Any]]] = [
    (
        "POST",
        "/v1/app/generate-description",
        {"name": "A", "description": "b"},
        PRESENTED,
        {"description": "Counts apologies."},
    ),
    ("POST", "/v1/app/generate-description-emoji", {"name": "A", "prompt": "b"}, PRESENTED, PRESENTED),
    ("GET", "/v1/app/generate-prompts", None, {"wishes": ["Count sorries"]}, {"prompts": ["Count sorries"]}),
    (
        "GET",
        "/v1/goals/suggest",
        None,
        GOAL,
        {
            "suggested_title": "Run",
            "suggested_type": "numeric",
            "suggested_target": 20.0,
            "suggested_min": 0.0,
            "suggested_max": 50.0,
            "reasoning": "You run",
        },
    ),
    ("GET", "/v1/goals/advice", None, {"advice": "Run today."}, {"advice": "Run today."}),
]


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model() as server:
        yield server


def _set_goal(api: httpx.Client) -> None:
    goal = {"title": "Read", "goal_type": "numeric", "target_value": 12}
    assert api.post("/v1/goals", json=goal).status_code == 200


def test_a_drafted_app_can_be_made_as_it_is(api: httpx.Client, model: ProviderServer) -> None:
    model.script.append(Reply(json.dumps(IDEA)))
    drafted = api.post("/v1/app/generate", json=WISH)
    assert drafted.status_code == 200, drafted.text
    app = drafted.json()["app"]
    assert app == {
        "name": "Sorry Counter",
        "description": "Counts apologies.",
        "category": "communication-improvement",
        "capabilities": ["memories"],
        "memory_prompt": "Count how often the user says sorry.",
        "chat_prompt": None,
    }
    assert app["category"] in {each.id for each in kinds.CATEGORIES}
    icon = {"file": ("icon.png", PNG, "image/png")}
    made = api.post("/v1/apps", data={"app_data": json.dumps(app)}, files=icon)
    assert made.status_code == 200, made.text
    shown = api.get(f"/v1/apps/{made.json()['app_id']}").json()
    assert (shown["name"], shown["memory_prompt"]) == (app["name"], app["memory_prompt"])


@pytest.mark.parametrize(("method", "path", "body", "said", "answered"), ASKED, ids=[each[1] for each in ASKED])
def test_the_model_s_words_arrive_in_the_client_s_form(
    api: httpx.Client,
    model: ProviderServer,
    method: str,
    path: str,
    body: Any,
    said: dict[str, Any],
    answered: dict[str, Any],
) -> None:
    _set_goal(api)
    model.script.append(Reply(json.dumps(said)))
    answer = api.request(method, path, json=body)
    assert (answer.status_code, answer.json()) == (200, answered)


@pytest.mark.parametrize("named", ["gpt-image-1", "dall-e-3"])
def test_an_icon_is_drawn_by_the_model_that_is_set_for_it(api: httpx.Client, named: str) -> None:
    with language_model(openai_image_model=named) as server:
        server.script.append(Reply(body=json.dumps({"data": [{"b64_json": b64encode(PNG).decode()}]}).encode()))
        answer = api.post("/v1/app/generate-icon", json=DRAWN)
        assert (answer.status_code, b64decode(answer.json()["icon_base64"])) == (200, PNG)
        [asked] = server.requests
        assert (asked.path, asked.body["model"], asked.body["n"]) == ("/v1/images/generations", named, 1)
        assert ("response_format" in asked.body) == (named == "dall-e-3"), "the newer models refuse it"


@pytest.mark.parametrize("data", [[], [{}], [{"b64_json": "?"}], [{"b64_json": "aGk="}], "x", None])
def test_what_is_no_picture_is_no_icon(api: httpx.Client, data: Any) -> None:
    with language_model(openai_image_model="gpt-image-1") as server:
        server.script.append(Reply(body=json.dumps({"data": data}).encode()))
        assert api.post("/v1/app/generate-icon", json=DRAWN).status_code == 503


def test_without_a_model_that_draws_there_is_no_icon(api: httpx.Client, model: ProviderServer) -> None:
    answer = api.post("/v1/app/generate-icon", json=DRAWN)
    assert (answer.status_code, model.requests) == (400, [])
    assert "OPENAI_IMAGE_MODEL" in answer.json()["detail"]


def test_goals_follow_from_what_is_known_of_this_user_and_not_locked(
    api: httpx.Client, model: ProviderServer, uid: str
) -> None:
    for owner, content, locked in ((uid, "Plays chess", False), (uid, "Hidden", True), (f"{uid}-2", "Foreign", False)):
        memories.of(uid=owner).put(
            Memory(id=new_id(), uid=owner, content=content, is_locked=locked, created_at=NOON, updated_at=NOON)
        )
    _set_goal(api)
    model.script.append(Reply(json.dumps(GOAL)))
    assert api.get("/v1/goals/suggest").status_code == 200
    sent = json.dumps(model.requests[0].body)
    assert "Plays chess" in sent
    assert "Read" in sent
    assert "Hidden" not in sent
    assert "Foreign" not in sent


def test_without_a_goal_there_is_no_advice(api: httpx.Client, model: ProviderServer) -> None:
    assert api.get("/v1/goals/advice").status_code == 404
    assert not model.requests


@pytest.mark.parametrize("wrong", [{}, {"prompt": "short"}, {"prompt": " " * 20}, {"prompt": "x" * 2001}])
def test_what_is_no_wish_is_refused(api: httpx.Client, model: ProviderServer, wrong: dict[str, str]) -> None:
    assert api.post("/v1/app/generate", json=wrong).status_code == 422
    assert not model.requests


@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "/v1/app/generate", WISH), *(each[:3] for each in ASKED)]
)
def test_without_a_language_model_it_is_said_that_there_is_none(
    api: httpx.Client, method: str, path: str, body: Any
) -> None:
    _set_goal(api)
    answer = api.request(method, path, json=body)
    assert answer.status_code == 400
    assert "LANGUAGE_MODEL" in answer.json()["detail"]


def test_beyond_the_day_s_budget_it_has_to_be_paid_for(api: httpx.Client) -> None:
    with language_model(language_tokens_per_user_day="5") as server:
        server.script.append(Reply(json.dumps(IDEA), usage=(100, 50)))
        assert api.post("/v1/app/generate", json=WISH).status_code == 200
        answer = api.post("/v1/app/generate", json=WISH)
        assert (answer.status_code, len(server.requests)) == (402, 1)
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [(inventing, "DRAFTED_PER_HOUR", "/v1/app/generate-prompts"), (goal_advice, "ASKED_PER_HOUR", "/v1/goals/suggest")],
)
def test_it_is_asked_so_often_and_not_more(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, path: str
) -> None:
    monkeypatch.setattr(module, name, 2)
    statuses = [api.get(path).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
