"""Large bodies are held a few at a time, and what is too much is refused before it is there."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from common.entry.api import sizes
from common.entry.api.sizes import BoundedBody

MIB = 1024 * 1024
FORM = b"multipart/form-data; boundary=b"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times a large body is the most."""
    monkeypatch.setattr(sizes, "MOST_AT_ONCE", 8 * MIB)


class Reader:
    """An application that reads its body, and then waits until it is told to answer."""

    def __init__(self) -> None:
        self.read: list[int] = []
        self.refused: list[int] = []
        self.answer = asyncio.Event()
        self.bounded = BoundedBody(self)

    async def __call__(self, _: Scope, receive: Receive, __: Send) -> None:
        size = 0
        try:
            while (message := await receive())["body"]:
                size += len(message["body"])
        except HTTPException as error:
            self.refused.append(error.status_code)
            return
        self.read.append(size)
        await self.answer.wait()

    async def ask(self, mib: int, *, announced: str | None = None, kind: bytes = FORM) -> int | None:
        """The status with which the middleware itself answered, if it did."""
        pieces: Iterator[bytes] = iter([b"x" * MIB] * mib)
        statuses: list[int] = []

        async def receive() -> Message:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": next(pieces, b"")}

        async def send(message: Message) -> None:
            statuses.append(message.get("status", 0))

        headers = [(b"content-type", kind)]
        headers += [] if announced is None else [(b"content-length", announced.encode())]
        await self.bounded({"type": "http", "headers": headers}, receive, send)
        return statuses[0] if statuses else None


async def _settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def test_when_too_much_is_held_more_is_refused_until_there_is_room() -> None:
    async def scenario() -> None:
        reader = Reader()
        first = [asyncio.create_task(reader.ask(4)) for _ in range(2)]
        await _settled()
        assert reader.read == [4 * MIB, 4 * MIB]
        assert await reader.ask(0, announced=str(2 * MIB)) == 503
        await reader.ask(2)
        assert reader.refused == [503]
        reader.answer.set()
        await asyncio.gather(*first)
        assert await reader.ask(4, announced=str(4 * MIB)) is None
        assert reader.read == [4 * MIB] * 3

    asyncio.run(scenario())


def test_of_too_many_at_once_those_that_came_first_are_served() -> None:
    async def scenario() -> None:
        reader = Reader()
        asked = [asyncio.create_task(reader.ask(4, announced=str(4 * MIB))) for _ in range(5)]
        await _settled()
        assert (reader.read, reader.refused) == ([4 * MIB] * 2, [])
        reader.answer.set()
        assert await asyncio.gather(*asked) == [None, None, 503, 503, 503]
        assert await reader.ask(4, announced=str(4 * MIB)) is None

    asyncio.run(scenario())


def test_who_announces_much_and_sends_nothing_keeps_no_room_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "GRACE_S", 0.0)

    async def scenario() -> None:
        reader = Reader()
        nothing = asyncio.Event()

        async def wait() -> Message:
            await nothing.wait()
            return {"type": "http.disconnect", "body": b""}

        async def send(_: Message) -> None:
            raise AssertionError("nobody is answered")

        headers = [(b"content-length", str(4 * MIB).encode()), (b"content-type", FORM)]
        scope = {"type": "http", "headers": headers}
        stalled = [asyncio.create_task(reader.bounded(scope, wait, send)) for _ in range(2)]
        await asyncio.sleep(0.01)
        other = asyncio.create_task(reader.ask(4, announced=str(4 * MIB)))
        await _settled()
        assert reader.read == [4 * MIB]
        nothing.set()
        reader.answer.set()
        await asyncio.gather(*stalled, other)

    asyncio.run(scenario())


def test_json_may_be_a_quarter_as_large_as_files_and_takes_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "MOST_AT_ONCE", 256 * MIB)

    async def scenario() -> None:
        reader = Reader()
        json = b"application/json"
        assert await reader.ask(0, announced=str(8 * MIB + 1), kind=json) == 413
        asked = [asyncio.create_task(reader.ask(5, announced=str(5 * MIB), kind=json)) for _ in range(3)]
        await _settled()
        assert reader.read == [5 * MIB] * 2
        reader.answer.set()
        assert await asyncio.gather(*asked) == [None, None, 503]
        await reader.ask(9, kind=json)
        assert reader.refused == [413]

    asyncio.run(scenario())


def test_small_requests_are_never_refused_for_the_large_ones() -> None:
    async def scenario() -> None:
        reader = Reader()
        large = [asyncio.create_task(reader.ask(4)) for _ in range(2)]
        await _settled()
        small = asyncio.create_task(reader.ask(1, announced=str(MIB)))
        await _settled()
        assert reader.read == [4 * MIB, 4 * MIB, MIB]
        reader.answer.set()
        await asyncio.gather(*large, small)

    asyncio.run(scenario())


@pytest.mark.parametrize("announced", [str(sizes.LARGEST_BODY + 1), "9" * 5000])
def test_what_is_announced_as_too_large_is_not_read(announced: str) -> None:
    async def scenario() -> None:
        reader = Reader()
        assert await reader.ask(1, announced=announced) == 413
        assert reader.read == []

    asyncio.run(scenario())
