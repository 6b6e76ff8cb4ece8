"""One trace goes through requests, tasks, messages and documents; keeping spans of it delays and breaks nothing."""

import hashlib
import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import functions_framework
import httpx
import pytest
from flask.testing import FlaskClient
from google.cloud.pubsub_v1 import SubscriberClient

from common.action_items.edit import add_action_item
from common.conversations.finalize import close_conversation
from common.conversations.lifecycle import begin_processing
from common.core import clock, tracing
from common.core.errors import ProviderError
from common.core.ids import new_id
from common.core.tracing import Trace
from common.database import action_items, conversations, tasks, topics, uploads
from common.entry.api.app import create_app
from common.entry.api.parts import Part
from common.entry.api.routing import Router
from common.llm.metered import MeteredEmbedder
from common.models.conversation import Conversation
from common.models.events import FinalizeConversation, SegmentsReady
from local.environment import PROJECT
from local.events import document_event, message_event, object_event
from local.http import HttpServer
from local.manifest import ROOT, load
from tests.support.collector import Collector, collecting, kept_at
from tests.support.making import a_conversation
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
ANOTHER = Trace("1" * 32, "2" * 16)
ASKED = {"traceparent": TRACE.traceparent}
PATIENCE_S = 1.0

router = Router(prefix="/v1/test")


@router.get("/things/{name}")
def look(name: str) -> dict[str, str]:
    """Schedules something and asks a provider."""
    MeteredEmbedder(WordEmbedder()).embed([name], purpose="document")
    tasks.schedule_finalize(FinalizeConversation(uid="u1", conversation_id=name), at=clock.now())
    return tracing.carried()


@router.get("/broken")
def broken() -> None:
    """Fails in a way that nobody expects."""
    raise KeyError("a secret")


@pytest.fixture(scope="module")
def address(stores: Stores) -> Iterator[str]:
    server = HttpServer(create_app([Part(("/v1/test",), lambda: [router])]))
    yield f"http://127.0.0.1:{stores.run(server.start())}/v1/test"
    stores.run(server.stop())


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Keeps the spans of this test."""
    with collecting() as made, kept_at(made.url, monkeypatch, patience_s=PATIENCE_S):
        yield made


@pytest.fixture
def function() -> Callable[[str], FlaskClient]:
    """A client of one function, served by functions-framework."""

    def client(name: str) -> FlaskClient:
        described = load().functions[name]
        create: Any = functions_framework.create_app  # ships no types
        app = create(described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature)
        made: FlaskClient = app.test_client()
        return made

    return client


def _get(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, headers=headers, timeout=30, trust_env=False)


class TestRequests:
    """Of the REST surface."""

    def test_a_request_goes_on_in_the_trace_that_it_names(self, address: str, collector: Collector) -> None:
        told = tracing.read(_get(f"{address}/things/x1", **ASKED).json()["traceparent"])
        assert told is not None
        [span] = collector.named("GET /v1/test/things/{name}")
        assert (span.trace_id, span.above, span.span_id) == (TRACE.trace_id, TRACE.span_id, told.span_id)
        assert (span.about, span.failed) == ({"earshot.status": "200"}, None)

    def test_googles_own_header_is_as_good(self, address: str, collector: Collector) -> None:
        _get(f"{address}/things/x2", **{"X-Cloud-Trace-Context": f"{TRACE.trace_id}/17;o=0"})
        [span] = collector.named("GET /v1/test/things/{name}")
        assert (span.trace_id, span.above) == (TRACE.trace_id, f"{17:016x}")

    def test_one_that_names_none_begins_one(self, address: str, collector: Collector) -> None:
        told = tracing.read(_get(f"{address}/things/x3").json()["traceparent"])
        [span] = collector.named("GET /v1/test/things/{name}")
        assert told is not None
        assert (span.trace_id, span.above) == (told.trace_id, "")

    def test_what_a_provider_takes_is_a_span_below_it(self, address: str, collector: Collector) -> None:
        _get(f"{address}/things/x4", **ASKED)
        [request], [asked] = collector.named("GET /v1/test/things/{name}"), collector.named("embedding")
        assert (asked.trace_id, asked.above) == (request.trace_id, request.span_id)
        assert asked.about == {"earshot.provider": WordEmbedder().name}

    def test_of_what_fails_the_kind_is_kept_and_nothing_that_it_says(self, address: str, collector: Collector) -> None:
        assert _get(f"{address}/broken", **ASKED).status_code == 500
        deadline = time.monotonic() + 10
        while not collector.named("GET /v1/test/broken") and time.monotonic() < deadline:
            time.sleep(0.05)
        [span] = collector.named("GET /v1/test/broken")
        assert span.failed == "KeyError"
        assert not any(b"secret" in body for body in collector.bodies)

    def test_paths_are_not_repeated(self, address: str, collector: Collector) -> None:
        _get(f"{address}/things/somebody-by-name")
        _get(f"{address}/somebody-by-name")
        assert len(collector.kept) == 3
        assert not any(b"somebody" in body for body in collector.bodies)


class TestCollectorsThatFail:
    """Nobody who waits for an answer pays for them."""

    def test_one_that_is_not_there_breaks_nothing(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with kept_at(f"http://127.0.0.1:{port}/v1/traces", monkeypatch, patience_s=PATIENCE_S):
            assert _get(f"{address}/things/y1", **ASKED).status_code == 200

    def test_one_that_hangs_is_waited_for_once_and_not_long(self, address: str, collector: Collector) -> None:
        _get(f"{address}/things/y2")  # the exporter is loaded
        collector.hangs.set()
        took = []
        for _ in range(4):
            began = time.monotonic()
            assert _get(f"{address}/things/y3", **ASKED).status_code == 200
            took.append(time.monotonic() - began)
        assert took[0] >= PATIENCE_S
        assert max(took[1:]) < PATIENCE_S, took

    def test_one_that_refuses_is_not_waited_for(self, address: str, collector: Collector) -> None:
        collector.status = 403
        assert _get(f"{address}/things/y4", **ASKED).status_code == 200
        assert collector.kept == []

    def test_without_spans_the_trace_goes_on_all_the_same(self, address: str) -> None:
        told = tracing.read(_get(f"{address}/things/y5", **ASKED).json()["traceparent"])
        assert told == TRACE


class TestHops:
    """From one function to the next."""

    def test_a_task_carries_it(
        self, address: str, stores: Stores, collector: Collector, function: Callable[[str], FlaskClient]
    ) -> None:
        _get(f"{address}/things/z1", **ASKED)
        deadline = time.monotonic() + 10
        while not (sent := [each for each in stores.tasks.received if b'"z1"' in each.content]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        [task] = sent
        answer = function("finalize_conversation").post("/", data=task.content, headers=dict(task.headers))
        assert answer.status_code == 200
        [request] = collector.named("GET /v1/test/things/{name}")
        [span] = collector.named("finalize_conversation")
        assert (span.trace_id, span.above) == (TRACE.trace_id, request.span_id)
        assert span.about == {"earshot.conversation_id": "z1"}

    def test_a_message_carries_it(self, collector: Collector, function: Callable[[str], FlaskClient], uid: str) -> None:
        subscriber: Any = SubscriberClient()
        subscription = subscriber.subscription_path(PROJECT, f"s-{new_id()}")
        topic = subscriber.topic_path(PROJECT, "segments-ready")
        subscriber.create_subscription(name=subscription, topic=topic)
        with tracing.following(TRACE):
            topics.publish(SegmentsReady(uid=uid, conversation_id="c1", batches=("s:1-2",), happened_at=clock.now()))
        [received] = subscriber.pull(subscription=subscription, max_messages=1, timeout=10).received_messages
        subscriber.close()
        headers, body = message_event(topic, type(received.message).pb(received.message), function="relay_segments")
        assert function("relay_segments").post("/", data=body, headers=headers).status_code == 200
        [span] = collector.named("relay_segments")
        assert (span.trace_id, span.above, span.failed) == (TRACE.trace_id, TRACE.span_id, None)
        assert span.about["earshot.event_id"] == headers["ce-id"]

    @pytest.mark.parametrize("resumable", [False, True], ids=["in a request", "resumable"])
    def test_what_is_stored_carries_it(
        self, stores: Stores, collector: Collector, function: Callable[[str], FlaskClient], uid: str, *, resumable: bool
    ) -> None:
        path, data = f"{uid}/offline/f1.bin", b"frames"
        with tracing.following(TRACE):
            if resumable:
                md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
                address = uploads.open_resumable(path, size=len(data), md5=md5)
            else:
                uploads.put(path, io.BytesIO(data))
        if resumable:
            assert httpx.put(address, content=data, timeout=30, trust_env=False).status_code == 200
        headers, body = object_event(next(each for each in reversed(stores.uploads) if each["name"] == path))
        assert function("transcribe_upload").post("/", data=body, headers=headers).status_code == 200
        [span] = collector.named("transcribe_upload")
        assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)

    def test_a_document_carries_it_from_its_beginning_through_its_first_run(
        self, stores: Stores, collector: Collector, function: Callable[[str], FlaskClient], uid: str
    ) -> None:
        with tracing.following(TRACE):
            begun = conversations.create(a_conversation(status="in_progress", run=0), uid=uid)
        with tracing.following(ANOTHER):
            closed = close_conversation(begun, uid=uid)
        assert closed is not None
        assert closed.traceparent == TRACE.traceparent
        assert "traceparent" not in closed.to_wire()
        assert _call_with_last_change(stores, f"users/{uid}/conversations/c1", function("index_conversation")) == 200
        [span] = collector.named("index_conversation")
        assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)
        assert (span.about["earshot.run"], span.about["earshot.conversation_id"]) == ("1", "c1")

    def test_a_later_run_goes_on_in_the_trace_of_whoever_asked_for_it(self, uid: str) -> None:
        with tracing.following(TRACE):
            conversations.create(a_conversation(status="completed", run=1), uid=uid)
        with tracing.following(ANOTHER):
            renamed = conversations.change(uid=uid, conversation_id="c1", decide=_starred)
            assert renamed is not None
            assert renamed.traceparent == TRACE.traceparent
            begun = conversations.change(uid=uid, conversation_id="c1", decide=begin_processing)
        assert begun is not None
        assert begun.traceparent == ANOTHER.traceparent
        swept = conversations.change(uid=uid, conversation_id="c1", decide=begin_processing)
        assert swept is not None
        assert (swept.run, swept.traceparent) == (3, ANOTHER.traceparent)

    def test_what_was_learned_carries_it_into_the_index(
        self, stores: Stores, collector: Collector, function: Callable[[str], FlaskClient], uid: str
    ) -> None:
        with tracing.following(TRACE):
            item = add_action_item(uid=uid, description="Call the landlord")
        with tracing.following(ANOTHER):
            assert action_items.update_many({item.id: {"is_locked": True}}, uid=uid) == [item.id]
        path = f"users/{uid}/action_items/{item.id}"
        assert _call_with_last_change(stores, path, function("index_action_item")) == 200
        [span] = collector.named("index_action_item")
        assert (span.trace_id, span.above) == (ANOTHER.trace_id, ANOTHER.span_id)

    def test_what_concerns_nobody_leaves_no_span(
        self, stores: Stores, collector: Collector, function: Callable[[str], FlaskClient], uid: str
    ) -> None:
        conversations.create(a_conversation(status="completed", run=1), uid=uid)
        assert (
            _call_with_last_change(stores, f"users/{uid}/conversations/c1", function("structure_conversation")) == 200
        )
        assert function("finalize_conversation").post("/", data=b"nonsense").status_code == 200
        assert collector.kept == []

    def test_one_that_is_postponed_says_so(
        self, collector: Collector, function: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = json.dumps({"uid": "u1", "conversation_id": "c1"})
        client = function("finalize_conversation")
        monkeypatch.setattr("common.conversations.finalize.conversations.find", _unavailable)
        assert client.post("/", data=body, headers=ASKED).status_code == 503
        [span] = collector.named("finalize_conversation")
        assert (span.trace_id, span.failed) == (TRACE.trace_id, "ProviderError")


def _starred(conversation: Conversation) -> Conversation:
    return conversation.model_copy(update={"starred": True})


def _unavailable(**_: str) -> None:
    raise ProviderError("secret words")


def _call_with_last_change(stores: Stores, path: str, client: FlaskClient) -> int:
    change = next(change for change in reversed(stores.changes) if change.path == path)
    headers, body = document_event(change, event="written", region="us-central1")
    return client.post("/", data=body, headers=headers).status_code
