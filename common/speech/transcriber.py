"""The ports of speech recognition: what every provider takes and gives.

Audio inside is always PCM, signed 16-bit little-endian, mono, 16 kHz. Times are seconds from the beginning of the
stream or recording. Every provider maps whatever goes wrong to `ProviderError` (or `ProviderRefusedError` where
asking again is useless).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 16_000
"""Hertz of all PCM inside."""
BYTES_PER_SECOND = SAMPLE_RATE * 2


@dataclass(frozen=True)
class Utterance:
    """Something said without a longer pause. `speaker` counts from 0 within the stream or recording."""

    text: str
    start: float
    end: float
    speaker: int = 0


@dataclass(frozen=True)
class Heard:
    """News of a recognition: new final utterances, in order.

    `until`: all audio before this second is either in an utterance given by now or holds no speech; never falls.
    """

    utterances: tuple[Utterance, ...]
    until: float


class TranscriptionStream(Protocol):
    """One live recognition. One task sends, one (the same or another) iterates."""

    async def send(self, pcm: bytes) -> None:
        """Give more audio, any amount; waits while the provider is behind."""

    async def finish(self) -> None:
        """Say that no more audio comes. The iteration ends by itself once everything has been heard."""

    def __aiter__(self) -> AsyncIterator[Heard]:
        """What is heard; ends after `finish` with an `until` that covers all audio, or raises ProviderError."""

    async def aclose(self) -> None:
        """Drop the stream at once, whatever its state. Never raises, may be called again."""


class StreamingTranscriber(Protocol):
    """A provider of live recognition."""

    name: str

    async def open(self, *, language: str) -> TranscriptionStream:
        """Start a stream in `language` (a BCP-47 tag, or `multi`)."""


class BatchTranscriber(Protocol):
    """A provider of recognition of what is already recorded."""

    name: str

    def transcribe(self, pcm: bytes, *, language: str) -> Heard:
        """All utterances of a recording of 6 minutes at most; `until` is its length."""
