"""A request that ended after it had made something, and before that was noted: sent again, it makes nothing more."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from common.core.errors import RetryableError
from common.core.settings import settings
from common.database import api_keys, apps, media
from common.database.api_keys import KeyKind
from common.entry.api.once import Once
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
