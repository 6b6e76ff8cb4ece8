"""A message of Pub/Sub, as Eventarc hands it over."""

import base64
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from common.core import clock
from common.core.errors import InvalidInputError
from common.entry.events import published
from common.models.events import SegmentsReady

ATTRIBUTES = {
    "id": "1",
    "source": "//pubsub.googleapis.com/projects/p/topics/segments-ready",
    "type": "google.cloud.pubsub.topic.v1.messagePublished",
}


def _event(data: Any) -> CloudEvent:
    return CloudEvent(ATTRIBUTES, data)


def _message(data: bytes) -> dict[str, Any]:
    return {"message": {"data": base64.b64encode(data).decode(), "messageId": "1"}, "subscription": "s"}


def test_it_is_what_was_published() -> None:
    told = SegmentsReady(uid="u", conversation_id="c", batches=("s:1-2",), happened_at=clock.now())
    assert published(_event(_message(told.model_dump_json().encode())), SegmentsReady) == told


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        "text",
        {},
        {"message": None},
        {"message": {}},
        {"message": {"data": "&&&"}},
        {"message": {"data": 7}},
        _message(b""),
        _message(b"{}"),
        _message(b'{"uid": "u", "happened_at": "2026-01-01T00:00:00Z", "colour": "blue"}'),
    ],
)
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises(InvalidInputError):
        published(_event(data), SegmentsReady)


def test_what_a_newer_version_says_besides_is_ignored() -> None:
    told = b'{"uid": "u", "conversation_id": "c", "happened_at": "2026-01-01T00:00:00Z", "colour": "blue"}'
    assert published(_event(_message(told)), SegmentsReady).conversation_id == "c"


def test_the_same_news_has_one_id_whenever_it_is_told() -> None:
    def event(**fields: Any) -> str:
        return SegmentsReady(uid="u", conversation_id="c", happened_at=clock.now(), **fields).event_id

    assert event(batches=("a",)) == event(batches=("a",))
    assert len({event(), event(batches=("a",)), event(audio=("a",)), event(developer_audio=("a",))}) == 4
