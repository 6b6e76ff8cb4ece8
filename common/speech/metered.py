"""Recognisers that count the audio they are given (`common.core.metering`); otherwise as those they wrap."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from common.core import metering, spans
from common.core.metering import Used
from common.speech.transcriber import BYTES_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from common.core.metering import Meter
    from common.speech.transcriber import BatchTranscriber, Heard, StreamingTranscriber, TranscriptionStream


class MeteredStreaming:
    """A recogniser of what is being said."""

    def __init__(self, transcriber: StreamingTranscriber) -> None:
        self.name = transcriber.name
        self.longest_s = transcriber.longest_s
        self._transcriber = transcriber

    def understands(self, language: str) -> bool:
        """As the recogniser does."""
        return self._transcriber.understands(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """As the recogniser does."""
        with spans.span("speech_stream_opens", provider=self.name):
            stream = await self._transcriber.open(language=language, vocabulary=vocabulary)
        metering.count("speech", self.name, Used(calls=1))
        meter = metering.current()
        return stream if meter is None else _MeteredStream(stream, self.name, meter)


class _MeteredStream:
    """Counts a second of audio at a time, which comes in many small pieces, and the rest at the end."""

    def __init__(self, stream: TranscriptionStream, name: str, meter: Meter) -> None:
        self._stream = stream
        self._name = name
        self._meter = meter
        self._uncounted = 0
        """Bytes."""

    async def send(self, pcm: bytes) -> None:
        await self._stream.send(pcm)
        self._note(pcm)

    def offer(self, pcm: bytes) -> bool:
        taken = self._stream.offer(pcm)
        if taken:
            self._note(pcm)
        return taken

    async def keep_alive(self) -> None:
        await self._stream.keep_alive()

    async def finish(self) -> None:
        self._count()
        await self._stream.finish()

    def __aiter__(self) -> AsyncIterator[Heard]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        self._count()
        await self._stream.aclose()

    def _note(self, pcm: bytes) -> None:
        self._uncounted += len(pcm)
        if self._uncounted >= BYTES_PER_SECOND:
            self._count()

    def _count(self) -> None:
        uncounted, self._uncounted = self._uncounted, 0
        if uncounted:
            self._meter.add(("speech", self._name), Used(seconds=uncounted / BYTES_PER_SECOND))


class MeteredBatch:
    """A recogniser of recordings."""

    def __init__(self, transcriber: BatchTranscriber) -> None:
        self.name = transcriber.name
        self._transcriber = transcriber

    def understands(self, language: str) -> bool:
        """As the recogniser does."""
        return self._transcriber.understands(language)

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        """As the recogniser does."""
        with spans.span("speech", provider=self.name):
            heard = self._transcriber.transcribe(pcm, language=language, vocabulary=vocabulary, within_s=within_s)
        metering.count("speech", self.name, Used(calls=1, seconds=len(pcm) / BYTES_PER_SECOND))
        return heard
