"""The audio that a recogniser has not settled yet: kept, in order and bounded, so that the next one can hear it."""

from collections import deque
from typing import NamedTuple

from common.conversations import coverage
from common.conversations.live.gathering import Gathering
from common.conversations.live.pausing import ends_in_pause
from common.models.conversation import Interval
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

KEPT_S = 40.0
"""Seconds; 1.3 MB. Beyond this the oldest is left to the repair, which reads what is stored."""
_LOOKED_AT = 2 * BYTES_PER_SECOND
_TOGETHER_S = 0.25
_SLIVER_S = 0.5 / SAMPLE_RATE
_ROUNDING_S = 1e-3


class Piece(NamedTuple):
    """Audio from `begin` to `end` on the connection's clock; without `pcm` nobody speaks in it.

    `cut`: no audio, but the place where a stream must end.
    """

    begin: float
    end: float
    pcm: bytes = b""
    cut: bool = False


class PendingAudio:
    """What was fed and is not settled: first what the stream in progress was sent, then what waits."""

    def __init__(self) -> None:
        self._sent: deque[Piece] = deque()
        self._waiting: deque[Piece] = deque()
        self._seconds = 0.0
        self._fresh = Gathering(self._keep_sent, seconds=_TOGETHER_S)
        self._heard_until = 0.0
        self.settled: list[Interval] = []
        self.feed_sent = self._fresh.add
        """Adds audio, by its first moment, that the stream has been sent already; nothing waits before it."""

    @property
    def first(self) -> Piece | None:
        """What is to be sent next."""
        return self._waiting[0] if self._waiting else None

    def feed(self, piece: Piece) -> None:
        """Add to the end; what exceeds the bound goes from the beginning. Silence that goes on is one piece."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and not (piece.pcm or last.pcm or last.cut) and piece.begin <= last.end + _ROUNDING_S:
            self._waiting[-1] = last._replace(end=piece.end)
            return
        self._waiting.append(piece)
        self._keep_bound(piece)

    def cut(self, at: float) -> None:
        """End a stream here, if there is anything to end."""
        self._fresh.flush()
        if self._sent or self._waiting:
            self._waiting.append(Piece(at, at, cut=True))

    def send(self) -> None:
        """Count the next piece as sent; it is kept until it is settled."""
        self._fresh.flush()
        self._sent.append(self._waiting.popleft())

    def skip(self) -> None:
        """Pass over the next piece for good; it holds no audio."""
        self._waiting.popleft()

    def settle(self, intervals: list[Interval]) -> None:
        """Count these stretches of the connection as understood, and let go of their audio."""
        self._fresh.flush()
        self.settled = coverage.union([*self.settled, *intervals])
        until = self.settled_until + _SLIVER_S
        while self._sent and self._sent[0].end <= until:
            self._seconds -= _seconds(self._sent.popleft())

    def hear_out(self) -> None:
        """Let go of all that the stream was sent: it has heard everything, and what is not settled is a hole."""
        self._fresh.flush()
        while self._sent:
            piece = self._sent.popleft()
            self._heard_until = piece.end
            self._seconds -= _seconds(piece)

    def rewind(self) -> None:
        """Have whatever is not settled sent again, to the next stream; to the sample where the settled part ends."""
        self._fresh.flush()
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        until = self.settled_until
        while self._waiting and not self._waiting[0].cut and self._waiting[0].begin < until:
            piece = self._waiting.popleft()
            self._seconds -= _seconds(piece)
            if piece.end > until + _SLIVER_S:
                heard = round((until - piece.begin) * BYTES_PER_SECOND / 2) * 2
                rest = Piece(until, piece.end, piece.pcm[heard:])
                self._waiting.appendleft(rest)
                self._seconds += _seconds(rest)

    def _keep_sent(self, begin: float, pcm: bytes) -> None:
        piece = Piece(begin, begin + len(pcm) / BYTES_PER_SECOND, pcm)
        self._sent.append(piece)
        self._keep_bound(piece)

    def _keep_bound(self, piece: Piece) -> None:
        """Count a piece that is new."""
        self._seconds += _seconds(piece)
        while self._seconds > KEPT_S + _ROUNDING_S:
            oldest = (self._sent or self._waiting).popleft()
            self._seconds -= _seconds(oldest)

    @property
    def ends_in_pause(self) -> bool:
        """Whether nobody speaks at the end of what was sent and is not settled."""
        self._fresh.flush()
        if not self._sent or not self._sent[-1].pcm:
            return True
        return ends_in_pause(b"".join(piece.pcm for piece in self._sent)[-_LOOKED_AT:])

    @property
    def heard_until(self) -> float:
        """The connection's moment from which on a stream that begins now has something to hear."""
        return max(self._heard_until, self.settled_until)

    @property
    def settled_until(self) -> float:
        """The connection's moment up to which the newest stretch is settled."""
        return self.settled[-1].end if self.settled else 0.0


def _seconds(piece: Piece) -> float:
    return len(piece.pcm) / BYTES_PER_SECOND
