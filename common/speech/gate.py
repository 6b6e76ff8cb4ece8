"""The voice gate: what of a stream must be heard by a recogniser that is paid by the second, and what is silence.

Quiet stretches are told by their energy, measured against the quietest of the last seconds; what is louder is judged by
the voice model, in blocks. What is passed begins before the voice
does and ends after it, so that no word is clipped.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.speech.silero import WINDOW, Voice, model_session
from common.speech.transcriber import BYTES_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK_WINDOWS = 6
_BLOCK = _BLOCK_WINDOWS * 2 * WINDOW
"""Bytes judged at once, 192 ms: half the price of window by window, and how long the first word may wait."""
_LEAD_BYTES = 3 * _BLOCK
"""What is passed before the voice begins: 0.58 s, of which the model needs some to get its bearings."""
_AFTER_BYTES = 5 * _BLOCK
"""What is passed after the voice has ended: 0.96 s; recognisers want to hear a pause."""
AROUND_S = (_LEAD_BYTES + _AFTER_BYTES) / BYTES_PER_SECOND
"""Seconds of what is passed at least that are no voice."""
_SILENCE_BYTES = BYTES_PER_SECOND
"""Silence is told in stretches of this length, or when it ends."""
_LIKELY, _STILL_LIKELY = 0.35, 0.2
"""Probabilities of the model above which somebody begins to speak, and goes on."""
_GAP_S, _DRIFT_S = 0.25, 0.02
"""Seconds by which the caller's clock is off that make a gap, and that are made up for where it does no harm."""


@dataclass(frozen=True)
class Passage:
    """Audio in which somebody may be speaking; `begin` in seconds on the caller's clock."""

    begin: float
    pcm: bytes

    @property
    def end(self) -> float:
        """The second at which it ends."""
        return self.begin + len(self.pcm) / BYTES_PER_SECOND


@dataclass(frozen=True)
class Silence:
    """A stretch in which nobody speaks."""

    begin: float
    end: float


class Gate:
    """The gate of one stream. What is fed comes out again, once and in order, as passages or silence.

    Args:
        voice: the model with this stream's state; None where loudness alone tells.
    """

    def __init__(self, voice: Voice | None) -> None:
        self._voice = voice
        self._background = _Background()
        self._begin = 0.0
        self._restart(0.0)

    def feed(self, begin: float, pcm: bytes) -> list[Passage | Silence]:
        """Give audio that begins at `begin` on the caller's clock; where that leaves a gap a new stretch begins."""
        pieces: list[Passage | Silence] = []
        if pcm:
            off = begin - self._at(self._end)
            if abs(off) > _GAP_S:
                pieces = self.flush()
                self._restart(begin)
            elif abs(off) > _DRIFT_S and not self._open:
                self._begin += off
        self._audio += pcm
        self._judge_blocks(pieces)
        if self._open:
            self._pass(pieces, self._end)
        elif self._judged - _LEAD_BYTES - self._told >= _SILENCE_BYTES:
            self._silence(pieces, self._judged - _LEAD_BYTES)
        self._forget()
        return pieces

    def flush(self) -> list[Passage | Silence]:
        """What is still kept, at the end; what comes next is another stretch."""
        pieces: list[Passage | Silence] = []
        end = self._end
        if end > self._judged:
            self._audio += bytes(self._judged + _BLOCK - end)
            self._judge_blocks(pieces, whole=end)
        if self._open:
            self._pass(pieces, end)
        else:
            self._silence(pieces, end)
        self._restart(self._at(end))
        return pieces

    @property
    def _end(self) -> int:
        return self._start + len(self._audio)

    def _restart(self, begin: float) -> None:
        """Positions are bytes from `begin` on; `_audio` holds what follows `_start`."""
        self._begin = begin
        self._audio = bytearray()
        self._start = self._judged = self._told = self._since_voice = 0
        self._heard_until = -1
        self._open = False

    def _judge_blocks(self, pieces: list[Passage | Silence], *, whole: int | None = None) -> None:
        while self._end - self._judged >= _BLOCK:
            voiced = self._is_voiced()
            begin = self._judged
            self._judged += _BLOCK
            if voiced:
                if not self._open:
                    self._silence(pieces, begin - _LEAD_BYTES)
                self._open, self._since_voice = True, 0
            elif self._open:
                self._since_voice += _BLOCK
                if self._since_voice >= _AFTER_BYTES:
                    self._pass(pieces, min(self._judged, whole or self._judged))
                    self._open = False

    def _is_voiced(self) -> bool:
        """Whether the next block may hold speech."""
        at = self._judged - self._start
        loud = self._background.judge(bytes(self._audio[at : at + _BLOCK]))
        if self._voice is None:
            return loud
        if not (loud or self._open):
            return False
        # What the model has missed it hears first; if that is much, only the end of it, and as a beginning.
        if self._heard_until < self._start:
            self._voice.reset()
            self._heard_until = self._start
            if not self._start:
                self._voice(_quiet_before(bytes(self._audio[:_BLOCK])))
        likely = self._voice(bytes(self._audio[self._heard_until - self._start : at + _BLOCK]))
        self._heard_until = self._judged + _BLOCK
        return bool(max(likely) >= (_STILL_LIKELY if self._open else _LIKELY))

    def _pass(self, pieces: list[Passage | Silence], until: int) -> None:
        if until <= self._told:
            return
        pcm = bytes(self._audio[self._told - self._start : until - self._start])
        begin = self._at(self._told)
        self._told = until
        if pieces and isinstance(pieces[-1], Passage):
            pieces[-1] = Passage(pieces[-1].begin, pieces[-1].pcm + pcm)
        else:
            pieces.append(Passage(begin, pcm))

    def _silence(self, pieces: list[Passage | Silence], until: int) -> None:
        if until > self._told:
            pieces.append(Silence(self._at(self._told), self._at(until)))
            self._told = until

    def _forget(self) -> None:
        """Drop what is told and no model needs any more."""
        keep_from = max(self._start, self._judged - _LEAD_BYTES)
        del self._audio[: keep_from - self._start]
        self._start = keep_from

    def _at(self, position: int) -> float:
        return self._begin + position / BYTES_PER_SECOND


def _quiet_before(block: bytes) -> bytes:
    """What a stretch that begins with `block` may have sounded like before: as its quietest window does.

    To a model that has heard nothing at all yet, a soft and short first word is none; and noise that follows on silence
    may be one.
    """
    import numpy as np

    windows = np.frombuffer(block, "<i2").reshape(-1, WINDOW)
    quietest = windows[np.square(windows.astype(np.float32)).sum(axis=1).argmin()]
    return np.concatenate([quietest, quietest[::-1]] * (_BLOCK_WINDOWS // 2)).tobytes()


class _Background:
    """Whether a block is louder than the background, which is as loud as the quietest of the last seconds."""

    _FAINTEST = 8.0
    """Root mean square, of 32768, that nobody's voice is below."""
    _ABOVE = 1.2
    _SECONDS = 10
    _BLOCKS_PER_BUCKET = BYTES_PER_SECOND // _BLOCK
    _UNKNOWN_BLOCKS = 2 * _BLOCKS_PER_BUCKET
    """Before so much was heard the background is unknown, and everything counts as loud."""

    def __init__(self) -> None:
        self._quietest: deque[float] = deque(maxlen=self._SECONDS)
        self._blocks = 0

    def judge(self, block: bytes) -> bool:
        import numpy as np

        samples = np.frombuffer(block, "<i2").astype(np.float32)
        # Differences of neighbours: what rumbles, and rises and falls without being a voice, hardly counts.
        samples[1:] -= samples[:-1].copy()
        windows = samples.reshape(-1, WINDOW)
        levels = np.sqrt(np.einsum("ij,ij->i", windows, windows) / WINDOW)
        quiet, loud = float(levels.mean()), float(levels.max())
        if self._blocks % self._BLOCKS_PER_BUCKET == 0:
            self._quietest.append(quiet)
        elif quiet < self._quietest[-1]:
            self._quietest[-1] = quiet
        self._blocks += 1
        if loud < self._FAINTEST:
            return False
        return self._blocks <= self._UNKNOWN_BLOCKS or loud > self._ABOVE * min(self._quietest)


class Loudness:
    """Tells where somebody may speak in audio that is sent anyway. It needs no model, and takes much for a voice."""

    def __init__(self) -> None:
        self._gate = Gate(None)
        self._begin = 0.0
        self._fresh: list[bytes] = []
        self._size = 0

    def feed(self, begin: float, pcm: bytes) -> list[Passage]:
        """Give audio that begins at `begin`, where the last ended; after some tenths of a second it is told of."""
        if not self._fresh:
            self._begin = begin
        self._fresh.append(pcm)
        self._size += len(pcm)
        return _passages(self._judge()) if self._size >= _BLOCK else []

    def flush(self) -> list[Passage]:
        """What is still to be told, at the end; what comes next is another stretch."""
        return _passages([*self._judge(), *self._gate.flush()])

    def _judge(self) -> list[Passage | Silence]:
        pcm = b"".join(self._fresh)
        self._fresh, self._size = [], 0
        return self._gate.feed(self._begin, pcm)


def _passages(pieces: Iterable[Passage | Silence]) -> list[Passage]:
    return [piece for piece in pieces if isinstance(piece, Passage)]


def new_gate() -> Gate:
    """The gate of a stream that begins; the first in a process loads the voice model, which takes half a second."""
    return Gate(Voice(model_session()))
