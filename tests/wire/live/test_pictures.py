"""OpenGlass: pictures over the socket, in pieces, with or without words."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.conversations.describe_photo import describe_photo
from common.database import conversations, photo_files, photos
from common.models.events import DescribePhoto
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.models import language_model
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import Device
from tests.wire.live.endings import finished, silence_ends
from tests.wire.live.outage import Outage

pytestmark = pytest.mark.usefixtures("first_words", "counting")

JPEG = b"\xff\xd8\xff\xe0" + b" a picture" * 20


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model() as server:
        server.script.append(Reply(json.dumps({"description": "A dog on a sofa.", "telling": True})))
        yield server


def _show(app: Device, temp_id: str = "t1", data: bytes = JPEG, *, order: Callable[[int], Any] = int) -> None:
    """Send a picture in pieces."""
    text = b64encode(data).decode()
    pieces = [text[at : at + 100] for at in range(0, len(text), 100)]
    for index in sorted(range(len(pieces)), key=order):
        app.tell("image_chunk", id=temp_id, index=index, total=len(pieces), data=pieces[index])


class TestPictures:
    """OpenGlass."""

    def test_one_is_stored_told_described_and_makes_its_conversation_one_of_openglass(
        self, device: Connect, uid: str, model: ProviderServer
    ) -> None:
        app = device()
        app.say(1)
        first = app.until_stored(1)
        _show(app, order=lambda index: -index)
        processing = app.until_event("photo_processing")
        assert processing["temp_id"] == "t1"
        [stored] = photos.list_photos(uid=uid, conversation_id=first)
        assert (stored.id, photo_files.read(stored)) == (processing["photo_id"], JPEG)
        assert conversations.get(uid=uid, conversation_id=first).source == "openglass"
        describe_photo(DescribePhoto(uid=uid, conversation_id=first, photo_id=stored.id))
        described = app.until_event("photo_described")
        assert described["photo_id"] == stored.id
        assert (described["description"], described["discarded"]) == ("A dog on a sofa.", False)
        assert len(model.requests) == 1

    def test_a_device_that_comes_back_goes_on_with_the_conversation_of_its_pictures(
        self, device: Connect, uid: str
    ) -> None:
        app = device()
        _show(app)
        app.until_event("photo_processing")
        app.close()
        [first] = kept.ids(uid)
        kept.left_by_all(uid, first)
        again = device()
        again.say(1)
        assert again.until_stored(1) == first
        assert again.events("conversation_session")[0]["lifecycle_phase"] == "resumed"

    def test_pictures_alone_are_a_conversation_that_begins_and_ends(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=20)
        app = device()
        _show(app)
        app.until_event("photo_processing")
        assert app.until_event("photo_described")["description"] == "", "nobody here can describe it"
        [first] = kept.ids(uid)
        silence_ends(uid, first)
        started = app.until_event("memory_processing_started")["memory"]
        assert (started["id"], started["source"]) == (first, "openglass")
        kept.left_by_all(uid, first)
        assert finished(uid, first) == "completed"
        created = app.until_event("memory_created")["memory"]
        assert (created["id"], created["transcript_segments"]) == (first, [])

    def test_one_that_was_whole_when_the_connection_broke_is_stored(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, photo_files, "put", calls=2)
        app = device()
        app.say(1)
        _show(app)
        _show(app, "t2", JPEG + b"2")
        _show(app, "t3", JPEG + b"3")
        app.tell("image_chunk", id="never whole", index=0, total=2, data="/9j/")
        app.close()
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert outage.refused == 2
        assert len(photos.list_photos(uid=uid, conversation_id=conversation_id)) == 3
        assert kept.words(uid, conversation_id) == [1]

    @pytest.mark.parametrize(
        "chunk",
        [
            {},
            {"id": "a", "index": 1, "total": 1, "data": ""},
            {"id": "a", "index": -1, "total": 1, "data": ""},
            {"id": "a", "index": 0, "total": 1, "data": "%%%"},
            {"id": "a", "index": 0, "total": 1, "data": b64encode(b"no picture").decode()},
        ],
    )
    def test_one_that_is_none_is_1008_and_what_was_said_before_is_kept(
        self, device: Connect, uid: str, chunk: dict[str, Any]
    ) -> None:
        app = device()
        app.say(1)
        app.tell("image_chunk", **chunk)
        assert app.closed()[0] == 1008
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == [1]
        assert photos.list_photos(uid=uid, conversation_id=conversation_id) == []
