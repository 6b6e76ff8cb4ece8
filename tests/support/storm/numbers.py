"""Numbers as tones, which survive every codec, and an ear that understands them, or notices that one was cut."""

import numpy as np
from numpy.typing import NDArray

from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from tests.support.speech_servers.ears import Spoken

NUMBER_S = 0.48
HIGHEST = 16**4
CUT = "cut"
"""What is heard where only part of a number was said."""
_TONES = 6
_TONE = round(NUMBER_S / _TONES * SAMPLE_RATE)
_PITCHES = 500 + 150 * np.arange(16)
_LOUDNESS, _LOUD = 8000, 1000
_FRAME = SAMPLE_RATE // 100
_PAUSE_FRAMES = 6
_CLEAR = 800
"""Samples in the middle of a tone by which it is known."""
_TOLERANCE = 3 * _FRAME
_BEFORE_S, _AFTER_S = 0.01, 0.02
_CHECKS = ((1, 3, 5, 7, 9), (7, 11, 13, 1, 4))

_SAID = [
    np.round(_LOUDNESS * np.sin(2 * np.pi * pitch * np.arange(_TONE) / SAMPLE_RATE)).astype("<i2").tobytes()
    for pitch in _PITCHES
]
_KNOWN = np.exp(-2j * np.pi * np.outer(np.arange(_CLEAR), _PITCHES) / SAMPLE_RATE).astype(np.complex64)


def word_of(number: int) -> str:
    """How a number is written."""
    return f"n{number:05d}"


def speech_of(number: int) -> bytes:
    """PCM in which it is said."""
    return b"".join(_SAID[digit] for digit in _digits(number))


def quiet(seconds: float) -> bytes:
    """PCM in which nothing is."""
    return bytes(2 * round(seconds * SAMPLE_RATE))


def words_in(pcm: bytes) -> list[Spoken]:
    """All that is heard in a recording."""
    ear = NumbersEar()
    return [*ear.hear(pcm), *ear.rest()]


class NumbersEar:
    """Hears one stream, see `ears.Ear`."""

    def __init__(self) -> None:
        self.until = 0.0
        self._pcm = bytearray()
        self._at = 0
        """Frames looked at."""
        self._run = bytearray()
        self._quiet = 0

    def hear(self, pcm: bytes) -> list[Spoken]:
        self._pcm += pcm
        count = len(self._pcm) // (2 * _FRAME)
        taken = bytes(self._pcm[: count * 2 * _FRAME])
        del self._pcm[: len(taken)]
        frames = np.frombuffer(taken, "<i2").reshape(count, _FRAME)
        loud = (frames.max(axis=1) > _LOUD) | (frames.min(axis=1) < -_LOUD)
        words: list[Spoken] = []
        if self._run or loud.any():
            for number in range(count):
                self._look(taken[number * 2 * _FRAME : (number + 1) * 2 * _FRAME], loud=loud[number], words=words)
        else:
            self._at += count
        self._settle()
        return words

    def rest(self) -> list[Spoken]:
        words = self._end() if self._run else []
        self._settle()
        return words

    def _look(self, frame: bytes, *, loud: bool, words: list[Spoken]) -> None:
        self._at += 1
        if loud or self._run:
            self._run += frame
            self._quiet = 0 if loud else self._quiet + 1
        if self._quiet == _PAUSE_FRAMES:
            words += self._end()

    def _end(self) -> list[Spoken]:
        run = np.frombuffer(bytes(self._run), "<i2")
        begin = self._at - len(run) // _FRAME
        run = run[: len(run) - self._quiet * _FRAME]
        self._run.clear()
        self._quiet = 0
        number = _number(run)
        start = max(0.0, begin * _FRAME / SAMPLE_RATE - _BEFORE_S)
        end = (begin * _FRAME + len(run)) / SAMPLE_RATE + _AFTER_S
        return [Spoken(CUT if number is None else word_of(number), start, end)]

    def _settle(self) -> None:
        self.until = (self._at * 2 * _FRAME - len(self._run)) / BYTES_PER_SECOND


def _number(run: NDArray[np.int16]) -> int | None:
    """The number that is all of a run, if it is one."""
    if abs(len(run) - _TONES * _TONE) > _TOLERANCE:
        return None
    run = np.pad(run, (0, _TOLERANCE))
    middles = [round((number + 0.5) * _TONE) for number in range(_TONES)]
    clear = np.stack([run[middle - _CLEAR // 2 : middle + _CLEAR // 2] for middle in middles]).astype(np.float32)
    strength = np.abs(clear @ _KNOWN)
    digits = [int(digit) for digit in strength.argmax(axis=1)]
    second, first = np.partition(strength, -2, axis=1)[:, -2:].T
    number = sum(digit * 16**place for place, digit in enumerate(digits[:4]))
    return number if digits == _digits(number) and bool((first > 2 * second).all()) else None


def _digits(number: int) -> list[int]:
    """Four digits and two that tell whether these are right."""
    if not 0 <= number < HIGHEST:
        raise ValueError(number)
    digits = [number // 16**place % 16 for place in range(4)]
    checks = [(sum(a * b for a, b in zip(digits, check, strict=False)) + check[-1]) % 16 for check in _CHECKS]
    return [*digits, *checks]
