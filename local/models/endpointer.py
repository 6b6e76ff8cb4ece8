"""Where utterances begin and end: from voice activity to spans of audio worth recognising. Pure but for its state."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_WINDOW_BYTES = 1024
_WINDOW_SECONDS = 0.032
_BYTES_PER_SECOND = 32_000

_BEGINS_AT, _GOES_ON_AT = 0.5, 0.35
"""Voice activity at which speech begins, and above which it goes on."""
_PADDING = 6
"""Windows (0.2 s) kept before and after: first and last sounds are soft."""
_PAUSE = 16
"""Windows (0.5 s) of silence that close an utterance."""
_LONGEST = 468
"""Windows (15 s) after which an utterance is cut, so that text keeps coming."""
_SHORTEST = 6
"""Windows (0.2 s) of voice below which it was a click or a cough."""


@dataclass(frozen=True)
class Span:
    """Audio that holds one utterance. Times are seconds of the stream: the voice's, and what the span settles."""

    start: float
    end: float
    until: float
    pcm: bytes


class Endpointer:
    """Cuts one stream into spans.

    Args:
        voice: Gives the voice activity of each of the windows it is called with, in the order of the stream.
    """

    def __init__(self, voice: Callable[[bytes], Sequence[float]]) -> None:
        self._voice = voice
        self._audio = bytearray()
        # All of these count windows from the beginning of the stream; `_audio` begins at `_origin`.
        self._origin = 0
        self._judged = 0
        self._settled = 0
        self._begin: int | None = None
        self._first_voice = self._last_voice = self._voiced = 0

    @property
    def covered(self) -> float:
        """Seconds before which every sound is in a span given by now, or is no speech; never falls."""
        return self._covered * _WINDOW_SECONDS

    @property
    def _covered(self) -> int:
        return max(self._settled, self._judged - _PADDING) if self._begin is None else self._begin

    def feed(self, pcm: bytes) -> list[Span]:
        """Take more audio, any number of bytes, and give the spans that have ended."""
        self._audio += pcm
        begin = (self._judged - self._origin) * _WINDOW_BYTES
        end = len(self._audio) // _WINDOW_BYTES * _WINDOW_BYTES
        spans = [self._judge(activity) for activity in self._voice(bytes(self._audio[begin:end]))]
        self._forget(self._covered)
        return [span for span in spans if span is not None]

    def flush(self) -> tuple[list[Span], float]:
        """The span in progress, ended here, and the stream's length so far in seconds: all of it is settled."""
        spans: list[Span] = []
        if self._begin is not None:
            last = self._close(min(self._last_voice + 1 + _PADDING, self._judged))
            spans += [last] if last else []
        self._settled = self._judged
        self._forget(self._covered)
        return spans, self._length

    def finish(self) -> tuple[list[Span], float]:
        """The spans that the end of the stream ends, and the stream's length in seconds."""
        length = self._length
        spans = self.feed(bytes(-len(self._audio) % _WINDOW_BYTES))
        spans += self.flush()[0]
        return [Span(span.start, min(span.end, length), min(span.until, length), span.pcm) for span in spans], length

    @property
    def _length(self) -> float:
        return (self._origin * _WINDOW_BYTES + len(self._audio)) / _BYTES_PER_SECOND

    def _judge(self, activity: float) -> Span | None:
        window = self._judged
        covered = self._covered
        self._judged += 1
        if self._begin is None:
            if activity >= _BEGINS_AT:
                self._begin, self._first_voice, self._last_voice, self._voiced = covered, window, window, 1
            return None
        if activity >= _GOES_ON_AT:
            self._last_voice = window
            self._voiced += 1
        if window - self._last_voice >= _PAUSE:
            return self._close(self._last_voice + 1 + _PADDING)
        if self._judged - self._begin >= _LONGEST:
            return self._cut(self._begin)
        return None

    def _close(self, end: int) -> Span | None:
        begin, self._begin = self._begin, None
        if begin is None or self._voiced < _SHORTEST:
            return None
        self._settled = end
        return self._span(begin, end, self._last_voice + 1)

    def _cut(self, begin: int) -> Span:
        """End the utterance at its quietest moment of the later half; what follows begins the next one."""
        candidates = range(begin + _LONGEST // 2, self._judged - 1)
        end = min(candidates, key=self._loudness)
        span = self._span(begin, end, end)
        self._settled = self._begin = self._first_voice = end
        self._last_voice = max(self._last_voice, end)
        self._voiced = self._judged - end
        return span

    def _span(self, begin: int, end: int, voice_end: int) -> Span:
        audio = self._audio[(begin - self._origin) * _WINDOW_BYTES : (end - self._origin) * _WINDOW_BYTES]
        start = self._first_voice * _WINDOW_SECONDS
        return Span(start, voice_end * _WINDOW_SECONDS, end * _WINDOW_SECONDS, bytes(audio))

    def _loudness(self, window: int) -> int:
        """Energy around the beginning of a window (its and the previous one's)."""
        offset = (window - 1 - self._origin) * _WINDOW_BYTES
        return sum(sample * sample for sample in struct.unpack_from(f"<{_WINDOW_BYTES}h", self._audio, offset))

    def _forget(self, window: int) -> None:
        del self._audio[: (window - self._origin) * _WINDOW_BYTES]
        self._origin = window
