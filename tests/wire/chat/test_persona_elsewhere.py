"""A persona answers for its maker in other places, by its prompt alone, to whoever holds the app's key."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from common.chat.plain_failures import NO_ANSWER
from common.chat.steps import PERSONA_NEEDS_A_MODEL, PERSONA_RESTS
from common.core.settings import settings
from common.database import api_keys, apps, installs, messages
from common.database.api_keys import KeyKind
from common.database.messages import Chat
from common.entry.api.apps import persona_chat
from common.llm.policy import MAX_ATTEMPTS
from common.models.app import App
from tests.support.apps import make_app
from tests.support.chat_client import Read, read
from tests.support.chat_model import ChatModel, says
from tests.wire.chat.talking import talked


@pytest.fixture
def persona(uid: str) -> App:
    """The user's own, turned on."""
    made = make_app(uid=uid, capabilities=["persona"], persona_prompt="You are Ada, a mathematician.", private=True)
    installs.enable(made, uid=uid)
    return made


@pytest.fixture
def bridge(address: str, persona: App, uid: str) -> Iterator[httpx.Client]:
    """A program that passes messages on, with the persona's key."""
    _, secret = api_keys.create(KeyKind.APP, uid=uid, name="bridge", app_id=persona.id)
    with httpx.Client(
        base_url=f"{address}/v2/integrations/{persona.id}",
        headers={"Authorization": f"Bearer {secret}"},
        params={"uid": uid},
        timeout=30,
        trust_env=False,
    ) as client:
        yield client


def _write(bridge: httpx.Client, text: str = "Are you coming?", **body: Any) -> Read:
    with bridge.stream("POST", "/user/persona-chat", json={"text": text, **body}) as stream:
        assert stream.status_code == 200, stream.read()
        assert stream.headers["content-type"].startswith("text/event-stream")
        return read(stream.iter_raw())


def _refused(bridge: httpx.Client, **options: Any) -> tuple[int, str]:
    answer = bridge.post("/user/persona-chat", **{"json": {"text": "Are you coming?"}, **options})
    return answer.status_code, answer.json()["detail"]


def test_nothing_in_its_answer_is_fetched_by_showing_it(bridge: httpx.Client, openai: ChatModel) -> None:
    openai.next.append(says("Yes!", "![a](https://x.example/?secret)", " Fine!"))
    said = _write(bridge)
    assert said.text == "Yes!! [a](https://x.example/?secret) Fine!"
    assert said.done is not None
    assert said.done["text"] == said.text


def test_it_answers_by_its_prompt_in_a_stream_and_nothing_of_it_is_kept(
    bridge: httpx.Client, model: ChatModel, persona: App, uid: str
) -> None:
    talked(uid, "flat", "the flat near the station costs nine hundred")
    model.next.append(says("I am ", "Ada.\nYes."))
    told = _write(bridge, context={"platform": "telegram", "sender_name": "Tom", "count": 3, "muted": None})
    assert told.text == "I am Ada.\nYes."
    assert told.done is not None
    assert (told.done["text"], told.done["sender"], told.done["app_id"]) == ("I am Ada.\nYes.", "ai", persona.id)
    assert "You are Ada" in model.seen()
    assert "Tom" in model.seen()
    assert "nine hundred" not in model.seen()
    assert model.tools() == set()
    for chat in (Chat(), Chat(app_id=persona.id)):
        assert messages.list_newest(chat, uid=uid, limit=10) == []


def test_a_model_that_says_nothing_is_an_error_in_the_stream(bridge: httpx.Client, openai: ChatModel) -> None:
    openai.next.extend([says("")] * MAX_ATTEMPTS)
    assert _write(bridge).error == NO_ANSWER


@pytest.mark.usefixtures("openai")
def test_it_speaks_for_nobody_but_its_maker(address: str, persona: App, uid: str) -> None:
    other = f"{uid}-2"
    apps.change(persona.id, lambda found: found.model_copy(update={"private": False}))
    installs.enable(persona, uid=other)
    _, secret = api_keys.create(KeyKind.APP, uid=uid, name="bridge", app_id=persona.id)
    answer = httpx.post(
        f"{address}/v2/integrations/{persona.id}/user/persona-chat",
        params={"uid": other},
        headers={"Authorization": f"Bearer {secret}"},
        json={"text": "Who are you?"},
        trust_env=False,
    )
    assert (answer.status_code, answer.json()["detail"]) == (403, "A persona speaks for its maker only")


@pytest.mark.usefixtures("openai")
def test_what_was_learned_for_its_maker_alone_is_told_to_nobody(bridge: httpx.Client, persona: App) -> None:
    learnt = {"persona_prompt_learnt": True}
    apps.change(persona.id, lambda app: app.model_copy(update=learnt))
    status, detail = _refused(bridge)
    assert status == 403
    assert "private" in detail
    apps.change(persona.id, lambda app: app.model_copy(update={"private": False}))
    assert _write(bridge).text == "Fine."


@pytest.mark.usefixtures("openai")
def test_an_app_that_is_nobody_does_not_answer(bridge: httpx.Client, persona: App) -> None:
    apps.change(persona.id, lambda app: app.model_copy(update={"capabilities": ["chat"]}))
    assert _refused(bridge) == (404, "Persona not found")


def test_without_a_language_model_it_says_so_and_quotes_nothing(bridge: httpx.Client) -> None:
    assert _refused(bridge) == (503, PERSONA_NEEDS_A_MODEL)


@pytest.mark.usefixtures("openai")
def test_who_has_used_up_a_budget_is_not_spoken_for(bridge: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_TOKENS_PER_USER_DAY", "5")
    settings.cache_clear()
    assert _write(bridge).text == "Fine."
    assert _refused(bridge) == (402, PERSONA_RESTS)


@pytest.mark.usefixtures("openai")
def test_strangers_cannot_make_its_maker_poor(bridge: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persona_chat, "ANSWERS_PER_HOUR", 2)
    for _ in range(2):
        assert _write(bridge).text == "Fine."
    answer = bridge.post("/user/persona-chat", json={"text": "Again?"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": " \n"},
        {"text": "x" * 4001},
        {"text": "x", "context": {"a": "x" * 501}},
        {"text": "x", "context": {"a": {"b": "c"}}},
        {"text": "x", "context": {str(number): "x" for number in range(21)}},
        {"text": "x", "context": ["a"]},
    ],
)
def test_what_makes_no_sense_is_422(bridge: httpx.Client, body: Any) -> None:
    content = json.dumps(body).encode()
    status, detail = _refused(bridge, json=None, content=content, headers={"Content-Type": "application/json"})
    assert status == 422
    assert detail
