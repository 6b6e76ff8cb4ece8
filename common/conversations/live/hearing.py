"""One stream of one provider: how far it is, and what it hears on the connection's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.conversations import coverage
from common.conversations.live.pending import Piece
from common.conversations.live.stream_clock import StreamClock
from common.core import clock
from common.models.conversation import Interval
from common.speech.transcriber import BYTES_PER_SECOND, StreamingTranscriber, Utterance

_HALF_A_WORD_S = 0.5
"""So soon after audio that was lost a word may have begun in it."""
_ROUNDING_S = 1e-3


@dataclass(frozen=True)
class Spoken:
    """What became certain together: utterances on the connection's clock, and the audio they stand for."""

    provider: str
    stream: int
    utterances: tuple[Utterance, ...]
    settled: tuple[Interval, ...]


class Hearing:
    """One stream of one provider; times in seconds of the stream."""

    def __init__(self, transcriber: StreamingTranscriber, *, number: int, settled_until: float) -> None:
        self._reached = settled_until
        self._losses: list[float] = []
        self.transcriber = transcriber
        self.number = number
        self.clock = StreamClock()
        self.settled = 0.0
        self.finishing = False
        self.storing = False
        """Whether what it heard is on its way to the store."""
        self.worked = False
        self.sent_at = self.news_at = self._opened_at = clock.monotonic()

    def reach(self, piece: Piece) -> None:
        """Note what is sent, or passed over, and where audio before it is lost."""
        if piece.begin > self._reached + _ROUNDING_S:
            self._losses.append(piece.begin)
        self._reached = piece.end
        if piece.pcm:
            self.sent_at = clock.monotonic()
            self.clock.send(piece.begin, len(piece.pcm) / BYTES_PER_SECOND)
        else:
            self.clock.pass_over(piece.begin, piece.end)

    def without_halves(self, spoken: Spoken) -> Spoken:
        """The same without what begins right after a loss: half a word may be taken for another. It is not settled."""
        halves: list[Interval] = []
        whole: list[Utterance] = []
        for each in spoken.utterances:
            loss = next((loss for loss in self._losses if loss <= each.start < loss + _HALF_A_WORD_S), None)
            if loss is None:
                whole.append(each)
            else:
                halves.append(Interval(start=loss, end=each.end))
        settled = coverage.subtract(spoken.settled, halves) if halves else list(spoken.settled)
        reached = settled[-1].end if settled else 0.0
        self._losses = [loss for loss in self._losses if loss + _HALF_A_WORD_S > reached]
        return replace(spoken, utterances=tuple(whole), settled=tuple(settled))

    def over(self, part: float) -> bool:
        """Whether this part of the provider's longest time is over, by its audio or by the wall."""
        longest = self.transcriber.longest_s
        if longest is None:
            return False
        return max(self.clock.sent, clock.monotonic() - self._opened_at) > part * longest

    @property
    def quiet_s(self) -> float:
        """Real seconds since audio was sent."""
        return clock.monotonic() - self.sent_at

    @property
    def due(self) -> float:
        """Audio that was sent and is not settled."""
        return self.clock.sent - self.settled

    def settle(self, until: float) -> list[Interval]:
        """Count the stream as settled up to a moment; what that is of the connection."""
        since, self.settled = self.settled, until
        return self.clock.settle(since, until)

    def spoken(self, utterances: Sequence[Utterance]) -> Spoken:
        """Utterances of the stream, on the connection's clock."""
        moved = (
            replace(each, start=self.clock.at(each.start), end=self.clock.at(each.end, ending=True))
            for each in utterances
        )
        return Spoken(self.transcriber.name, self.number, tuple(moved), ())
