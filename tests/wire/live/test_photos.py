"""One connection's pictures: from pieces to what is told the client."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google.api_core.exceptions import ServiceUnavailable

from common.conversations.describe_photo import describe_photo
from common.conversations.live import photos as live_photos
from common.conversations.live.photos import LivePhotos
from common.core.errors import InvalidInputError
from common.database import conversations, photo_files, photos
from common.models.events import DescribePhoto
from common.models.listen import PhotoDescribed, PhotoProcessing, ServerEvent
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.making import a_conversation
from tests.support.models import language_model

pytestmark = pytest.mark.usefixtures("stores")

AWAY = ServiceUnavailable("away")  # type: ignore[no-untyped-call]  # the library ships no types
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model() as server:
        server.script.append(Reply(json.dumps({"description": "A dog.", "telling": True})))
        yield server


def _chunks(temp_id: str = "t1", data: bytes = JPEG) -> list[dict[str, Any]]:
    text = b64encode(data).decode()
    pieces = [text[at : at + 8] for at in range(0, len(text), 8)]
    return [
        {"type": "image_chunk", "id": temp_id, "index": index, "total": len(pieces), "data": piece}
        for index, piece in enumerate(pieces)
    ]


class Connection:
    """What a session is to its pictures: it names the conversation, and tells the client."""

    def __init__(self, uid: str) -> None:
        self.told: list[ServerEvent] = []
        self.asked = 0
        self.photos = LivePhotos(uid=uid, opened=self._opened, tell=self.told.append)

    async def _opened(self) -> str:
        self.asked += 1
        return "c1"

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not what():  # noqa: ASYNC110 - what is waited for is in a store
                await asyncio.sleep(0.01)


@contextmanager
def _running(photos: LivePhotos) -> Iterator[None]:
    task = asyncio.create_task(photos.run())
    yield
    assert not task.done(), "it runs for ever"
    task.cancel()


def _run(work: Callable[[Connection], Any], uid: str) -> Connection:
    async def main() -> Connection:
        connection = Connection(uid)
        with _running(connection.photos):
            await work(connection)
        return connection

    return asyncio.run(main())


def test_a_picture_is_stored_before_the_client_is_told_of_it(uid: str) -> None:
    conversations.create(a_conversation(), uid=uid)

    async def work(connection: Connection) -> None:
        *first, last = _chunks()
        for chunk in first:
            await connection.photos.chunk(chunk)
        assert connection.asked == 0, "what is not whole begins no conversation"
        await connection.photos.chunk(last)
        await connection.photos.drained()
        await connection.until(lambda: connection.told)

    connection = _run(work, uid)
    [stored] = photos.list_photos(uid=uid, conversation_id="c1")
    assert photo_files.read(stored) == JPEG
    processing, described = connection.told
    assert processing == PhotoProcessing(temp_id="t1", photo_id=stored.id)
    assert described == PhotoDescribed(photo_id=stored.id, description=""), "nobody here can describe it"


def test_what_is_seen_is_told_once_it_is_known(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)

    async def work(connection: Connection) -> None:
        for chunk in _chunks():
            await connection.photos.chunk(chunk)
        await connection.photos.drained()
        await connection.until(lambda: connection.told)
        await asyncio.sleep(0.3)
        assert [event.type for event in connection.told] == ["photo_processing"]
        [stored] = photos.list_photos(uid=uid, conversation_id="c1")
        task = DescribePhoto(uid=uid, conversation_id="c1", photo_id=stored.id)
        await asyncio.to_thread(describe_photo, task)
        await connection.until(lambda: len(connection.told) == 2)

    described = _run(work, uid).told[1]
    assert isinstance(described, PhotoDescribed)
    assert (described.description, described.discarded) == ("A dog.", False)
    assert len(model.requests) == 1


def test_of_a_deleted_one_nothing_more_is_told(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)

    async def work(connection: Connection) -> None:
        for chunk in _chunks():
            await connection.photos.chunk(chunk)
        await connection.until(lambda: connection.told)
        [stored] = photos.list_photos(uid=uid, conversation_id="c1")
        photos.of(uid=uid, conversation_id="c1").delete(stored.id)
        await connection.until(lambda: not connection.photos._followed)

    assert [event.type for event in _run(work, uid).told] == ["photo_processing"]
    assert model.requests == []


def test_of_a_conversation_that_is_gone_nothing_is_told(uid: str) -> None:
    async def work(connection: Connection) -> None:
        for chunk in _chunks():
            await connection.photos.chunk(chunk)
        await connection.photos.drained()

    assert _run(work, uid).told == []


def test_a_bucket_that_is_away_for_a_while_costs_nothing(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    conversations.create(a_conversation(), uid=uid)
    put = photo_files.put
    away = [AWAY, AWAY]

    def failing(*args: Any, **options: Any) -> str:
        if away:
            raise away.pop()
        return put(*args, **options)

    monkeypatch.setattr(photo_files, "put", failing)

    async def work(connection: Connection) -> None:
        for chunk in _chunks():
            await connection.photos.chunk(chunk)
        await connection.photos.drained()

    _run(work, uid)
    assert len(photos.list_photos(uid=uid, conversation_id="c1")) == 1


def test_a_bucket_that_stays_away_holds_words_up_for_a_moment_only(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    conversations.create(a_conversation(), uid=uid)
    monkeypatch.setattr(live_photos, "_ROOM_S", 0.05)

    def away(*_args: Any, **_options: Any) -> str:
        raise AWAY

    monkeypatch.setattr(photo_files, "put", away)

    async def work(connection: Connection) -> None:
        async with asyncio.timeout(5):
            for number in range(12):
                for chunk in _chunks(f"t{number}"):
                    await connection.photos.chunk(chunk)
        assert connection.photos._waiting.qsize() == live_photos.WAITING_PICTURES

    assert _run(work, uid).told == []


def test_a_store_that_cannot_be_read_is_asked_again(
    uid: str, model: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model
    conversations.create(a_conversation(), uid=uid)
    store = photos.of(uid=uid, conversation_id="c1")
    failures: list[str] = []

    def failing(**_options: Any) -> Any:
        failures.append("away")
        raise AWAY

    async def work(connection: Connection) -> None:
        for chunk in _chunks():
            await connection.photos.chunk(chunk)
        await connection.until(lambda: connection.told)
        [stored] = photos.list_photos(uid=uid, conversation_id="c1")
        with monkeypatch.context() as patched:
            patched.setattr(photos, "of", failing)
            await connection.until(lambda: len(failures) == 2)
        store.change(stored.id, lambda photo: photo.model_copy(update={"failure": "nobody knows why"}))
        await connection.until(lambda: len(connection.told) == 2)

    described = _run(work, uid).told[1]
    assert isinstance(described, PhotoDescribed)
    assert described.description == "", "given up, which ends the waiting"


@pytest.mark.parametrize("wrong", [{}, {"id": "a", "index": 0, "total": 1, "data": "%%%%"}])
def test_what_is_no_piece_ends_the_connection(uid: str, wrong: dict[str, Any]) -> None:
    async def work(connection: Connection) -> None:
        with pytest.raises(InvalidInputError):
            await connection.photos.chunk(wrong)

    assert _run(work, uid).asked == 0


def test_no_more_descriptions_are_waited_for_than_is_good(
    uid: str, model: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model
    conversations.create(a_conversation(), uid=uid)
    monkeypatch.setattr(live_photos, "MOST_FOLLOWED", 2)

    async def work(connection: Connection) -> None:
        for number in range(3):
            for chunk in _chunks(f"t{number}"):
                await connection.photos.chunk(chunk)
        await connection.until(lambda: len(connection.told) == 3)
        newest = [event.photo_id for event in connection.told[1:] if isinstance(event, PhotoProcessing)]
        assert list(connection.photos._followed) == newest

    _run(work, uid)
