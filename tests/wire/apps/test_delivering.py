"""A delivery from its task to the receiver: signed, once, retried under the same id, and never inside."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from common.apps import answers, delivering, fetch
from common.apps.delivering import deliver_webhook
from common.apps.disabling import turn_on_again
from common.apps.drafts import AppChange
from common.apps.making import change_app
from common.apps.secrets import change_secret, current_secret
from common.apps.terms import Terms
from common.conversations.transcript import assemble
from common.core import clock
from common.core.errors import BadRequestError, PermissionDeniedError, RetryableError
from common.core.settings import settings
from common.database import (
    apps,
    audio_blocks,
    conversations,
    installs,
    messages,
    notifications,
    realtime,
    segment_batches,
    users,
    webhook_health,
    webhook_secrets,
)
from common.database.audio_blocks import AudioBlock
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.messages import Chat
from common.database.segment_batches import SegmentBatch
from common.models.app import App
from common.models.conversation import Conversation
from common.models.events import DeliverWebhook
from common.models.segment import TranscriptSegment
from common.models.webhook import WebhookHealth, WebhookKind
from common.speech import circuits
from common.speech.blocks import encode_block
from common.users.webhooks import WebhookType, circuit_of, set_webhook, switch_webhook
from tests.support.apps import make_app
from tests.support.making import a_conversation
from tests.support.stores import Stores
from tests.support.webhook_receiver import Answer, Received, Receiver, answering, receiving

pytestmark = pytest.mark.usefixtures("stores")

Tasks = Callable[..., DeliverWebhook]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the app is told."""
    with receiving() as running:
        yield running


def _listening(uid: str, url: str, trigger: str = "transcript_processed", **fields: Any) -> App:
    integration = {"triggers_on": trigger, "webhook_url": url}
    app = make_app(capabilities=["external_integration"], external_integration=integration, **fields)
    installs.enable(app, uid=uid)
    return app


def _batch(start: float, text: str, *, session: str = "s1") -> SegmentBatch:
    said = TranscriptSegment(id=f"{session}-{start}", text=text, start=start, end=start + 1)
    return SegmentBatch(session_id=session, start=start, end=start + 2, segments=[said], heard_at=clock.now())


def _task(uid: str, *parts: str, app: App | None = None, **fields: Any) -> DeliverWebhook:
    known = {"kind": WebhookKind.TRANSCRIPT, "conversation_id": "c1", "happened_at": clock.now()}
    return DeliverWebhook(uid=uid, app_id=app.id if app else None, parts=parts, **(known | fields))


def _said(uid: str, *batches: SegmentBatch, app: App | None = None, **fields: Any) -> DeliverWebhook:
    """The task of batches that are stored."""
    for batch in batches:
        segment_batches.put(batch, uid=uid, conversation_id="c1")
    return _task(uid, *(batch.stretch for batch in batches), app=app, **fields)


def _texts(received: Received) -> list[str]:
    return [segment["text"] for segment in json.loads(received.body)["segments"]]


def _verify(received: Received, secret: str) -> bool:
    """As a receiver does it, by the specification of Standard Webhooks."""
    headers = received.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"
    return expected in headers["webhook-signature"].split(" ")


def _deliver_without(part: tuple[ModuleType, str], task: DeliverWebhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliver, with what is done in a part of it failing."""

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(*part, broken)
        with pytest.raises(RuntimeError):
            deliver_webhook(task)


class TestWhatIsTold:
    """Bodies, addresses and headers."""

    def test_words_arrive_in_order_and_signed(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        task = _said(uid, _batch(4.0, "World"), _batch(0.0, "Hello"), app=app)
        deliver_webhook(task)
        [received] = receiver.received
        assert (received.method, received.target) == ("POST", f"/hook?uid={uid}")
        assert json.loads(received.body)["session_id"] == uid
        assert _texts(received) == ["Hello", "World"]
        assert received.headers["content-type"] == "application/json"
        assert received.headers["webhook-id"] == task.delivery_id
        assert abs(int(received.headers["webhook-timestamp"]) - clock.now().timestamp()) < 30
        assert received.headers["x-position-ms"] == "0"
        assert _verify(received, current_secret(webhook_secrets.of_app(app.id)).secret)

    @pytest.mark.parametrize(
        ("place", "target"),
        [("?token=1", "?token=1&uid="), ("#here", "?uid="), ("?a=b#c", "?a=b&uid="), ("/x/", "/x/?uid=")],
    )
    def test_the_address_keeps_what_it_had(self, receiver: Receiver, uid: str, place: str, target: str) -> None:
        app = _listening(uid, f"{receiver.url}{place}")
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert receiver.received[0].target == f"/hook{target}{uid}"

    def test_no_header_says_more_than_it_must(self, receiver: Receiver, uid: str) -> None:
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url)))
        assert set(receiver.received[0].headers) == {
            *("host", "user-agent", "accept", "content-length", "content-type", "x-conversation-id", "x-position-ms"),
            *("webhook-id", "webhook-timestamp", "webhook-signature"),
        }

    def test_words_of_a_conversation_that_was_put_together_meanwhile_come_from_its_transcript(
        self, receiver: Receiver, uid: str
    ) -> None:
        batches = [_batch(0.0, "One"), _batch(10.0, "Two"), _batch(20.0, "Three")]
        segments, _ = assemble([], {}, batches)
        at = clock.now()
        conversations.create(Conversation(id="c1", created_at=at, started_at=at, transcript_segments=segments), uid=uid)
        segment_batches.put(batches[2], uid=uid, conversation_id="c1")
        task = _task(uid, batches[1].stretch, batches[2].stretch, app=_listening(uid, receiver.url))
        deliver_webhook(task)
        assert _texts(receiver.received[0]) == ["Two", "Three"]

    def test_audio_is_decoded(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url, "audio_bytes")
        names = []
        for start in (5.0, 0.0):
            block = AudioBlock(session_id="s1", start=start, end=start + 5, codec="pcm16", sample_rate=16000)
            pcm = bytes([int(start) + 1, 0]) * 160
            audio_blocks.put(block, encode_block([pcm, b""]), uid=uid, conversation_id="c1")
            names.append(audio_blocks.object_name(block, uid=uid, conversation_id="c1"))
        deliver_webhook(_task(uid, *names, app=app, kind=WebhookKind.AUDIO))
        [received] = receiver.received
        assert received.target == f"/hook?sample_rate=16000&uid={uid}"
        assert received.headers["content-type"] == "application/octet-stream"
        assert received.body == bytes([1, 0]) * 160 + bytes([6, 0]) * 160
        assert _verify(received, current_secret(webhook_secrets.of_app(app.id)).secret)

    @pytest.mark.parametrize(("channel", "told"), [(1, "?sample_rate=16000&channel=1"), (None, "?sample_rate=16000")])
    def test_audio_says_whose_microphone_it_is_where_each_has_one(
        self, receiver: Receiver, uid: str, channel: int | None, told: str
    ) -> None:
        session = {"s1": {"channel": channel}}
        conversations.create(a_conversation(capture={"kind": "live", "sessions": session}), uid=uid)
        block = AudioBlock(session_id="s1", start=0, end=5, codec="pcm16", sample_rate=16000)
        audio_blocks.put(block, encode_block([bytes(320)]), uid=uid, conversation_id="c1")
        name = audio_blocks.object_name(block, uid=uid, conversation_id="c1")
        deliver_webhook(_task(uid, name, app=_listening(uid, receiver.url, "audio_bytes"), kind=WebhookKind.AUDIO))
        assert receiver.received[0].target == f"/hook{told}&uid={uid}"

    def test_other_peoples_audio_is_not_told_whatever_a_task_says(self, receiver: Receiver, uid: str) -> None:
        block = AudioBlock(session_id="s1", start=0, end=5, codec="pcm16", sample_rate=16000)
        audio_blocks.put(block, encode_block([b"\0\0"]), uid="victim", conversation_id="c1")
        name = audio_blocks.object_name(block, uid="victim", conversation_id="c1")
        deliver_webhook(_task(uid, name, app=_listening(uid, receiver.url, "audio_bytes"), kind=WebhookKind.AUDIO))
        assert receiver.received == []

    def test_the_users_own_address_is_told_with_the_users_own_secret(self, receiver: Receiver, uid: str) -> None:
        set_webhook(WebhookType.REALTIME_TRANSCRIPT, receiver.url, uid=uid)
        deliver_webhook(_said(uid, _batch(0.0, "Hello")))
        assert _verify(receiver.received[0], current_secret(webhook_secrets.of_user(uid=uid)).secret)

    def test_a_secret_that_was_changed_signs_for_a_while(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = _listening(uid, receiver.url)
        owner = webhook_secrets.of_app(app.id)
        before, unheard, after = current_secret(owner), change_secret(owner), change_secret(owner)
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert all(_verify(receiver.received[0], each.secret) for each in (before, unheard, after))
        later = clock.now() + clock.duration(25 * 3600)
        monkeypatch.setattr(clock, "now", lambda: later)
        deliver_webhook(_said(uid, _batch(9.0, "Bye"), app=app))
        assert not _verify(receiver.received[1], before.secret)
        assert _verify(receiver.received[1], after.secret)

    def test_a_secret_that_an_older_version_has_changed_signs_for_a_while(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        owner = webhook_secrets.of_app(app.id)
        before, after = current_secret(owner), change_secret(owner)
        owner.put(after.model_copy(update={"former": []}))
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert _verify(receiver.received[0], before.secret)
        owner.put(after.model_copy(update={"former": [], "changed_at": clock.now() - clock.duration(25 * 3600)}))
        deliver_webhook(_said(uid, _batch(9.0, "Bye"), app=app))
        assert not _verify(receiver.received[1], before.secret)

    def test_secrets_that_are_changed_at_once_all_sign(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        owner = webhook_secrets.of_app(app.id)
        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(lambda _: change_secret(owner), range(3)))
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert all(_verify(receiver.received[0], each.secret) for each in told)

    def test_a_change_whose_answer_was_lost_is_one_change(self, stores: Stores, uid: str) -> None:
        owner = webhook_secrets.of_user(uid=uid)
        before = current_secret(owner)
        stores.trouble.losing = 1
        assert change_secret(owner).previous_secret == before.secret


class TestOnce:
    """Duplicates, crashes and two at once."""

    def test_what_was_delivered_is_not_delivered_again(self, receiver: Receiver, uid: str) -> None:
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))
        for _ in range(3):
            deliver_webhook(task)
        assert len(receiver.received) == 1

    def test_two_at_once_deliver_once(self, receiver: Receiver, uid: str) -> None:
        def slowly(connection: socket.socket) -> None:
            time.sleep(0.5)
            answering()(connection)

        receiver.answers = [slowly]
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))

        def attempt(_: int) -> str:
            try:
                deliver_webhook(task)
            except RetryableError:
                return "later"
            return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(attempt, range(2))) == ["done", "later"]
        assert len(receiver.received) == 1

    def test_an_attempt_that_fails_is_made_again_under_the_same_id(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(status="500 Oops"), answering()]
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))
        with pytest.raises(RetryableError):
            deliver_webhook(task)
        deliver_webhook(task)
        deliver_webhook(task)
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == task.delivery_id
        assert first.body == second.body

    @pytest.mark.parametrize("part", [(delivering, "act_on"), (answers, "tell")], ids=["before", "in between"])
    def test_what_goes_wrong_after_the_delivery_neither_repeats_it_nor_loses_its_answer(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch, part: tuple[ModuleType, str]
    ) -> None:
        receiver.answers = [answering(b'{"message": "Drink some water"}')]
        app = _listening(uid, receiver.url)
        task = _said(uid, _batch(0.0, "Hello"), app=app)
        _deliver_without(part, task, monkeypatch)
        for _ in range(2):
            deliver_webhook(task)
        assert len(receiver.received) == 1
        said = messages.list_newest(Chat(app_id=app.id), uid=uid, limit=10)
        assert [message.text for message in said] == ["Drink some water"]

    def test_an_answer_that_waits_to_be_acted_on_is_not_once_the_app_is_turned_off(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receiver.answers = [answering(b'{"message": "Drink some water"}')]
        app = _listening(uid, receiver.url)
        task = _said(uid, _batch(0.0, "Hello"), app=app)
        _deliver_without((delivering, "act_on"), task, monkeypatch)
        installs.disable(app_id=app.id, uid=uid)
        deliver_webhook(task)
        assert messages.list_newest(Chat(app_id=app.id), uid=uid, limit=10) == []


class TestNoLongerWanted:
    """Between the news and its delivery much may change."""

    @pytest.mark.parametrize("change", ["turned off", "disabled", "deleted", "another trigger"])
    def test_an_app_that_may_not_be_told_any_more_is_not(self, receiver: Receiver, uid: str, change: str) -> None:
        app = _listening(uid, receiver.url)
        task = _said(uid, _batch(0.0, "Hello"), app=app)
        if change == "turned off":
            installs.disable(app_id=app.id, uid=uid)
        elif change == "deleted":
            apps.delete(app.id)
        elif change == "disabled":
            apps.change(app.id, lambda found: found.model_copy(update={"disabled": True}))
        else:
            other = {"triggers_on": "memory_creation", "webhook_url": receiver.url}
            apps.change(app.id, lambda found: App.model_validate({**found.model_dump(), "external_integration": other}))
        deliver_webhook(task)
        assert receiver.received == []

    def test_who_has_left_is_told_nothing_and_leaves_nothing(self, receiver: Receiver, uid: str) -> None:
        own, app = _said(uid, _batch(0.0, "Hello")), _listening(uid, receiver.url)
        theirs = _said(uid, _batch(0.0, "Hello"), app=app)
        installs.disable(app_id=app.id, uid=uid)
        for task in (own, theirs):
            deliver_webhook(task)
        assert receiver.received == []
        assert list(firestore_client().collection("users", uid, "claims").limit(1).stream()) == []

    def test_what_is_stale_is_dropped(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        deliver_webhook(_said(uid, _batch(0.0, "Old"), app=app, happened_at=clock.now() - timedelta(seconds=301)))
        assert receiver.received == []

    def test_of_what_was_deleted_meanwhile_nothing_is_told(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        deliver_webhook(_task(uid, "s1:0000000000-0000002000", app=app))
        deliver_webhook(_task(uid, f"{uid}/c1/s1/0000000000-0000005000", app=app, kind=WebhookKind.AUDIO))
        assert receiver.received == []


def _silent(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


def _dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


def _dripping_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: x\r\n".encode())
        time.sleep(0.05)


def _huge(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
    connection.sendall(b"x" * 10_485_760)


def _endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


class TestMisbehaviour:
    """What receivers do."""

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(answering(status="500 Oops"), id="500"),
            pytest.param(answering(status="404 Nowhere"), id="404"),
            pytest.param(answering(status="301 Moved", headers="Location: /hook\r\n"), id="a redirect to itself"),
            pytest.param(answering(status="307 Away", headers="Location: http://169.254.169.254/\r\n"), id="inside"),
            pytest.param(_silent, id="silence"),
            pytest.param(_dripping, id="a body that drips"),
            pytest.param(_dripping_headers, id="headers that drip"),
            pytest.param(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"), id="another protocol"),
            pytest.param(lambda connection: connection.close(), id="nothing"),
        ],
    )
    def test_it_is_tried_again_later_and_costs_a_bounded_time(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch, answer: Answer
    ) -> None:
        monkeypatch.setattr(delivering, "terms", lambda _: Terms(within_s=0.6, fresh_s=300.0, live=True))
        receiver.answers = [answer]
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))
        began = time.monotonic()
        with pytest.raises(RetryableError):
            deliver_webhook(task)
        assert time.monotonic() - began < 3
        assert receiver.connections == 1, "a redirect is not followed"

    @pytest.mark.parametrize("answer", [pytest.param(_huge, id="10 MB"), pytest.param(_endless, id="no end")])
    def test_what_is_taken_with_too_many_words_is_taken_and_not_told_again(
        self, receiver: Receiver, uid: str, answer: Answer
    ) -> None:
        receiver.answers = [answer]
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))
        for _ in range(2):
            deliver_webhook(task)
        assert len(receiver.received) == 1

    @pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
    def test_one_that_says_for_how_long_is_left_alone_for_so_long(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch, status: str
    ) -> None:
        app = _listening(uid, receiver.url)
        receiver.answers = [answering(status=status, headers="Retry-After: 40\r\n"), answering()]
        task = _said(uid, _batch(0.0, "Hello"), app=app)
        begun = clock.now()
        for passed in (0, 1, 35):
            monkeypatch.setattr(clock, "now", lambda passed=passed: begun + timedelta(seconds=passed))
            with pytest.raises(RetryableError):
                deliver_webhook(task)
        assert len(receiver.received) == 1
        monkeypatch.setattr(clock, "now", lambda: begun + timedelta(seconds=41))
        deliver_webhook(task)
        assert len(receiver.received) == 2
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]

    def test_one_that_wants_no_more_is_left_alone(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(status="410 Gone")]
        task = _said(uid, _batch(0.0, "Hello"), app=_listening(uid, receiver.url))
        deliver_webhook(task)
        deliver_webhook(task)
        assert len(receiver.received) == 1

    def test_an_address_that_fails_again_and_again_is_not_asked_for_a_while_and_others_are(
        self, receiver: Receiver, uid: str
    ) -> None:
        receiver.answers = [answering(status="500 Oops")]
        broken = _listening(uid, f"{receiver.url}/broken")
        for number in range(5):
            with pytest.raises(RetryableError):
                deliver_webhook(_said(uid, _batch(10.0 * number, "Hello"), app=broken))
        assert len(receiver.received) == 3
        receiver.answers = [answering()]
        fine = _listening(uid, receiver.url)
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=fine))
        assert len(receiver.received) == 4


PRIVATE = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "user@127.0.0.1",
    "example.com@127.0.0.1",
    "169.254.169.254",
    "metadata.google.internal",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "[fd00::1]",
)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what is outside may be asked."""
    monkeypatch.setenv("OUTSIDE_MAY_BE_HERE", "false")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("production")
class TestInside:
    """What an address must not lead to, whatever it looks like."""

    @pytest.mark.parametrize("host", PRIVATE)
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_no_spelling_of_an_address_of_ours_is_connected_to(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch, host: str, scheme: str
    ) -> None:
        connected: list[Any] = []
        monkeypatch.setattr(fetch, "_judging_backend", _watched(connected))
        monkeypatch.setattr("common.core.outside._PORTS", {"http": 80, "https": receiver.port})
        app = _listening(uid, f"{scheme}://{host}:{receiver.port}/hook")
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert (receiver.connections, connected) == (0, [])

    @pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://hooks.example.com:8443/"])
    def test_nothing_is_told_in_the_open_or_at_an_unusual_port(
        self, uid: str, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        asked = _resolving(monkeypatch, "8.8.8.8")
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=_listening(uid, url)))
        assert asked == []

    def test_a_name_that_turns_inside_is_judged_when_it_is_connected_to(
        self, receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("common.core.outside._PORTS", {"http": 80, "https": receiver.port})
        asked = _resolving(monkeypatch, "127.0.0.1", "8.8.8.8")
        app = _listening(uid, f"https://rebound.example.com:{receiver.port}/hook")
        task = _said(uid, _batch(0.0, "Hello"), app=app)
        deliver_webhook(task)
        assert receiver.connections == 0
        assert asked == ["rebound.example.com"], "asked once: a second answer is never looked at"
        assert webhook_health.find(webhook_health.of_app(app.id)).last_error == "not an address that may be asked"


def _watched(connected: list[Any]) -> Callable[..., Any]:
    genuine = fetch._judging_backend

    def made(*arguments: Any, **options: Any) -> Any:
        connected.append(arguments)
        return genuine(*arguments, **options)

    return made


def _resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name of example.com mean the next of these; the list tells which were asked for."""
    asked: list[str] = []
    genuine, answers = socket.getaddrinfo, list(addresses)

    def resolver(host: str, port: int, *rest: Any, **named: Any) -> Any:
        if not str(host).endswith("example.com"):
            return genuine(host, port, *rest, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return asked


class TestAnswers:
    """What the receiver wants to be said."""

    def _chat(self, uid: str, app: App) -> list[str]:
        return [message.text for message in messages.list_newest(Chat(app_id=app.id), uid=uid, limit=10)]

    def _told(self, uid: str) -> list[tuple[str, str]]:
        store = notifications.of(uid=uid)
        return [(each.kind, each.body) for each in store.stream(store.collection.limit(10))]

    def test_a_message_is_said_in_the_apps_chat_and_on_the_devices_but_not_too_often(
        self, receiver: Receiver, uid: str
    ) -> None:
        receiver.answers = [answering(b'{"message": "Drink some water"}'), answering(b'{"message": "And again!"}')]
        app = _listening(uid, receiver.url)
        for number in range(2):
            deliver_webhook(_said(uid, _batch(10.0 * number, "Hello"), app=app))
        assert self._chat(uid, app) == ["Drink some water"]
        assert self._told(uid) == [("app_message", "Drink some water")]

    def test_the_users_own_address_is_heard_on_the_devices(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(b'{"message": "Drink some water"}')]
        set_webhook(WebhookType.REALTIME_TRANSCRIPT, receiver.url, uid=uid)
        deliver_webhook(_said(uid, _batch(0.0, "Hello")))
        assert self._told(uid) == [("webhook_message", "Drink some water")]

    @pytest.mark.parametrize(
        "answer", [b"", b"ok", b'{"message": "short"}', b'{"notification": {"prompt": "x"}}', b'{"notification": 7}']
    )
    def test_everything_else_is_silence(self, receiver: Receiver, uid: str, answer: bytes) -> None:
        receiver.answers = [answering(answer)]
        app = _listening(uid, receiver.url)
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert (self._chat(uid, app), self._told(uid)) == ([], [])

    def test_an_answer_to_audio_means_nothing(self, receiver: Receiver, uid: str) -> None:
        receiver.answers = [answering(b'{"message": "Drink some water"}')]
        app = _listening(uid, receiver.url, "audio_bytes")
        block = AudioBlock(session_id="s1", start=0, end=5, codec="pcm16", sample_rate=16000)
        audio_blocks.put(block, encode_block([b"\0\0"]), uid=uid, conversation_id="c1")
        name = audio_blocks.object_name(block, uid=uid, conversation_id="c1")
        deliver_webhook(_task(uid, name, app=app, kind=WebhookKind.AUDIO))
        assert len(receiver.received) == 1
        assert self._told(uid) == []


class TestHealth:
    """An app that keeps failing."""

    def _failing(self, records: Documents[WebhookHealth], *, hours: float, told: int = 0) -> None:
        now = clock.now()
        health = WebhookHealth(
            id=webhook_health.CURRENT,
            failing_since=now - clock.duration(hours * 3600),
            last_failed_at=now - clock.duration(3600),
            failures=100,
            told_hours=told,
        )
        records.put(health)

    def _fail(self, receiver: Receiver, uid: str, app: App) -> None:
        receiver.answers = [answering(status="503 Away")]
        with pytest.raises(RetryableError):
            deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))

    def _told(self, app: App) -> list[str]:
        store = notifications.of(uid=app.uid or "")
        return [each.body for each in store.stream(store.collection.limit(10))]

    def test_a_success_ends_it(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        self._fail(receiver, uid, app)
        assert webhook_health.find(webhook_health.of_app(app.id)).last_error == "status 503"
        receiver.answers = [answering()]
        deliver_webhook(_said(uid, _batch(0.0, "Hello"), app=app))
        assert webhook_health.find(webhook_health.of_app(app.id)).failing_since is None

    def test_the_maker_is_warned_after_a_day(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        self._failing(webhook_health.of_app(app.id), hours=25)
        self._fail(receiver, uid, app)
        assert self._told(app) == ["Its address has been failing for 24 hours"]
        assert not apps.get(app.id).disabled

    def test_after_three_days_it_is_disabled_until_its_maker_has_mended_it(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url)
        maker = app.uid or ""
        self._failing(webhook_health.of_app(app.id), hours=73, told=48)
        self._fail(receiver, uid, app)
        disabled = apps.get(app.id)
        assert (disabled.disabled, disabled.disabled_reason) == (True, "webhook_failing")
        assert (disabled.disabled_error, disabled.disabled_failure_duration_hours) == ("status 503", 72)
        assert disabled.disabled_at is not None
        assert self._told(app) == ["It was disabled: its address has been failing for three days"]
        with pytest.raises(PermissionDeniedError):
            turn_on_again(app.id, uid=uid)
        with pytest.raises(BadRequestError):
            turn_on_again(app.id, uid=maker)
        receiver.answers = [answering(status="405 Method Not Allowed")]
        for _ in range(circuits.FAILURES):
            circuits.failed(circuit_of(receiver.url, app_id=app.id), None)
        enabled = turn_on_again(app.id, uid=maker)
        receiver.answers = [answering()]
        deliver_webhook(_said(uid, _batch(4.0, "Hello"), app=app))
        assert receiver.received[-1].method == "POST", "it is not left alone any longer"
        assert (enabled.disabled, enabled.disabled_at, enabled.disabled_reason) == (False, None, None)
        assert webhook_health.find(webhook_health.of_app(app.id)).failing_since is None

    def test_an_address_of_the_users_own_is_switched_off_and_on_again(self, receiver: Receiver, uid: str) -> None:
        set_webhook(WebhookType.REALTIME_TRANSCRIPT, receiver.url, uid=uid)
        records = webhook_health.of_user(uid=uid, kind=WebhookKind.TRANSCRIPT)
        self._failing(records, hours=73, told=48)
        receiver.answers = [answering(status="503 Away"), answering()]
        with pytest.raises(RetryableError):
            deliver_webhook(_said(uid, _batch(0.0, "Hello")))
        assert not realtime.wanted(uid=uid).transcript
        kept = users.find(uid=uid).developer_webhooks["realtime_transcript"]
        assert (kept.url, kept.enabled) == (receiver.url, False)
        assert webhook_health.find(records).told_hours == 0, "once it is on again it may be switched off again"
        switch_webhook(WebhookType.REALTIME_TRANSCRIPT, uid=uid, enabled=True)
        deliver_webhook(_said(uid, _batch(0.0, "Hello")))
        assert webhook_health.find(records).failing_since is None
        assert len(receiver.received) == 2

    @pytest.mark.parametrize("whose", ["the user's", "an app's"])
    def test_another_address_begins_from_the_start(self, receiver: Receiver, uid: str, whose: str) -> None:
        if whose == "an app's":
            app = _listening(uid, f"{receiver.url}/old", approved=False)
            records = webhook_health.of_app(app.id)
        else:
            set_webhook(WebhookType.REALTIME_TRANSCRIPT, f"{receiver.url}/old", uid=uid)
            records = webhook_health.of_user(uid=uid, kind=WebhookKind.TRANSCRIPT)
        self._failing(records, hours=73, told=48)
        if whose == "an app's":
            integration = {"triggers_on": "transcript_processed", "webhook_url": receiver.url}
            change = AppChange.model_validate({"external_integration": integration})
            change_app(app.id, change, None, uid=app.uid or "")
        else:
            set_webhook(WebhookType.REALTIME_TRANSCRIPT, receiver.url, uid=uid)
        assert webhook_health.find(records).failing_since is None

    def test_what_administrators_have_disabled_its_maker_does_not_turn_on(self, receiver: Receiver, uid: str) -> None:
        app = _listening(uid, receiver.url, disabled=False)
        apps.change(app.id, lambda found: found.model_copy(update={"disabled": True, "disabled_reason": "abuse"}))
        with pytest.raises(PermissionDeniedError):
            turn_on_again(app.id, uid=app.uid or "")
