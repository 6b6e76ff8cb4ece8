"""Recognition of a live stream and of a whole recording, on top of endpointing and the recogniser."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from local.models.endpointer import Endpointer, Span
from local.models.recognizer import Decoded, Recognizer
from local.models.speakers import LiveSpeakers, Sound, label_recording, sound_of
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


@dataclass(frozen=True)
class _Heard:
    """The words of a span, and how they sound; without words, whatever it was is no speaker."""

    span: Span
    decoded: Decoded
    sound: Sound

    def said_by(self, speaker: int) -> dict[str, Any]:
        """The utterance in its wire form."""
        return {
            "text": self.decoded.text,
            "start": round(self.span.start, 3),
            "end": round(self.span.end, 3),
            "speaker": speaker,
            "confidence": self.decoded.confidence,
        }


async def _hear(recognizer: Recognizer, span: Span) -> _Heard:
    sound = asyncio.create_task(asyncio.to_thread(sound_of, span.pcm))
    try:
        decoded = await recognizer.decode(span.pcm)
    finally:
        heard = await sound
    return _Heard(span, decoded, heard)


class LiveHearing:
    """One stream: `feed`, `flush` and `finish` on one side, iteration on the other, in order."""

    def __init__(self, model: VoiceModel, recognizer: Recognizer) -> None:
        self._endpointer = Endpointer(model.listener())
        self._recognizer = recognizer
        self._coming: asyncio.Queue[asyncio.Task[_Heard] | News | None] = asyncio.Queue(_WAITING)
        self._speakers = LiveSpeakers()
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

    async def flush(self) -> None:
        """Nobody speaks any more for now: what was given is heard to its end."""
        await self._end(*self._endpointer.flush())

    async def finish(self) -> None:
        """No more audio comes; the iteration will end."""
        await self._end(*self._endpointer.finish())
        await self._coming.put(None)

    async def _end(self, spans: list[Span], length: float) -> None:
        await self._expect(spans)
        self._told = length
        await self._coming.put(News([], round(length, 3)))

    async def _expect(self, spans: list[Span]) -> None:
        for span in spans:
            self._told = span.until
            await self._coming.put(asyncio.create_task(_hear(self._recognizer, span)))

    async def __aiter__(self) -> AsyncIterator[News]:
        while (coming := await self._coming.get()) is not None:
            yield coming if isinstance(coming, News) else self._news(await coming)

    def _news(self, heard: _Heard) -> News:
        """Says who speaks; asked in the order of the stream, whichever was decoded first."""
        said = [heard.said_by(self._speakers.label(heard.sound))] if heard.decoded.text else []
        return News(said, round(heard.span.until, 3))

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

    async def hear_in_turn(span: Span) -> _Heard:
        async with turn:
            return await _hear(recognizer, span)

    heard = [each for each in await asyncio.gather(*map(hear_in_turn, spans)) if each.decoded.text]
    speakers = await asyncio.to_thread(label_recording, [each.sound for each in heard])
    said = [each.said_by(speaker) for each, speaker in zip(heard, speakers, strict=True)]
    return News(said, round(length, 3))
