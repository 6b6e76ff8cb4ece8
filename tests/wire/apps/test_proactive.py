"""An app wants to have something said: from what it may know, not too often, and visibly not where nobody can."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.apps import proactive
from common.apps.answers import act_on, read_answer
from common.apps.proactive import CAPABILITY, GAP_S, PER_DAY, PER_HOUR, say_for
from common.conversations.search import Hit
from common.core import clock
from common.database import app_uses, messages, notifications, shared_notes, users
from common.database.messages import Chat
from common.memories.edit import add_memory
from common.models.app import App
from common.models.app_use import Left, UseKind
from common.models.chat import Message, MessageSender
from common.models.events import DeliverWebhook
from common.models.webhook import WebhookKind
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.apps import make_app
from tests.support.making import a_conversation
from tests.support.models_of_all_kinds import Kind, model_of

pytestmark = pytest.mark.usefixtures("stores")

SCOPES = ("user_name", "user_facts", "user_context", "user_chat")


def _app(*scopes: str, **fields: Any) -> App:
    return make_app(**{"capabilities": [CAPABILITY], "proactive_notification": {"scopes": scopes}, **fields})


def _task(uid: str, app: App, part: str = "s:1-2") -> DeliverWebhook:
    return DeliverWebhook(
        uid=uid,
        kind=WebhookKind.TRANSCRIPT,
        app_id=app.id,
        conversation_id="c1",
        parts=(part,),
        happened_at=clock.now(),
    )


def _said(message: str = "Drink some water", *, reason: bool = True) -> Reply:
    return Reply(json.dumps({"reason": reason, "message": message}))


def _pushed(uid: str) -> list[str]:
    store = notifications.of(uid=uid)
    return [each.body for each in store.stream(store.collection.limit(50))]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ProviderServer]:
    with model_of("openai", tmp_path) as serving:
        assert serving is not None
        yield serving


@pytest.mark.parametrize("kind", ["openai", "vertex"])
def test_what_the_model_writes_is_pushed_and_stands_in_the_apps_chat_once(uid: str, tmp_path: Path, kind: Kind) -> None:
    app = _app()
    with model_of(kind, tmp_path) as serving:
        assert serving is not None
        serving.script.append(_said())
        say_for(app, {"prompt": "Tell them to drink"}, _task(uid, app))
        say_for(app, {"prompt": "Tell them to drink"}, _task(uid, app))
    assert _pushed(uid) == ["Drink some water"]
    assert [each.text for each in messages.list_newest(Chat(app_id=app.id), uid=uid, limit=5)] == ["Drink some water"]
    assert app_uses.count(app.id, UseKind.PROACTIVE) == 1


def test_without_a_model_nothing_is_said_and_the_maker_sees_why(uid: str) -> None:
    app = _app()
    say_for(app, {"prompt": "Tell them to drink"}, _task(uid, app))
    assert _pushed(uid) == []
    assert app_uses.count_left(app.id, Left.NO_MODEL) == 1


def test_a_request_in_an_answer_to_live_words_is_carried_out(uid: str, server: ProviderServer) -> None:
    app = _app()
    server.script.append(_said())
    act_on(read_answer(b'{"notification": {"prompt": "Tell them to drink"}}'), _task(uid, app), app)
    assert _pushed(uid) == ["Drink some water"]


@pytest.mark.parametrize(
    "request_",
    [7, "x", {}, {"prompt": ""}, {"prompt": "x" * 128_001}, {"prompt": "x", "params": "all"}, {"prompt": ["x"]}],
)
def test_what_is_no_request_asks_nobody(uid: str, server: ProviderServer, request_: Any) -> None:
    app = _app()
    say_for(app, request_, _task(uid, app))
    assert server.requests == []
    assert app_uses.count_left(app.id, Left.INVALID) == 1


def test_one_that_has_not_declared_it_asks_nobody(uid: str, server: ProviderServer) -> None:
    app = make_app(capabilities=["external_integration"])
    say_for(app, {"prompt": "x"}, _task(uid, app))
    assert server.requests == []
    assert app_uses.count_left(app.id, Left.NOT_DECLARED) == 1


@pytest.mark.parametrize(
    ("reply", "left"), [(_said(reason=False), Left.NO_REASON), (Reply(status=400), Left.NO_ANSWER)]
)
def test_a_model_that_says_nothing_or_fails_is_heard_by_nobody(
    uid: str, server: ProviderServer, reply: Reply, left: Left
) -> None:
    app = _app()
    server.script.append(reply)
    say_for(app, {"prompt": "x"}, _task(uid, app))
    assert _pushed(uid) == []
    assert app_uses.count_left(app.id, left) == 1


class TestWhatIsKnown:
    """Only what the app has declared and asks for is filled in."""

    @pytest.fixture(autouse=True)
    def known(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        users.change(uid=uid, name="Ada", time_zone="Asia/Kolkata")
        add_memory(uid=uid, content="Has a sister in Lisbon", manual=True)
        began = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
        found = a_conversation(structured={"title": "Roses", "overview": "They are red."}, started_at=began)
        locked = a_conversation(structured={"title": "Locked"}, is_locked=True)

        def search(query: str, *, limit: int, **_: Any) -> list[Hit]:
            assert "flowers" in query
            assert limit < 20
            return [Hit(found, 1.0, ()), Hit(locked, 0.9, ())]

        monkeypatch.setattr(proactive, "search_conversations", search)

    def _prompt(self, uid: str, app: App, server: ProviderServer, **request: Any) -> str:
        for number, (text, sender) in enumerate((("Hello", MessageSender.HUMAN), ("Hi", MessageSender.AI))):
            message = Message(id=f"m{number}", text=text, created_at=clock.now(), sender=sender, app_id=app.id)
            messages.add(message, uid=uid)
        server.script.append(_said())
        prompt = "[{{user_name}}] [{{user_facts}}] [{{ user_context }}] [{{user_chat}}] [{{other}}]"
        context = {"question": "Which", "filters": {"topics": ["flowers"]}}
        say_for(app, {"prompt": prompt, "context": context, **request}, _task(uid, app))
        return json.dumps(server.requests[0].body)

    def test_everything_that_is_declared_and_asked_for(self, uid: str, server: ProviderServer) -> None:
        sent = self._prompt(uid, _app(*SCOPES), server, params=list(SCOPES))
        for known in (
            "[Ada]",
            "Has a sister in Lisbon",
            "2026-05-05: Roses. They are red.",
            "User: Hello",
            "App: Hi",
            "[]",
        ):
            assert known in sent
        assert "Locked" not in sent

    def test_nothing_that_is_not_declared(self, uid: str, server: ProviderServer) -> None:
        sent = self._prompt(uid, _app("user_name"), server, params=list(SCOPES))
        assert "[Ada] [] [] [] []" in sent

    def test_nothing_that_is_not_asked_for(self, uid: str, server: ProviderServer) -> None:
        sent = self._prompt(uid, _app(*SCOPES), server, params=["user_facts"])
        assert "Has a sister in Lisbon" in sent
        assert "Ada" not in sent

    def test_what_is_known_is_not_filled_in_once_more(self, uid: str, server: ProviderServer) -> None:
        users.change(uid=uid, name="{{user_facts}}")
        sent = self._prompt(uid, _app(*SCOPES), server, params=["user_name"])
        assert "sister" not in sent


class TestLimits:
    """An app has its share of the user's attention."""

    def _ask(self, uid: str, app: App, number: int) -> None:
        say_for(app, {"prompt": "x"}, _task(uid, app, f"s:{number}-{number + 1}"))

    def test_there_is_a_gap_between_two(self, uid: str, server: ProviderServer) -> None:
        app, other = _app(), _app()
        server.script += [_said(), _said(), _said()]
        for number in range(3):
            self._ask(uid, app, number)
        self._ask(uid, other, 0)
        self._ask(f"{uid}-2", app, 0)
        assert app_uses.count_left(app.id, Left.TOO_OFTEN) == 2
        assert (len(_pushed(uid)), len(_pushed(f"{uid}-2"))) == (2, 1)
        assert GAP_S > 0

    @pytest.mark.parametrize(("name", "most"), [("hour", PER_HOUR), ("day", PER_DAY)])
    def test_there_are_so_many_within_an_hour_and_a_day(
        self, uid: str, server: ProviderServer, name: str, most: int
    ) -> None:
        app = _app()
        for _ in range(most - 1):
            shared_notes.count_up(f"proactive_{name}:{app.id}:{uid}", seconds=600)
        server.script.append(_said())
        for number in range(2):
            shared_notes.forget(f"proactive_gap:{app.id}:{uid}")
            self._ask(uid, app, number)
        assert len(_pushed(uid)) == len(server.requests) == 1
        assert app_uses.count_left(app.id, Left.TOO_OFTEN) == 1
