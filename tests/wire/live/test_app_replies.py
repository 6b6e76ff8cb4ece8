"""The client hears of a conversation that is done together with what apps say about it, or soon without it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from common.apps.delivering import deliver_webhook
from common.apps.running import run_apps
from common.conversations.live import app_replies
from common.conversations.live.app_replies import await_replies
from common.database import conversations, installs
from common.models.app import App
from common.models.events import ConversationCompleted
from tests.support.apps import make_app
from tests.support.deliveries import deliveries
from tests.support.making import a_conversation, a_segment
from tests.support.stores import Stores
from tests.support.webhook_receiver import Receiver, answering, receiving
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.test_conversations import close, structure

pytestmark = pytest.mark.usefixtures("stores", "first_words", "counting")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the app is told."""
    with receiving() as running:
        running.answers = [answering(b'{"message": "Well done"}')]
        yield running


def _listening(uid: str, url: str) -> App:
    integration = {"triggers_on": "memory_creation", "webhook_url": url}
    app = make_app(capabilities=["external_integration"], external_integration=integration)
    installs.enable(app, uid=uid)
    return app


def _told(stores: Stores, uid: str, conversation_id: str) -> None:
    """What the functions do once the conversation is done."""
    run = conversations.get(uid=uid, conversation_id=conversation_id).run
    run_apps(ConversationCompleted(uid=uid, conversation_id=conversation_id, run=run))
    for task in deliveries(stores, uid, expected=1):
        deliver_webhook(task)


def test_what_an_app_says_comes_with_the_conversation(
    device: Connect, stores: Stores, uid: str, receiver: Receiver
) -> None:
    listening = _listening(uid, receiver.url)
    app = device()
    app.say(1, 2)
    app.until_heard(1, 2)
    first = app.until_stored(2)
    close(uid, first)
    kept.left_by_all(uid, first)
    assert structure(uid, first) == "completed"
    _told(stores, uid, first)
    created = app.until_event("memory_created")
    assert created["memory"]["id"] == first
    [message] = created["messages"]
    assert (message["text"], message["plugin_id"], message["memories_id"]) == ("Well done", listening.id, [first])
    assert message["sender"] == "ai"


def _done(uid: str, **fields: Any) -> None:
    known = {"status": "completed", "run": 1, "transcript_segments": [a_segment("Hello", 0, 1)]}
    conversations.create(a_conversation(**{**known, **fields}), uid=uid)


@pytest.mark.parametrize("fields", [{"discarded": True}, {"is_locked": True}, {"status": "failed"}, None])
def test_of_what_apps_are_not_told_nothing_is_waited_for(
    stores: Stores, uid: str, fields: dict[str, Any] | None
) -> None:
    if fields is not None:
        _listening(uid, "https://hooks.example.com/in")
    _done(uid, **(fields or {}))
    began = time.monotonic()
    assert stores.run(await_replies(uid=uid, conversation_id="c1")) == []
    assert time.monotonic() - began < 1


def test_an_app_that_does_not_answer_is_not_waited_for_long(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_replies, "PATIENCE_S", 0.6)
    _listening(uid, "https://hooks.example.com/in")
    _done(uid)
    began = time.monotonic()
    assert stores.run(await_replies(uid=uid, conversation_id="c1")) == []
    assert 0.5 < time.monotonic() - began < 3


def test_one_that_says_nothing_is_waited_for_no_longer_than_that(stores: Stores, uid: str, receiver: Receiver) -> None:
    receiver.answers = [answering()]
    _listening(uid, receiver.url)
    _done(uid)
    _told(stores, uid, "c1")
    began = time.monotonic()
    assert stores.run(await_replies(uid=uid, conversation_id="c1")) == []
    assert time.monotonic() - began < 3
