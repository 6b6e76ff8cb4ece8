"""Where in a recording somebody may be speaking, by energy, window by window: hours in the memory of a minute.

It decides what is never looked at again, so it errs on the side of speech: only what is nearly inaudible, or steady
and not loud, counts as silence. A recogniser judges the rest.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from common.models.offline import Cursor, Stretch
from common.speech.transcriber import SAMPLE_RATE

JOIN_GAP_S = 120.0
"""Voices with less silence between them belong to one stretch."""
SHORTEST_S = 1.0
MARGIN_S = 0.5
"""Kept on either side of a voice."""
LONG_PAUSE_S = 10.0
"""A pause of this length need not be understood."""
PAUSE_MARGIN_S = 1.0
_MOST_PAUSES = 2000

_FRAME = SAMPLE_RATE * 30 // 1000
_FRAME_S = _FRAME / SAMPLE_RATE
_QUIET_PART = 0.1
_ABOVE_QUIET = 1.8
_FAINTEST = 30.0
"""Root mean square, of 32768, below which nobody is understood; in samples of 8 bits a few that flicker."""
_LOUD = 1000.0
"""From here on it counts however steady it is."""


def voiced_runs(pcm: bytes) -> list[tuple[float, float]]:
    """Seconds [start, end) of PCM (16 kHz mono s16le) in which somebody may speak, in order."""
    import numpy as np

    count = len(pcm) // 2 // _FRAME
    if not count:
        return []
    frames = np.frombuffer(pcm, dtype="<i2", count=count * _FRAME).reshape(count, _FRAME).astype(np.float32)
    levels = frames.std(axis=1)  # a constant offset is no sound
    threshold = max(_FAINTEST, min(float(np.quantile(levels, _QUIET_PART)) * _ABOVE_QUIET, _LOUD))
    voiced = np.concatenate(([False], levels >= threshold, [False]))
    edges = np.flatnonzero(voiced[1:] != voiced[:-1])
    return [
        (float(begin) * _FRAME_S, float(end) * _FRAME_S) for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


@dataclass
class StretchFinder:
    """Puts voices together to stretches; goes on where a cursor says that another has stopped.

    Marks are moments (seconds, byte) at which a frame begins, in order: stretches begin and end at them.
    """

    cursor: Cursor
    found: list[Stretch] = field(default_factory=list)
    _marks: list[tuple[float, int]] = field(default_factory=list)

    def window(self, pcm: bytes, marks: list[tuple[float, int]]) -> None:
        """Take the next window, which lies between the first and the last of its marks."""
        begin = marks[0][0]
        self._marks = [*(mark for mark in self._marks if mark[0] < begin), *marks]
        self._extend()
        for start, end in voiced_runs(pcm):
            self._voice(begin + start, begin + end)
        self._extend()
        self._marks = self._marks[-3:]
        self.cursor.second, self.cursor.byte = marks[-1]

    def finish(self) -> None:
        """Say that nothing comes any more."""
        self._close()
        self.cursor.done = True

    def _voice(self, start: float, end: float) -> None:
        cursor = self.cursor
        if cursor.open is not None and start - cursor.voice_until >= JOIN_GAP_S:
            self._extend()
            self._close()
        if cursor.open is None:
            second, byte = self._marks[max(0, bisect_right(self._marks, (start - MARGIN_S, 1 << 62)) - 1)]
            cursor.open = Stretch(start=second, end=second, first_byte=byte, end_byte=byte)
            cursor.voice_from = cursor.voice_until = start
        elif start - cursor.voice_until >= LONG_PAUSE_S and len(cursor.open.quiet) < _MOST_PAUSES:
            pause = (cursor.voice_until + PAUSE_MARGIN_S, start - PAUSE_MARGIN_S)
            cursor.open.quiet.extend(round(moment * 1000) for moment in pause)
        cursor.voice_until = max(end, cursor.voice_until)

    def _extend(self) -> None:
        """Let the open stretch reach past its last voice, as far as is known yet."""
        cursor = self.cursor
        if cursor.open is None or cursor.open.end >= cursor.voice_until + MARGIN_S:
            return
        at = min(bisect_left(self._marks, (cursor.voice_until + MARGIN_S, 0)), len(self._marks) - 1)
        if self._marks[at][0] > cursor.open.end:
            cursor.open.end, cursor.open.end_byte = self._marks[at]

    def _close(self) -> None:
        cursor = self.cursor
        if cursor.open is not None and cursor.voice_until - cursor.voice_from >= SHORTEST_S:
            self.found.append(cursor.open)
        cursor.open = None
