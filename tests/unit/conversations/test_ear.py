"""The last seconds can be listened to again."""

import asyncio

import pytest

from common.conversations.live.ear import KEPT_S, Ear
from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.companding import compressed, expanded
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voices import Rules, Vector


class _Counting:
    name = "counting"
    rules = Rules(largest_distance=0.2)

    def __init__(self, *errors: type[ProviderError]) -> None:
        self.errors = list(errors)
        self.asked: list[int] = []

    def embed(self, pcm: bytes) -> Vector:
        self.asked.append(len(pcm))
        if self.errors:
            raise self.errors.pop(0)("no")
        return (1.0, 0.0)


def _second(number: int) -> bytes:
    return bytes([number]) * BYTES_PER_SECOND


def _kept(pcm: bytes) -> bytes:
    return expanded(compressed(pcm))


def _ear(*seconds: int, begin: float = 0.0, embedder: _Counting | None = None) -> Ear:
    ear = Ear(embedder or _Counting())
    for place, number in enumerate(seconds):
        for part in range(10):
            size = BYTES_PER_SECOND // 10
            ear.hear(begin + place + part / 10, _second(number)[:size])
    return ear


def test_any_stretch_is_cut_to_the_sample() -> None:
    ear = _ear(1, 2, 3, begin=100.0)
    assert ear.cut(100.5, 102.25) == _kept(_second(1)[:16_000] + _second(2) + _second(3)[:8_000])
    assert ear.cut(90, 200) == _kept(_second(1) + _second(2) + _second(3))
    assert ear.cut(101, 101) == ear.cut(50, 60) == ear.cut(110, 120) == b""


def test_a_gap_is_left_out() -> None:
    ear = _ear(1)
    ear.hear(5.0, _second(2))
    assert ear.cut(0.5, 5.5) == _kept(_second(1)[:16_000] + _second(2)[:16_000])


def test_no_more_is_kept_than_there_is_room_for() -> None:
    ear = _ear(*range(50))
    assert len(ear.cut(0, 100)) == KEPT_S * BYTES_PER_SECOND
    assert ear.cut(0, 20) == b""


def test_an_embedder_that_fails_is_left_alone_and_one_that_refuses_a_clip_is_not() -> None:
    embedder = _Counting(ProviderRefusedError, ProviderError)
    ear = _ear(1, 2, 3, embedder=embedder)

    async def listen() -> list[Vector | None]:
        return [await ear.voice(0, 2), await ear.voice(0, 2), await ear.voice(0, 2)]

    assert asyncio.run(listen()) == [None, None, None]
    assert embedder.asked == [2 * BYTES_PER_SECOND] * 2


def test_an_embedder_that_can_make_nothing_of_it_is_asked_less_and_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedder = _Counting(*[ProviderRefusedError] * 9)
    ear = _ear(1, 2, 3, embedder=embedder)
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)

    async def asked_at(seconds: float) -> int:
        nonlocal now
        now = 1000.0 + seconds
        before = len(embedder.asked)
        for _ in range(20):
            await ear.voice(0, 2)
        return len(embedder.asked) - before

    assert asyncio.run(asked_at(0)) == 8
    assert asyncio.run(asked_at(29)) == 0
    assert asyncio.run(asked_at(31)) == 1
    assert asyncio.run(asked_at(31 + 59)) == 0
    assert asyncio.run(asked_at(31 + 61)) == 20
