"""Recognition of a live stream and of a whole recording, on top of endpointing and the recogniser."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from local.models.endpointer import Endpointer, Span
from local.models.recognizer import Recognizer
from local.models.voice import VoiceModel

_SLICE = 32_000
"""Bytes (1 s) judged at a time: a few milliseconds during which nobody else is served."""
_WAITING = 4
"""Utterances of one stream that may wait for the recogniser before no more audio is taken."""
_SILENCE_TOLD = 1.0
"""Seconds of silence worth telling."""


@dataclass(frozen=True)
class News:
    """Final utterances in their wire form, and the second before which nothing more will come."""

    utterances: list[dict[str, Any]]
    until: float


async def _hear(recognizer: Recognizer, span: Span) -> News:
    decoded = await recognizer.decode(span.pcm)
    utterance = {
        "text": decoded.text,
        "start": round(span.start, 3),
        "end": round(span.end, 3),
        "speaker": 0,
        "confidence": decoded.confidence,
    }
    return News([utterance] if decoded.text else [], round(span.until, 3))


class LiveHearing:
    """One stream: `feed` and `finish` on one side, iteration on the other, in order."""

    def __init__(self, model: VoiceModel, recognizer: Recognizer) -> None:
        self._endpointer = Endpointer(model.listener())
        self._recognizer = recognizer
        self._coming: asyncio.Queue[asyncio.Task[News] | News | None] = asyncio.Queue(_WAITING)
        self._told = 0.0

    async def feed(self, pcm: bytes) -> None:
        """Take audio, any number of bytes; waits while too many utterances wait."""
        for start in range(0, len(pcm), _SLICE):
            await self._expect(self._endpointer.feed(pcm[start : start + _SLICE]))
            await asyncio.sleep(0)
        covered = self._endpointer.covered
        # With something still in the queue, its news or the next will tell.
        if covered - self._told >= _SILENCE_TOLD and self._coming.empty():
            self._told = covered
            self._coming.put_nowait(News([], round(covered, 3)))

    async def finish(self) -> None:
        """No more audio comes; the iteration will end."""
        spans, length = self._endpointer.finish()
        await self._expect(spans)
        await self._coming.put(News([], round(length, 3)))
        await self._coming.put(None)

    async def _expect(self, spans: list[Span]) -> None:
        for span in spans:
            self._told = span.until
            await self._coming.put(asyncio.create_task(_hear(self._recognizer, span)))

    async def __aiter__(self) -> AsyncIterator[News]:
        while (coming := await self._coming.get()) is not None:
            yield await coming if isinstance(coming, asyncio.Task) else coming

    def close(self) -> None:
        """Drop what has not been told."""
        while not self._coming.empty():
            if isinstance(coming := self._coming.get_nowait(), asyncio.Task):
                coming.cancel()


def _split(model: VoiceModel, pcm: bytes) -> tuple[list[Span], float]:
    endpointer = Endpointer(model.listener())
    spans = [span for start in range(0, len(pcm), _SLICE) for span in endpointer.feed(pcm[start : start + _SLICE])]
    last, length = endpointer.finish()
    return spans + last, length


async def hear_recording(model: VoiceModel, recognizer: Recognizer, pcm: bytes) -> News:
    """All utterances of a recording. Takes no more of the recogniser at once than there are workers."""
    spans, length = await asyncio.to_thread(_split, model, pcm)
    turn = asyncio.Semaphore(recognizer.size)

    async def hear_in_turn(span: Span) -> News:
        async with turn:
            return await _hear(recognizer, span)

    heard = await asyncio.gather(*(hear_in_turn(span) for span in spans))
    return News([utterance for news in heard for utterance in news.utterances], round(length, 3))
