"""What a test server hears with: something that turns PCM into timed words, as it comes."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

STEP_S = 0.1
_SPEAKERS_FROM = 1000


@dataclass(frozen=True)
class Spoken:
    """A word, with the punctuation after it."""

    text: str
    start: float
    end: float
    speaker: int = 0


class Ear(Protocol):
    """Hears one stream. `until`: all words that begin before this second have been told."""

    until: float

    def hear(self, pcm: bytes) -> list[Spoken]:
        """More audio; the words that have ended by now."""

    def rest(self) -> list[Spoken]:
        """What has begun and may go on: there is a pause, or the end."""


class NumbersEar:
    """Hears sample values: a word for as long as a value lasts, silence where it is 0; read every tenth of a second.

    The value is 1000 times the speaker plus the word; a word that is a multiple of 5 ends a sentence.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self._pcm = bytearray()
        self._steps = 0
        self._value = 0
        self._since = 0

    def hear(self, pcm: bytes) -> list[Spoken]:
        self._pcm += pcm
        ended: list[Spoken] = []
        size = round(STEP_S * BYTES_PER_SECOND)
        while len(self._pcm) >= size:
            (value,) = struct.unpack_from("<h", self._pcm, size // 2)
            del self._pcm[:size]
            if value != self._value:
                ended += self.rest()
                self._value, self._since = value, self._steps
            self._steps += 1
        self.until = (self._since if self._value else self._steps) * STEP_S
        return ended

    def rest(self) -> list[Spoken]:
        value, since = self._value, self._since
        self._value, self._since = 0, self._steps
        self.until = self._steps * STEP_S
        if not value:
            return []
        return [Spoken(text_of(value), since * STEP_S, self._steps * STEP_S, value // _SPEAKERS_FROM)]


def text_of(value: int) -> str:
    """The word that a sample value is."""
    word = value % _SPEAKERS_FROM
    return f"word{word}" + ("." if word % 5 == 0 else "")


def speech_of(values: Iterable[tuple[int, float]]) -> bytes:
    """PCM in which each value is said for so many seconds."""
    return b"".join(struct.pack("<h", value) * round(seconds * SAMPLE_RATE) for value, seconds in values)


def said_in(values: Iterable[tuple[int, float]]) -> str:
    """The text of that."""
    return " ".join(text_of(value) for value, _ in groupby(value for value, _ in values) if value)


@dataclass(frozen=True)
class Part:
    """A stretch of audio, and the words that were found in it."""

    start: float
    end: float
    words: tuple[Spoken, ...]


class Listener:
    """An ear's words, provisional at first: every `final_s` seconds what it is certain of becomes final."""

    def __init__(self, ear: Ear, *, partial_s: float, final_s: float) -> None:
        self._ear = ear
        self._partial_s, self._final_s = partial_s, final_s
        self._pcm = bytearray()
        self._words: list[Spoken] = []
        self._told_s = 0.0
        self.heard_bytes = 0
        self.final_s = 0.0

    @property
    def heard_s(self) -> float:
        return self.heard_bytes / BYTES_PER_SECOND

    def hear(self, pcm: bytes) -> Iterator[tuple[bool, Part]]:
        """What there is to tell, and whether it is final; the same whatever the size of the pieces."""
        self._pcm += pcm
        size = round(STEP_S * BYTES_PER_SECOND)
        while len(self._pcm) >= size:
            self._words += self._ear.hear(bytes(self._pcm[:size]))
            del self._pcm[:size]
            self.heard_bytes += size
            if self._ear.until - self.final_s >= self._final_s - 1e-6:
                yield True, self._settle(self._ear.until)
            elif self.heard_s - self._told_s >= self._partial_s - 1e-6:
                self._told_s = self.heard_s
                yield False, self.partial()

    def partial(self) -> Part:
        """What is not final yet."""
        return Part(self.final_s, self.heard_s, tuple(self._words))

    def flush(self) -> Part:
        """All that was given becomes final."""
        self._words += self._ear.hear(bytes(self._pcm))
        self.heard_bytes += len(self._pcm)
        self._pcm.clear()
        self._words += self._ear.rest()
        return self._settle(self.heard_s)

    def forget(self, after: float) -> Part:
        """Of all that was given only the words that had ended at a moment become final, and nothing after them."""
        whole = self.flush()
        words = tuple(word for word in whole.words if word.end <= after)
        until = min([max(after, whole.start), *(word.start for word in whole.words[len(words) :])])
        return Part(whole.start, until, words)

    def _settle(self, end: float) -> Part:
        part = Part(self.final_s, end, tuple(self._words))
        self._words = []
        self.final_s = self._told_s = end
        return part
