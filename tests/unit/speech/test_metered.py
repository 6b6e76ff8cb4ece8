"""What recognisers are given is counted for whoever opened the stream, and all of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from common.core.metering import Line, Meter, Used, metered
from common.speech.metered import MeteredStreaming
from common.speech.transcriber import BYTES_PER_SECOND, Heard

LINE: Line = ("speech", "taker")


class Taker:
    """Takes audio; at once only what is short."""

    name = "taker"
    longest_s: float | None = None

    def understands(self, language: str) -> bool:  # noqa: ARG002 - the port has it
        return True

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> "Taker":  # noqa: ARG002 - the port has it
        return self

    async def send(self, pcm: bytes) -> None:
        """Taken."""

    def offer(self, pcm: bytes) -> bool:
        return len(pcm) <= BYTES_PER_SECOND

    async def keep_alive(self) -> None:
        """Nothing is needed."""

    async def finish(self) -> None:
        """Nothing is needed."""

    async def __aiter__(self) -> AsyncIterator[Heard]:
        yield Heard((), 0.0)

    async def aclose(self) -> None:
        """Nothing is open."""


class Ledger:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.calls = 0

    def write(self, uid: str, lines: Mapping[Line, Used]) -> None:
        self.seconds[uid] = self.seconds.get(uid, 0.0) + lines[LINE].seconds
        self.calls += lines[LINE].calls


@pytest.mark.parametrize("ends", ["finish", "aclose"])
def test_audio_is_counted_for_whoever_opened_the_stream_to_the_last_piece(ends: str) -> None:
    ledger = Ledger()
    mine, theirs = Meter(ledger.write, uid="me"), Meter(ledger.write, uid="they")

    async def scenario() -> None:
        with metered(mine):
            stream = await MeteredStreaming(Taker()).open(language="en")
        with metered(theirs):  # in whose context audio is given is an accident
            for _ in range(70):
                assert stream.offer(bytes(BYTES_PER_SECOND // 50))
            assert not stream.offer(bytes(2 * BYTES_PER_SECOND))
            await stream.send(bytes(2 * BYTES_PER_SECOND))
            assert stream.offer(bytes(BYTES_PER_SECOND // 50))
            await (stream.finish() if ends == "finish" else stream.aclose())

    asyncio.run(scenario())
    mine.close()
    theirs.close()
    assert ledger.seconds == {"me": pytest.approx(3.42)}
    assert ledger.calls == 1


def test_what_nobody_has_opened_a_meter_for_is_not_counted() -> None:
    async def scenario() -> None:
        stream = await MeteredStreaming(Taker()).open(language="en")
        assert stream.offer(bytes(640))
        await stream.aclose()

    asyncio.run(scenario())
