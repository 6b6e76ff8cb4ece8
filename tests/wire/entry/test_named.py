"""Whatever triggers a function, what it does is named in the log and in its span: step, user, and what it is about."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cloudevents.http import CloudEvent, from_http
from flask import Request
from google.pubsub_v1 import PubsubMessage
from werkzeug.test import EnvironBuilder

from common.core import clock, tracing
from common.core.ids import digest
from common.core.logs import get_logger
from common.core.tracing import Trace
from common.database import action_items, conversations
from common.entry import triggers
from common.models.action_item import ActionItem
from common.models.events import ConversationCompleted, FinalizeConversation, SegmentsReady, TranscribeSpan
from common.models.upload import Upload
from local.environment import BUCKETS, REGION
from local.events import document_event, message_event, object_event
from tests.support.collector import Collector, Kept, collecting, kept_at
from tests.support.logged import captured
from tests.support.making import NOON, a_conversation
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as made, kept_at(made.url, monkeypatch, patience_s=5.0):
        yield made


@pytest.fixture
def written(stores: Stores, uid: str) -> Callable[[str], CloudEvent]:
    """The event about the last write to one of the user's documents."""

    def event(path: str) -> CloudEvent:
        change = next(each for each in reversed(stores.changes) if each.path == f"users/{uid}/{path}")
        return from_http(*document_event(change, event="written", region=REGION))

    return event


def _published(message: Any) -> CloudEvent:
    sent = PubsubMessage(
        data=message.model_dump_json().encode(), attributes=tracing.carried(), message_id="7", publish_time=clock.now()
    )
    return from_http(*message_event("projects/p/topics/t", PubsubMessage.pb(sent), function="f"))


def _request(message: Any) -> Request:
    body = message.model_dump_json()
    return Request(EnvironBuilder(method="POST", data=body, headers=tracing.carried().items()).get_environ())


def _told(collector: Collector, trigger: Any, event: CloudEvent | Request) -> tuple[dict[str, Any], Kept]:
    """What a line says that the function writes, besides what every line says; and its span."""

    def handler(*_: object) -> str:
        get_logger().info("at_work")
        return "done"

    with captured() as lines:
        trigger(handler)(event)
    [line] = [each for each in lines if each["message"] == "at_work"]
    [span] = collector.named("a_step")
    said = {
        name: value for name, value in line.items() if "/" not in name and name not in {"severity", "message", "time"}
    }
    assert line["logging.googleapis.com/trace"].endswith(span.trace_id)
    return said, span


def test_an_entry_into_processing(collector: Collector, uid: str, written: Callable[[str], CloudEvent]) -> None:
    with tracing.following(TRACE):
        conversations.create(a_conversation(status="processing", run=2), uid=uid)
    trigger = triggers.on_processing_entered(step="a_step", give_up=lambda *_: None)
    event = written("conversations/c1")
    said, span = _told(collector, trigger, event)
    assert said == {"user": digest(uid), "step": "a_step", "conversation_id": "c1", "run": 2}
    assert span.about == {"earshot.event_id": event["id"], "earshot.conversation_id": "c1", "earshot.run": "2"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_a_write_to_a_conversation(collector: Collector, uid: str, written: Callable[[str], CloudEvent]) -> None:
    with tracing.following(TRACE):
        conversations.create(a_conversation(status="completed", run=2), uid=uid)
    event = written("conversations/c1")
    said, span = _told(collector, triggers.on_conversation_written(step="a_step"), event)
    assert said == {"user": digest(uid), "step": "a_step", "conversation_id": "c1"}
    assert span.about == {"earshot.event_id": event["id"], "earshot.conversation_id": "c1", "earshot.run": "2"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_a_write_to_what_was_learned(collector: Collector, uid: str, written: Callable[[str], CloudEvent]) -> None:
    item = ActionItem(id="a1", uid=uid, description="Call", created_at=NOON, updated_at=NOON)
    with tracing.following(TRACE):
        action_items.of(uid=uid).create(item)
    event = written("action_items/a1")
    trigger = triggers.on_document_written(step="a_step", collection="action_items")
    said, span = _told(collector, trigger, event)
    assert said == {"user": digest(uid), "step": "a_step", "document_id": "a1"}
    assert span.about == {"earshot.event_id": event["id"], "earshot.run": "0"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_an_upload(collector: Collector, uid: str) -> None:
    found = {"bucket": BUCKETS["uploads"], "name": f"{uid}/talk.ogg", "generation": "1", "size": "9"}
    event = from_http(*object_event(found | {"timeCreated": clock.now().isoformat()}))

    def owner(upload: Upload) -> str:
        return upload.name.partition("/")[0]

    trigger = triggers.on_object_finalized(step="a_step", owner=owner, give_up=lambda *_: None)
    said, span = _told(collector, trigger, event)
    assert said == {"user": digest(uid), "step": "a_step"}
    assert span.about == {"earshot.event_id": event["id"], "earshot.run": "0"}


def test_a_message(collector: Collector, uid: str) -> None:
    message = SegmentsReady(uid=uid, conversation_id="c1", batches=("s:1-2",), happened_at=clock.now())
    with tracing.following(TRACE):
        event = _published(message)
    said, span = _told(collector, triggers.on_published(SegmentsReady, step="a_step"), event)
    assert said == {"user": digest(uid), "step": "a_step", "event_id": message.event_id}
    assert span.about == {"earshot.event_id": event["id"], "earshot.run": "0"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_the_end_of_a_conversation(collector: Collector, uid: str) -> None:
    with tracing.following(TRACE):
        event = _published(ConversationCompleted(uid=uid, conversation_id="c1", run=3))
    said, span = _told(collector, triggers.on_completed(ConversationCompleted, step="a_step"), event)
    assert said == {"user": digest(uid), "step": "a_step", "conversation_id": "c1", "run": 3}
    assert span.about == {"earshot.event_id": event["id"], "earshot.conversation_id": "c1", "earshot.run": "3"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_a_task_of_a_run(collector: Collector, uid: str) -> None:
    span_task = TranscribeSpan(uid=uid, conversation_id="c1", run=3, session_id="s", start_ms=0, end_ms=1000)
    with tracing.following(TRACE):
        request = _request(span_task)
    trigger = triggers.on_task(TranscribeSpan, step="a_step", give_up=lambda *_: None)
    said, span = _told(collector, trigger, request)
    assert said == {"user": digest(uid), "step": "a_step", "conversation_id": "c1", "run": 3}
    assert span.about == {"earshot.conversation_id": "c1", "earshot.run": "3"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)


def test_a_timer(collector: Collector, uid: str) -> None:
    with tracing.following(TRACE):
        request = _request(FinalizeConversation(uid=uid, conversation_id="c1"))
    said, span = _told(collector, triggers.on_timer(FinalizeConversation, step="a_step"), request)
    assert said == {"user": digest(uid), "step": "a_step", "conversation_id": "c1"}
    assert span.about == {"earshot.conversation_id": "c1"}
    assert (span.trace_id, span.above) == (TRACE.trace_id, TRACE.span_id)
