"""A request that ended after it had made something, and before that was noted: sent again, it makes nothing more."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from common.core import clock
from common.core.errors import RetryableError
from common.core.settings import settings
from common.database import api_keys, apps, media
from common.database.api_keys import KeyKind
from common.entry.api.once import KEPT_S, Once
from common.models.api_key import Scope
from tests.support.apps import make_integration

pytestmark = pytest.mark.usefixtures("stores")

KEY = "k1"
DEV = "/v1/dev/user/conversations"
GOAL = {"title": "Read more", "goal_type": "numeric", "target_value": 5}
FOLDER = {"name": "Garden", "color": "#111111", "icon": "leaf"}
SEGMENTS = {"transcript_segments": [{"text": "The garden needs water", "start": 0, "end": 2}]}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
APP = {"name": "Coach", "description": "Coaches", "category": "other", "capabilities": ["chat"]}
LONG = "The garden needs water before the summer begins. " * 20


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """From when it is called until it is called again, requests with a key end before they can be answered."""
    monkeypatch.setenv("ANSWER_WAIT_S", "0.1")
    settings.cache_clear()
    whole = Once.__call__
    alive = [True]

    def fail(_: Any) -> Any:
        raise RetryableError("The process ends")

    def call(once: Once, model: Any, work: Callable[[], Any], **named: Any) -> Any:
        return whole(once, model, lambda: work() if alive[0] else fail(work()), **named)

    monkeypatch.setattr(Once, "__call__", call)
    yield lambda: alive.__setitem__(0, not alive[0])
    settings.cache_clear()


@pytest.fixture
def dev(address: str, uid: str) -> Iterator[httpx.Client]:
    _, secret = api_keys.create(
        KeyKind.DEVELOPER, uid=uid, name="k", scopes=[Scope.READ_CONVERSATIONS, Scope.WRITE_CONVERSATIONS]
    )
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=30) as client:
        yield client


def _twice(client: httpx.Client, path: str, body: dict[str, Any], dying: Callable[[], None], **named: Any) -> Any:
    """What a request is answered that is sent again after the first one died."""
    headers = {"Idempotency-Key": KEY}
    dying()
    assert client.post(path, json=body, headers=headers, **named).status_code == 503
    dying()
    answer = client.post(path, json=body, headers=headers, **named)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("path", "body"), [(DEV, {"text": LONG}), (f"{DEV}/from-segments", SEGMENTS)])
def test_a_conversation_is_handed_over_once(
    dev: httpx.Client, api: httpx.Client, dying: Callable[[], None], path: str, body: dict[str, Any]
) -> None:
    made = _twice(dev, path, body, dying)
    assert [each["id"] for each in api.get("/v1/conversations").json()] == [made["id"]]


def test_one_that_its_owner_has_deleted_meanwhile_does_not_come_back(
    dev: httpx.Client, api: httpx.Client, dying: Callable[[], None]
) -> None:
    headers = {"Idempotency-Key": KEY}
    dying()
    dev.post(DEV, json={"text": LONG}, headers=headers)
    dying()
    [there] = api.get("/v1/conversations").json()
    assert api.delete(f"/v1/conversations/{there['id']}").status_code == 204
    again = dev.post(DEV, json={"text": LONG}, headers=headers).json()
    assert (again["id"], again["status"]) == (there["id"], "deleted")
    assert api.get("/v1/conversations").json() == []


def test_another_text_under_the_key_of_one_that_failed_is_another_conversation(
    dev: httpx.Client, api: httpx.Client, dying: Callable[[], None]
) -> None:
    headers = {"Idempotency-Key": KEY}
    dying()
    dev.post(DEV, json={"text": LONG}, headers=headers)
    dying()
    assert dev.post(DEV, json={"text": f"{LONG} And more."}, headers=headers).status_code == 200
    assert len(api.get("/v1/conversations").json()) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/integrations/{app}/user/conversations", {"text": LONG}),
        ("/v2/integrations/{app}/user/memories", {"text": LONG, "text_source": "email"}),
    ],
)
def test_an_app_hands_a_text_over_once(
    address: str, uid: str, api: httpx.Client, dying: Callable[[], None], path: str, body: dict[str, Any]
) -> None:
    app, secret = make_integration()
    assert api.post("/v1/apps/enable", params={"app_id": app.id}).status_code == 200
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}, timeout=30) as client:
        _twice(client, path.format(app=app.id), body, dying, params={"uid": uid})
    assert len(api.get("/v1/conversations").json()) == 1


@pytest.mark.parametrize("before", [0, 1])
def test_the_assistant_says_hello_once(api: httpx.Client, dying: Callable[[], None], before: int) -> None:
    for _ in range(before):
        assert api.post("/v2/initial-message").status_code == 200
    made = _twice(api, "/v2/initial-message", {}, dying)
    said = api.get("/v2/messages").json()
    assert [len(said), said[0]["id"]] == [before + 1, made["id"]]


@pytest.mark.parametrize(
    ("path", "body", "listed"),
    [
        ("/v1/goals", GOAL, "/v1/goals/all"),
        ("/v2/chat-sessions", {"title": "The garden"}, "/v2/chat-sessions"),
        ("/v1/folders", FOLDER, "/v1/folders"),
    ],
)
def test_goals_sessions_and_folders_are_made_once(
    api: httpx.Client, dying: Callable[[], None], path: str, body: dict[str, Any], listed: str
) -> None:
    before = len(api.get(listed).json())
    made = _twice(api, path, body, dying)
    after = api.get(listed).json()
    assert len(after) == before + 1
    assert made["id"] in {each["id"] for each in after}


@pytest.mark.parametrize(
    ("path", "field", "said"),
    [("/v1/apps", "app_data", APP), ("/v1/personas", "persona_data", {"name": "Ada", "persona_prompt": "Be kind"})],
)
def test_apps_and_personas_are_made_once(
    api: httpx.Client, dying: Callable[[], None], uid: str, path: str, field: str, said: dict[str, Any]
) -> None:
    def post(**change: str) -> httpx.Response:
        files = {"file": ("logo.png", PNG, "image/png")}
        headers = {"Idempotency-Key": KEY}
        return api.post(path, data={field: json.dumps(said | change)}, files=files, headers=headers)

    dying()
    assert post().status_code == 503
    dying()
    [there] = apps.list_of_user(uid=uid)
    assert post().json()["app_id"] == post().json()["app_id"] == there.id
    assert [app.id for app in apps.list_of_user(uid=uid)] == [there.id]
    assert len(media.list_paths(f"apps/{there.id}/")) == 1
    assert post(name="Another").status_code == 422  # the key has its answer


def test_of_many_at_once_under_a_key_one_is_done_whatever_they_ask_for(api: httpx.Client) -> None:
    bodies = [GOAL if number % 2 else {**GOAL, "title": "Write more"} for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda body: api.post("/v1/goals", json=body, headers={"Idempotency-Key": KEY}), bodies)
        )
    [goal] = api.get("/v1/goals/all").json()
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 200} == {goal["id"]}
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 409)


def test_after_a_day_a_key_is_a_new_one(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Idempotency-Key": KEY}
    first = api.post("/v1/goals", json=GOAL, headers=headers).json()
    later = clock.now() + clock.duration(KEPT_S + 1)
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(clock, "now", lambda: later)
        again = api.post("/v1/goals", json={**GOAL, "title": "Write more"}, headers=headers)
    assert (again.status_code, again.json()["id"] != first["id"]) == (200, True)


@pytest.mark.parametrize("key", ["a" * 255, "ü", "🙂", "a b", "a/../b", "%00", '"a"', "a\tb"])
def test_a_key_is_any_text(api: httpx.Client, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode()}
    first, second = (api.post("/v1/goals", json=GOAL, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert len(api.get("/v1/goals/all").json()) == 1


@pytest.mark.parametrize("key", ["", "a" * 256, "ü" * 200])
def test_but_no_longer_than_255_bytes(api: httpx.Client, key: str) -> None:
    assert api.post("/v1/goals", json=GOAL, headers={b"Idempotency-Key": key.encode()}).status_code == 422
