"""From the platform's requests to what use cases take, and everything that is none of them is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.http import CloudEvent, from_http
from google.events.cloud.firestore import DocumentEventData

from common.core.errors import InvalidInputError
from common.core.tracing import Trace
from common.entry.events import (
    ConversationState,
    DocumentChanged,
    conversation_changed,
    delivery_of,
    document_changed,
    finished_upload,
)

DOCUMENTS = "projects/p/databases/(default)/documents"
# As captured from Google's emulator and a dump of a production event.
FIRESTORE_HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "019a0000-0000-7000-8000-000000000000",
    "ce-type": "google.cloud.firestore.document.v1.written",
    "ce-source": "//firestore.googleapis.com/projects/p/databases/(default)",
    "ce-subject": "documents/users/u1/conversations/c1",
    "ce-time": "2026-11-21T01:29:53.097619Z",
    "ce-datacontenttype": "application/protobuf",
    "Content-Type": "application/protobuf",
    "ce-dataschema": (
        "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto"
    ),
    "ce-location": "us-central1",
    "ce-project": "p",
    "ce-database": "(default)",
    "ce-namespace": "(default)",
    "ce-document": "users/u1/conversations/c1",
}


def _body(
    before: tuple[str, int] | None, after: tuple[str, int] | None, path: str = "users/u1/conversations/c1"
) -> bytes:
    data = DocumentEventData.pb()()
    for state, document in ((before, data.old_value), (after, data.value)):
        if state is not None:
            document.name = f"{DOCUMENTS}/{path}"
            document.fields["status"].string_value = state[0]
            document.fields["run"].integer_value = state[1]
            document.fields["title"].string_value = "Ünïcode"
    return bytes(data.SerializeToString())


def _event(body: bytes, **headers: str) -> CloudEvent:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return from_http({**FIRESTORE_HEADERS, **changed}, body)


def test_an_update_is_decoded_with_both_states() -> None:
    change = conversation_changed(_event(_body(("in_progress", 0), ("processing", 1))))
    assert (change.uid, change.conversation_id) == ("u1", "c1")
    assert change.before == ConversationState("in_progress", 0)
    assert change.after == ConversationState("processing", 1)


def test_a_creation_has_no_before_and_a_deletion_no_after() -> None:
    created = conversation_changed(_event(_body(None, ("processing", 1))))
    deleted = conversation_changed(_event(_body(("completed", 1), None)))
    assert (created.before, deleted.after) == (None, None)


@pytest.mark.parametrize(
    ("before", "after", "run"),
    [
        (("in_progress", 0), ("processing", 1), 1),
        (None, ("processing", 1), 1),
        (("processing", 1), ("processing", 2), 2),
        (("completed", 2), ("processing", 3), 3),
        (("failed", 2), ("processing", 3), 3),
        (("processing", 1), ("processing", 1), None),
        (("processing", 1), ("completed", 1), None),
        (("in_progress", 0), ("in_progress", 0), None),
        (("processing", 1), None, None),
    ],
)
def test_an_entry_into_processing_is_a_new_run(
    before: tuple[str, int] | None, after: tuple[str, int] | None, run: int | None
) -> None:
    entered = conversation_changed(_event(_body(before, after))).entered_processing
    assert (entered.run if entered else None) == run


@pytest.mark.parametrize("body", [b"", b"12", b'{"value": {}}', b"null", b"\xff\xff\xff", b"not protobuf at all"])
def test_a_body_that_is_no_firestore_event_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        conversation_changed(_event(body))


@pytest.mark.parametrize(
    "path", ["users/u1", "users/u1/memories/m1", "users/u1/conversations/c1/segments/s1", "apps/a/conversations/c1", ""]
)
def test_an_event_about_another_document_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        conversation_changed(_event(_body(None, ("processing", 1), path), ce_document=path))


def test_a_change_of_any_document_of_a_user_names_owner_and_document() -> None:
    path = "users/u1/memories/m1"
    event = _event(_body(None, ("", 0), path), ce_document=path)
    assert document_changed(event, collection="memories") == DocumentChanged(uid="u1", document_id="m1")


def test_a_document_leads_to_the_trace_that_it_carries_and_one_that_is_gone_to_the_one_it_carried() -> None:
    path = "users/u1/memories/m1"
    data = DocumentEventData.pb()()
    for trace_id, document in (("1" * 32, data.old_value), ("2" * 32, data.value)):
        document.name = f"{DOCUMENTS}/{path}"
        document.fields["traceparent"].string_value = f"00-{trace_id}-{'3' * 16}-00"
    changed = document_changed(_event(data.SerializeToString(), ce_document=path), collection="memories")
    data.ClearField("value")
    deleted = document_changed(_event(data.SerializeToString(), ce_document=path), collection="memories")
    assert (changed.trace, deleted.trace) == (Trace("2" * 32, "3" * 16), Trace("1" * 32, "3" * 16))


@pytest.mark.parametrize(
    "path", ["users/u1/action_items/m1", "users/u1/memories/m1/history/00", "users/u1", "shares/u1/memories/m1"]
)
def test_a_follower_refuses_what_is_about_another_collection(path: str) -> None:
    with pytest.raises(InvalidInputError):
        document_changed(_event(_body(None, ("", 0), path), ce_document=path), collection="memories")


@pytest.mark.parametrize("uid", ["Zoë", "a b", "100%", "日本"])
def test_the_owner_is_named_as_in_the_document_whatever_a_header_can_hold(uid: str) -> None:
    path = f"users/{uid}/conversations/c1"
    escaped = "".join(f"%{byte:02X}" if byte > 126 or byte in b' "%' else chr(byte) for byte in path.encode())
    change = conversation_changed(_event(_body(None, ("processing", 1), path), ce_document=escaped))
    assert change.uid == uid


@pytest.mark.parametrize(
    ("time", "microsecond"),
    [
        ("2026-11-21T01:29:53.097619Z", 97_619),
        ("2026-11-21T01:29:53Z", 0),
        ("2026-11-21T01:29:53.097Z", 97_000),
        ("2026-11-21T01:29:53.097619123Z", 97_619),
        ("2026-11-21T02:29:53.097619+01:00", 97_619),
    ],
)
def test_the_moment_is_read_at_any_precision(time: str, microsecond: int) -> None:
    delivery = delivery_of(_event(_body(None, ("processing", 1)), ce_time=time))
    assert delivery.occurred_at == datetime(2026, 11, 21, 1, 29, 53, microsecond, tzinfo=UTC)
    assert delivery.event_id == FIRESTORE_HEADERS["ce-id"]


def test_an_event_without_a_readable_moment_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        delivery_of(CloudEvent({"type": "t", "source": "s", "id": "1", "time": "yesterday"}))


STORAGE_HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-type": "google.cloud.storage.object.v1.finalized",
    "ce-source": "//storage.googleapis.com/projects/_/buckets/uploads",
    "ce-subject": "objects/u1/talk.wav",
    "ce-time": "2026-11-21T01:29:53.097Z",
    "ce-bucket": "uploads",
    "Content-Type": "application/json",
}


def test_an_upload_is_decoded_with_its_numbers_as_numbers() -> None:
    resource = {
        "kind": "storage#object",
        "id": "uploads/u1/talk.wav/17",
        "name": "u1/talk.wav",
        "bucket": "uploads",
        "generation": "17",
        "metageneration": "1",
        "contentType": "audio/wav",
        "timeCreated": "2026-11-21T01:29:53.097Z",
        "size": "352044",
        "md5Hash": "x",
        "metadata": {"source": "phone"},
    }
    upload = finished_upload(from_http(STORAGE_HEADERS, json.dumps(resource).encode()))
    assert (upload.bucket, upload.name, upload.generation, upload.size) == ("uploads", "u1/talk.wav", 17, 352_044)
    assert (upload.content_type, upload.metadata) == ("audio/wav", {"source": "phone"})


@pytest.mark.parametrize("body", [{}, {"name": "u1/x"}, [], 12, None, {"bucket": "b", "name": "n", "generation": "x"}])
def test_what_describes_no_object_is_refused(body: Any) -> None:
    with pytest.raises(InvalidInputError):
        finished_upload(from_http(STORAGE_HEADERS, json.dumps(body).encode()))
