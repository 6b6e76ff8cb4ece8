"""The ports of speech recognition: what every provider takes and gives.

Audio inside is always PCM, signed 16-bit little-endian, mono, 16 kHz. Times are seconds from the beginning of the
stream or recording. Every provider maps whatever goes wrong to `ProviderError`, or to one of its two kinds:
`ProviderRefusedError` where the same request is useless (a language, say), `ProviderExhaustedError` where any is for
now (402, 429, a key that is not accepted).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

SAMPLE_RATE = 16_000
"""Hertz of all PCM inside."""
BYTES_PER_SECOND = SAMPLE_RATE * 2


@dataclass(frozen=True)
class Utterance:
    """Something said by one speaker without a longer pause.

    `speaker` counts from 0 within the stream or recording; `language` is a BCP-47 tag where the provider tells it.
    """

    text: str
    start: float
    end: float
    speaker: int = 0
    language: str | None = None


@dataclass(frozen=True)
class Heard:
    """News of a recognition: new final utterances, in order.

    `until`: all audio before this second is either in an utterance given by now or holds no speech; never falls.
    `interim`: what seems to be said after `until`; provisional, each news replaces it.
    `provider`: who heard it, where several could have; else the name of whoever was asked.
    """

    utterances: tuple[Utterance, ...]
    until: float
    interim: tuple[Utterance, ...] = ()
    provider: str | None = None


class TranscriptionStream(Protocol):
    """One live recognition. One task sends, one (the same or another) iterates."""

    async def send(self, pcm: bytes) -> None:
        """Give more audio, any amount; waits while the provider is behind."""

    def offer(self, pcm: bytes) -> bool:
        """Give more audio if that takes no waiting; whether it was taken, all of it or nothing. Never raises.

        Not while a `send` is under way. Called from anywhere, so what it does for whom is known from the beginning.
        """

    async def keep_alive(self) -> None:
        """Keep the stream open though nothing is said; called every few seconds in place of `send`.

        A provider that can only be kept by audio sends nothing that would move its clock.
        """

    async def finish(self) -> None:
        """Say that no more audio comes. The iteration ends by itself once everything has been heard."""

    def __aiter__(self) -> AsyncIterator[Heard]:
        """What is heard; ends after `finish` with an `until` that covers all audio, or raises ProviderError."""

    async def aclose(self) -> None:
        """Drop the stream at once, whatever its state. Never raises, may be called again."""


class StreamingTranscriber(Protocol):
    """A provider of live recognition.

    `longest_s`: seconds of audio, or of real time, after which the provider ends a stream; None if it never does.
    """

    name: str
    longest_s: float | None

    def understands(self, language: str) -> bool:
        """Whether a stream in `language` (a BCP-47 tag, or `multi`) makes sense."""

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """Start a stream.

        Args:
            language: a BCP-47 tag, or `multi` for whatever is spoken.
            vocabulary: unusual words to listen for, where the provider can.
        """


class BatchTranscriber(Protocol):
    """A provider of recognition of what is already recorded."""

    name: str

    def understands(self, language: str) -> bool:
        """Whether a recording in `language` (a BCP-47 tag, or `multi`) can be understood."""

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        """All utterances of a recording of 6 minutes at most; `until` is its length.

        Args:
            pcm: the recording.
            language: as above.
            vocabulary: as above.
            within_s: real seconds for all of it, where the provider's own patience is longer.
        """
