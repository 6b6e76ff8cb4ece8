"""Apps and the users' own addresses are told what is done, over real HTTP, and say something about it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.apps import delivering
from common.apps.delivering import deliver_webhook
from common.apps.secrets import current_secret
from common.apps.signing import as_secret, signed_headers
from common.apps.terms import Terms
from common.core import clock
from common.core.errors import RetryableError
from common.database import (
    app_uses,
    apps,
    claims,
    conversations,
    daily_summaries,
    folders,
    installs,
    messages,
    notifications,
    people,
    photos,
    users,
    webhook_health,
    webhook_secrets,
)
from common.database.clients import firestore_client
from common.database.messages import Chat
from common.models.app import App
from common.models.app_use import UseKind
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation
from common.models.daily_summary import DailySummary
from common.models.events import DeliverWebhook
from common.models.folder import Folder
from common.models.webhook import WebhookHealth, WebhookKind
from common.users.webhooks import WebhookType, set_webhook, switch_webhook
from examples.app import app as example
from tests.support.apps import make_app
from tests.support.making import NOON, a_conversation, a_segment
from tests.support.webhook_receiver import Receiver, answering, receiving

pytestmark = pytest.mark.usefixtures("stores")

MESSAGE = b'{"message": "Well done"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where somebody is told."""
    with receiving() as running:
        yield running


def _listening(uid: str, url: str, **integration: Any) -> App:
    told = {"triggers_on": "memory_creation", "webhook_url": url, **integration}
    app = make_app(capabilities=["external_integration"], external_integration=told)
    installs.enable(app, uid=uid)
    return app


def _done(uid: str, **fields: Any) -> Conversation:
    said = [a_segment("Hello there", 0, 1, speaker="SPEAKER_01"), a_segment("Hi", 1, 2, is_user=True)]
    known = {"status": "completed", "run": 1, "transcript_segments": said, "structured": {"title": "Greeting"}}
    return conversations.create(a_conversation(**{**known, **fields}), uid=uid)


def _task(uid: str, app: App | None = None, run: int = 1, **fields: Any) -> DeliverWebhook:
    task = DeliverWebhook.of_conversation(
        "c1", uid=uid, app_id=app.id if app else None, run=run, happened_at=clock.now()
    )
    return task.model_copy(update=fields)


def _body(receiver: Receiver) -> dict[str, Any]:
    [received] = receiver.received
    told: dict[str, Any] = json.loads(received.body)
    return told


def _chat(uid: str, app: App) -> list[tuple[str, list[str]]]:
    return [(each.text, each.memories_id) for each in messages.list_newest(Chat(app_id=app.id), uid=uid, limit=10)]


def _pushed(uid: str) -> list[str]:
    store = notifications.of(uid=uid)
    return [each.body for each in store.stream(store.collection.limit(10))]


class TestWhatIsTold:
    """The conversation, as the contract has it."""

    def test_the_whole_conversation_with_names_and_places(self, receiver: Receiver, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann")
        folder = folders.of(uid=uid).create(Folder(id="f1", name="Friends", created_at=NOON, updated_at=NOON))
        said = [a_segment("Hello there", 0, 1, speaker="SPEAKER_01", person_id=ann.id)]
        _done(
            uid,
            transcript_segments=said,
            folder_id=folder.id,
            apps_results=[{"app_id": "a", "content": "A summary"}],
        )
        photo = ConversationPhoto(id="p", created_at=NOON, base64="AAAA", description="A cat")
        photos.add(photo, uid=uid, conversation_id="c1")
        deliver_webhook(_task(uid, _listening(uid, receiver.url)))
        told = _body(receiver)
        [received] = receiver.received
        assert received.query == {"uid": uid}
        assert received.headers["x-conversation-id"] == "c1"
        assert "x-position-ms" not in received.headers
        assert (told["id"], told["structured"]["title"], told["folder_name"]) == ("c1", "Greeting", "Friends")
        [segment] = told["transcript_segments"]
        assert (segment["text"], segment["speaker_name"], segment["speakerId"]) == ("Hello there", "Ann", 1)
        assert told["apps_response"] == told["apps_results"] == [{"app_id": "a", "content": "A summary"}]
        assert [(each["description"], each["base64"]) for each in told["photos"]] == [("A cat", "")]
        assert told["created_at"].startswith("2026-05-04T12:00:00")

    def test_what_a_workflow_handed_over_is_not_handed_on(self, receiver: Receiver, uid: str) -> None:
        _done(uid, source="workflow", external_data={"key": "value"})
        deliver_webhook(_task(uid, _listening(uid, receiver.url)))
        assert _body(receiver)["external_data"] is None

    @pytest.mark.parametrize("fields", [{"discarded": True}, {"is_locked": True}, {"deleted": True}, {"run": 2}, None])
    def test_what_is_not_to_be_known_is_not_told(
        self, receiver: Receiver, uid: str, fields: dict[str, Any] | None
    ) -> None:
        if fields is not None:
            _done(uid, **fields)
        deliver_webhook(_task(uid, _listening(uid, receiver.url)))
        assert receiver.received == []

    def test_the_users_own_address_is_told_whatever_run_it_is(self, receiver: Receiver, uid: str) -> None:
        set_webhook(WebhookType.MEMORY_CREATED, receiver.url, uid=uid)
        _done(uid, run=3)
        deliver_webhook(_task(uid))
        assert _body(receiver)["id"] == "c1"

    def test_of_two_users_each_is_told_their_own(self, receiver: Receiver, uid: str) -> None:
        other = f"{uid}-2"
        app = _listening(uid, receiver.url)
        installs.enable(app, uid=other)
        _done(uid, structured={"title": "Mine"})
        _done(other, structured={"title": "Theirs"})
        for each in (uid, other):
            deliver_webhook(_task(each, app))
        told = [(each.query["uid"], json.loads(each.body)["structured"]["title"]) for each in receiver.received]
        assert told == [(uid, "Mine"), (other, "Theirs")]
        assert len({each.headers["webhook-id"] for each in receiver.received}) == 2

    def test_a_day_is_told_the_users_own_address_alone(self, receiver: Receiver, uid: str) -> None:
        set_webhook(WebhookType.DAY_SUMMARY, receiver.url, uid=uid)
        day = DailySummary(id="d1", date="2026-05-04", headline="A day", overview="Much was said", created_at=NOON)
        daily_summaries.of(uid=uid).create(day)
        task = DeliverWebhook(uid=uid, kind=WebhookKind.DAY_SUMMARY, parts=("d1",), happened_at=clock.now())
        for _ in range(2):
            deliver_webhook(task)
        deliver_webhook(task.model_copy(update={"parts": ("gone",)}))
        deliver_webhook(task.model_copy(update={"app_id": _listening(uid, f"{receiver.url}/app").id}))
        told = _body(receiver)
        assert (told["summary"], told["uid"], told["summary_json"]["headline"]) == ("Much was said", uid, "A day")
        assert told["created_at"].startswith("2026-05-04T12:00:00")
        assert "x-conversation-id" not in receiver.received[0].headers


class TestOnce:
    """Failures, duplicates, and what changes between."""

    def test_an_attempt_that_was_killed_is_made_again_as_the_same_news(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class KilledError(BaseException):
            pass

        def killed(*_: Any, **__: Any) -> None:
            raise KilledError

        app = _listening(uid, receiver.url)
        _done(uid)
        with monkeypatch.context() as patched:
            patched.setattr(claims, "note", killed)
            with pytest.raises(KilledError):
                deliver_webhook(_task(uid, app))
        _expire(uid)
        deliver_webhook(_task(uid, app))
        deliver_webhook(_task(uid, app))
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body

    def test_it_is_worth_telling_for_a_day(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        _done(uid)
        deliver_webhook(_task(uid, app, happened_at=clock.now() - timedelta(hours=25)))
        assert receiver.received == []
        deliver_webhook(_task(uid, app, run=1, happened_at=clock.now() - timedelta(hours=23), parts=("run-1", "late")))
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("change", ["turned off", "switched off"])
    def test_whoever_turned_it_off_meanwhile_is_not_told(self, receiver: Receiver, uid: str, change: str) -> None:
        _done(uid)
        if change == "turned off":
            app = _listening(uid, receiver.url)
            installs.disable(app_id=app.id, uid=uid)
            deliver_webhook(_task(uid, app))
        else:
            set_webhook(WebhookType.MEMORY_CREATED, receiver.url, uid=uid)
            switch_webhook(WebhookType.MEMORY_CREATED, uid=uid, enabled=False)
            deliver_webhook(_task(uid))
        assert receiver.received == []

    @pytest.mark.parametrize("badly", ["silent", "500", "redirect"])
    def test_one_that_does_not_take_it_is_told_again_and_says_nothing(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch, badly: str
    ) -> None:
        monkeypatch.setattr(delivering, "terms", lambda _: Terms(within_s=0.5, fresh_s=300.0, live=False))
        away = f"Location: {receiver.url}/other\r\n"
        receiver.answers = [
            {
                "silent": _silent,
                "500": answering(MESSAGE, "500 Oops"),
                "redirect": answering(MESSAGE, "307 Temporary Redirect", away),
            }[badly],
            answering(MESSAGE),
        ]
        app = _listening(uid, receiver.url)
        _done(uid)
        began = time.monotonic()
        with pytest.raises(RetryableError):
            deliver_webhook(_task(uid, app))
        assert time.monotonic() - began < 3
        assert (_chat(uid, app), _pushed(uid)) == ([], [])
        assert webhook_health.find(webhook_health.of_app(app.id)).failing_since is not None
        deliver_webhook(_task(uid, app))
        assert [text for text, _ in _chat(uid, app)] == ["Well done"]

    def test_one_that_takes_it_with_too_many_words_is_not_told_again_and_says_nothing(
        self, receiver: Receiver, uid: str
    ) -> None:
        receiver.answers = [answering(b'{"message": "' + b"x" * 2_000_000 + b'"}'), answering(MESSAGE)]
        app = _listening(uid, receiver.url)
        _done(uid)
        for _ in range(2):
            deliver_webhook(_task(uid, app))
        assert len(receiver.received) == 1
        assert (_chat(uid, app), _pushed(uid)) == ([], [])

    def test_one_that_is_gone_is_told_no_more(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(status="410 Gone")]
        app = _listening(uid, receiver.url)
        _done(uid)
        for _ in range(2):
            deliver_webhook(_task(uid, app))
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("whose", ["an app's", "the user's own"])
    def test_one_that_has_failed_for_three_days_is_turned_off_and_its_owner_told(
        self, receiver: Receiver, uid: str, whose: str
    ) -> None:
        receiver.answers = [answering(status="503 Away")]
        app = _listening(uid, receiver.url) if whose == "an app's" else None
        if app is None:
            set_webhook(WebhookType.MEMORY_CREATED, receiver.url, uid=uid)
            records = webhook_health.of_user(uid=uid, kind=WebhookKind.CONVERSATION)
        else:
            records = webhook_health.of_app(app.id)
        long_ago, lately = clock.now() - clock.duration(73 * 3600), clock.now() - clock.duration(3600)
        records.put(WebhookHealth(id="current", failing_since=long_ago, last_failed_at=lately, failures=100))
        _done(uid)
        with pytest.raises(RetryableError):
            deliver_webhook(_task(uid, app))
        assert ["disabled" in text for text in _pushed(uid if app is None else app.uid or "")] == [True]
        receiver.answers = [answering()]
        deliver_webhook(_task(uid, app))
        assert len(receiver.received) == 1, "nothing is told it any more"
        if app is None:
            assert not users.find(uid=uid).developer_webhooks["memory_created"].enabled
        else:
            assert apps.get(app.id).disabled


def _silent(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


def _expire(uid: str) -> None:
    """Let whoever was working on this user's deliveries be dead."""
    for claim in firestore_client().collection("users", uid, "claims").stream():
        claim.reference.update({"lease_seconds": 0.0})


class TestAnswers:
    """What an app says about a conversation."""

    def test_a_message_stands_in_the_apps_chat_with_its_conversation(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(MESSAGE)]
        app = _listening(uid, receiver.url)
        _done(uid)
        for _ in range(2):
            deliver_webhook(_task(uid, app))
        assert _chat(uid, app) == [("Well done", ["c1"])]
        assert _pushed(uid) == ["Well done"]
        assert app_uses.count(app.id, UseKind.CONVERSATION_WEBHOOK) == 1

    def test_of_an_earlier_conversation_nobody_is_notified(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(MESSAGE)]
        app = _listening(uid, receiver.url)
        _done(uid)
        earlier = DeliverWebhook.of_conversation(
            "c1", uid=uid, app_id=app.id, run=1, happened_at=clock.now(), earlier=True
        )
        deliver_webhook(earlier)
        assert _chat(uid, app) == [("Well done", ["c1"])]
        assert _pushed(uid) == []

    def test_two_conversations_at_once_are_both_spoken_of(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(MESSAGE)]
        app = _listening(uid, receiver.url)
        for name in ("c1", "c2"):
            _done(uid, id=name)
            deliver_webhook(_task(uid, app, conversation_id=name))
        assert len(_chat(uid, app)) == 2

    def test_the_manifest_says_where_it_is_said_and_whether_it_is_notified_of(
        self, receiver: Receiver, uid: str
    ) -> None:
        receiver.answers = [answering(MESSAGE)]
        app = _listening(
            uid, receiver.url, chat_messages_enabled=True, chat_messages_target="main", chat_messages_notify=False
        )
        _done(uid)
        deliver_webhook(_task(uid, app))
        [message] = messages.list_newest(Chat(), uid=uid, limit=10)
        assert message.text == f"[{app.name}] Well done"
        assert (_chat(uid, app), _pushed(uid)) == ([], [])

    def test_what_the_users_own_address_answers_means_nothing(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(MESSAGE)]
        set_webhook(WebhookType.MEMORY_CREATED, receiver.url, uid=uid)
        _done(uid)
        deliver_webhook(_task(uid))
        assert _pushed(uid) == []


@contextmanager
def _example_app(secrets: list[str]) -> Iterator[str]:
    """The example app, running; its address."""
    with example.serve(0, secrets) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/conversation"
        finally:
            server.shutdown()
            thread.join()


def test_the_example_app_takes_what_is_signed_and_nothing_else(uid: str) -> None:
    secrets: list[str] = []
    with _example_app(secrets) as address:
        app = _listening(uid, address)
        _done(uid, structured={"title": "Greeting", "action_items": [{"description": "Wave"}]})
        with pytest.raises(RetryableError):
            deliver_webhook(_task(uid, app))
        secrets.append(current_secret(webhook_secrets.of_app(app.id)).secret)
        deliver_webhook(_task(uid, app))
    assert [text for text, _ in _chat(uid, app)] == ["“Greeting” is done: 1 thing(s) to do."]


def test_the_example_app_answers_the_same_news_the_same_for_its_first_answer_may_be_lost(uid: str) -> None:
    news = json.dumps(_done(uid, structured={"title": "Greeting"}).to_wire()).encode()
    secret = as_secret(b"k" * 32)
    with _example_app([secret]) as address:
        headers = signed_headers(news, message_id="m1", at=clock.now(), secrets=[secret])
        said = [httpx.post(address, content=news, headers=headers, trust_env=False).json() for _ in range(2)]
    assert said == [{"message": "“Greeting” is done: 0 thing(s) to do."}] * 2
