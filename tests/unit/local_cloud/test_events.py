"""A change becomes exactly the request that Eventarc would send, for exactly the functions that asked for it."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import from_http
from google.cloud.firestore_v1.types import Document
from google.events.cloud.firestore import DocumentEventData
from google.pubsub_v1.types import PubsubMessage

from common.entry.events import conversation_changed, delivery_of, finished_upload
from local.delivery import Answer, Backoff, Delivery, DeliveryQueue
from local.events import EventRouter, document_event, message_event, object_event, path_pattern
from local.firestore.store import Change
from local.manifest import load
from local.state import State

DATABASE = "projects/p/databases/(default)"
MOMENT = datetime(2026, 11, 21, 1, 29, 53, 97_619, tzinfo=UTC)
# The set captured from Google's emulator and seen in a dump of a production event.
FIRESTORE_HEADERS = {
    "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-datacontenttype", "Content-Type",
    "ce-dataschema", "ce-location", "ce-project", "ce-database", "ce-namespace", "ce-document",
}  # fmt: skip


def _document(path: str, **fields: Any) -> Any:
    document = Document.pb()()
    document.name = f"{DATABASE}/documents/{path}"
    for name, value in fields.items():
        if isinstance(value, str):
            document.fields[name].string_value = value
        else:
            document.fields[name].integer_value = value
    return document


def _change(
    path: str = "users/u1/conversations/c1",
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> Change:
    return Change(
        database=DATABASE,
        path=path,
        old=None if old is None else _document(path, **old),
        new=None if new is None else _document(path, **new),
        time_us=round(MOMENT.timestamp() * 1e6),
    )


def test_a_firestore_event_has_the_headers_of_a_captured_one() -> None:
    headers, _ = document_event(_change(new={"status": "processing", "run": 1}), event="written", region="us-central1")
    assert set(headers) == FIRESTORE_HEADERS
    assert {name: headers[name] for name in sorted(FIRESTORE_HEADERS - {"ce-id", "ce-dataschema"})} == {
        "Content-Type": "application/protobuf",
        "ce-database": "(default)",
        "ce-datacontenttype": "application/protobuf",
        "ce-document": "users/u1/conversations/c1",
        "ce-location": "us-central1",
        "ce-namespace": "(default)",
        "ce-project": "p",
        "ce-source": "//firestore.googleapis.com/projects/p/databases/(default)",
        "ce-specversion": "1.0",
        "ce-subject": "documents/users/u1/conversations/c1",
        "ce-time": "2026-11-21T01:29:53.097619Z",
        "ce-type": "google.cloud.firestore.document.v1.written",
    }


@pytest.mark.parametrize("uid", ["u1", "Zoë", "a b", "100%"])
def test_the_functions_side_decodes_what_is_sent(uid: str) -> None:
    change = _change(
        f"users/{uid}/conversations/c1", old={"status": "in_progress", "run": 0}, new={"status": "processing", "run": 1}
    )
    headers, body = document_event(change, event="written", region="us-central1")
    for value in headers.values():
        assert value.isascii()
        assert value.isprintable()
    event = from_http(headers, body)
    decoded = conversation_changed(event)
    assert (decoded.uid, decoded.conversation_id) == (uid, "c1")
    assert decoded.entered_processing is not None
    assert delivery_of(event).occurred_at == MOMENT


def test_an_update_says_which_fields_changed() -> None:
    change = _change(old={"a": "1", "b": "1", "gone": "1"}, new={"a": "1", "b": "2", "new-one": "1"})
    _, body = document_event(change, event="updated", region="us-central1")
    data = DocumentEventData.pb().FromString(body)
    assert list(data.update_mask.field_paths) == ["`new-one`", "b", "gone"]


RESOURCE = {
    "bucket": "earshot-uploads",
    "name": "u1/Gespräch 1.wav",
    "generation": "17",
    "size": "4",
    "timeCreated": "2026-11-21T01:29:53.097Z",
}


def test_a_storage_event_has_the_headers_of_a_captured_one() -> None:
    headers, body = object_event(RESOURCE)
    assert headers | {"ce-id": ""} == {
        "Content-Type": "application/json",
        "ce-bucket": "earshot-uploads",
        "ce-id": "",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/earshot-uploads",
        "ce-specversion": "1.0",
        "ce-subject": "objects/u1/Gespr%C3%A4ch%201.wav",
        "ce-time": "2026-11-21T01:29:53.097000Z",
        "ce-type": "google.cloud.storage.object.v1.finalized",
    }
    assert json.loads(body) == RESOURCE
    assert finished_upload(from_http(headers, body)).name == "u1/Gespräch 1.wav"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("users/{uid}/conversations/{id}", "users/u/conversations/c", True),
        ("users/{uid}/conversations/{id}", "users/u/conversations/c/segments/s", False),
        ("users/{uid}/conversations/{id}", "users/u/memories/c", False),
        ("users/{uid}/{rest=**}", "users/u/conversations/c/segments/s", True),
        ("a.b/{x}", "aXb/1", False),
    ],
)
def test_a_pattern_stands_for_documents(pattern: str, path: str, *, fits: bool) -> None:
    assert (path_pattern(pattern).fullmatch(path) is not None) == fits


def test_a_pubsub_message_is_a_cloud_event_with_the_message_as_a_push_would_wrap_it() -> None:
    message = PubsubMessage.pb()(data=b'{"run":1}', attributes={"event_id": "e1"}, message_id="17")
    message.publish_time.FromDatetime(MOMENT)
    headers, body = message_event("projects/p/topics/conversation-completed", message, function="run_apps")
    event = from_http(headers, body)
    assert event["type"] == "google.cloud.pubsub.topic.v1.messagePublished"
    assert event["source"] == "//pubsub.googleapis.com/projects/p/topics/conversation-completed"
    assert event["id"] == "17"
    assert delivery_of(event).occurred_at == MOMENT
    assert event.data == {
        "message": {
            "data": base64.b64encode(b'{"run":1}').decode(),
            "attributes": {"event_id": "e1"},
            "messageId": "17",
            "message_id": "17",
            "publishTime": "2026-11-21T01:29:53.097619Z",
            "publish_time": "2026-11-21T01:29:53.097619Z",
        },
        "subscription": "projects/p/subscriptions/eventarc-run-apps",
    }


class TestRouting:
    """Who gets what."""

    @pytest.fixture
    def sent(self, tmp_path: Path) -> Any:
        state = State(tmp_path / "cloud.db")

        async def never(_: Delivery) -> Answer:
            raise NotImplementedError

        queue = DeliveryQueue(state, "events", send=never, backoff=Backoff(1, 1))
        router = EventRouter(load(), queue, region="r", bucket_names={"uploads": "U", "audio": "A", "media": "M"})

        def targets() -> list[tuple[str, str]]:
            rows = state.connection.execute("SELECT target, headers FROM delivery_items ORDER BY target").fetchall()
            state.connection.execute("DELETE FROM delivery_items")
            return [(row["target"], json.loads(row["headers"])["ce-type"].rpartition(".")[2]) for row in rows]

        yield router, targets
        state.close()

    def test_what_is_too_large_for_eventarc_is_lost(self, sent: Any) -> None:
        router, targets = sent
        half = "x" * (256 * 1024)
        router.documents_changed([_change(old={"a": half}, new={"a": half + "y"})])
        assert targets() == []
        router.documents_changed([_change(new={"a": half + "y"})])
        assert len(targets()) == 2

    def test_a_written_conversation_goes_to_structuring_and_indexing(self, sent: Any) -> None:
        router, targets = sent
        for change in (_change(new={}), _change(old={}, new={"a": "1"})):
            router.documents_changed([change])
            assert targets() == [("index_conversation", "written"), ("structure_conversation", "written")]

    def test_a_deletion_goes_to_the_purge_as_well(self, sent: Any) -> None:
        router, targets = sent
        router.documents_changed([_change(old={})])
        assert ("purge_conversation", "deleted") in targets()

    def test_live_segments_and_claims_wake_nobody(self, sent: Any) -> None:
        router, targets = sent
        for path in ("users/u/conversations/c/segments/s", "users/u/conversations/c/transcript/1", "users/u/claims/x"):
            router.documents_changed([_change(path, new={})])
        assert targets() == []

    def test_only_the_uploads_bucket_triggers(self, sent: Any) -> None:
        router, targets = sent
        for bucket in ("A", "M", "unknown"):
            router.object_finalized(RESOURCE | {"bucket": bucket})
        assert targets() == []
        router.object_finalized(RESOURCE | {"bucket": "U"})
        assert targets() == [("transcribe_upload", "finalized")]
