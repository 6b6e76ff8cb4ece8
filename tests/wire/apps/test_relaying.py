"""From one piece of news to deliveries: one for everybody who wants it, however often it is announced."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.apps.relaying import relay_segments
from common.core import clock
from common.database import installs, segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.events import DeliverWebhook, SegmentsReady
from common.models.segment import TranscriptSegment
from common.models.webhook import WebhookKind
from common.users.webhooks import WebhookType, set_webhook
from local.manifest import ROOT, load
from tests.support.apps import make_app
from tests.support.deliveries import deliveries
from tests.support.stores import Stores
from tests.support.webhook_receiver import Receiver, receiving

HOOK = "https://hooks.example.com/in"
_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where somebody is told."""
    with receiving() as running:
        yield running


def _app(uid: str, trigger: str, url: str = HOOK) -> str:
    integration = {"triggers_on": trigger, "webhook_url": url}
    app = make_app(capabilities=["external_integration"], external_integration=integration)
    installs.enable(app, uid=uid)
    return app.id


def _event(uid: str, **fields: Any) -> SegmentsReady:
    return SegmentsReady(uid=uid, conversation_id="c1", **({"happened_at": clock.now()} | fields))


def test_everybody_is_told_what_they_want_and_nothing_else(stores: Stores, uid: str) -> None:
    reader, hearer = _app(uid, "transcript_processed"), _app(uid, "audio_bytes")
    _app(uid, "memory_creation")
    set_webhook(WebhookType.AUDIO_BYTES, f"{HOOK},30", uid=uid)
    relay_segments(_event(uid, batches=("s:1-2",), audio=("a",), developer_audio=("a", "b")))
    told = {(task.app_id, task.kind, task.parts) for task in deliveries(stores, uid, expected=3)}
    assert told == {
        (reader, WebhookKind.TRANSCRIPT, ("s:1-2",)),
        (hearer, WebhookKind.AUDIO, ("a",)),
        (None, WebhookKind.AUDIO, ("a", "b")),
    }


def test_the_same_news_again_makes_no_second_delivery(stores: Stores, uid: str) -> None:
    _app(uid, "transcript_processed")
    for _ in range(3):
        relay_segments(_event(uid, batches=("s:1-2",)))
        deliveries(stores, uid, expected=1)
    relay_segments(_event(uid, batches=("s:2-3",)))
    assert [task.parts for task in deliveries(stores, uid, expected=2)] == [("s:1-2",), ("s:2-3",)]


def test_stale_news_makes_none(stores: Stores, uid: str) -> None:
    _app(uid, "transcript_processed")
    relay_segments(_event(uid, batches=("s:1-2",), happened_at=clock.now() - timedelta(minutes=6)))
    relay_segments(_event(uid, batches=("s:2-3",)))
    assert [task.parts for task in deliveries(stores, uid, expected=1)] == [("s:2-3",)]


def _function(name: str) -> FlaskClient:
    described = load().functions[name]
    app = _create_app(
        described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature
    )
    made: FlaskClient = app.test_client()
    return made


def _push(event: SegmentsReady) -> dict[str, Any]:
    headers = {
        "ce-id": event.event_id,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/segments-ready",
        "ce-time": clock.now().isoformat(),
        "Content-Type": "application/json",
    }
    data = base64.b64encode(event.model_dump_json().encode()).decode()
    return {"headers": headers, "data": json.dumps({"message": {"data": data}, "subscription": "s"})}


def test_the_functions_bring_news_from_the_topic_to_the_receiver(stores: Stores, uid: str, receiver: Receiver) -> None:
    _app(uid, "transcript_processed", receiver.url)
    said = TranscriptSegment(text="Hello", start=0, end=1)
    batch = SegmentBatch(session_id="s", start=0, end=2, segments=[said], heard_at=clock.now())
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    relaying, delivering = _function("relay_segments"), _function("deliver_webhook")
    event = _event(uid, batches=(batch.stretch,))
    for _ in range(2):
        assert relaying.post("/", **_push(event)).status_code == 200
    [task] = deliveries(stores, uid, expected=1)
    for _ in range(2):
        assert delivering.post("/", data=task.model_dump_json()).status_code == 200
    assert json.loads(receiver.received[0].body)["segments"][0]["text"] == "Hello"
    assert len(receiver.received) == 1


def test_the_functions_say_what_shall_come_again_and_what_need_not(uid: str, stores: Stores) -> None:
    assert stores
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, "http://127.0.0.1:9/", uid=uid)
    batch = SegmentBatch(
        session_id="s",
        start=0,
        end=2,
        segments=[TranscriptSegment(text="Hello", start=0, end=1)],
        heard_at=clock.now(),
    )
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    task = DeliverWebhook(
        uid=uid, kind=WebhookKind.TRANSCRIPT, conversation_id="c1", parts=(batch.stretch,), happened_at=clock.now()
    )
    delivering = _function("deliver_webhook")
    assert delivering.post("/", data=task.model_dump_json()).status_code == 503
    assert delivering.post("/", data=b"{}").status_code == 200
