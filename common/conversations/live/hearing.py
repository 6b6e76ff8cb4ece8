"""One stream of one provider: how far it is, and what it hears on the connection's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.conversations import coverage
from common.conversations.live.stream_clock import StreamClock
from common.core import clock
from common.models.conversation import Interval
from common.speech.transcriber import StreamingTranscriber, TranscriptionStream, Utterance

_HALF_A_WORD_S = 0.5
"""So near to audio that was lost half a word may have been heard."""


@dataclass(frozen=True)
class Spoken:
    """What became certain together: utterances on the connection's clock, and the audio they stand for."""

    provider: str
    stream: int
    utterances: tuple[Utterance, ...]
    settled: tuple[Interval, ...]


class Hearing:
    """One stream of one provider; times in seconds of the stream."""

    def __init__(self, transcriber: StreamingTranscriber, *, number: int, since: float) -> None:
        self.transcriber = transcriber
        self.number = number
        self.clock = StreamClock(since=since)
        self.settled = 0.0
        self.finishing = False
        self.storing = False
        """Whether what it heard is on its way to the store."""
        self.sending = False
        """Whether audio is on its way to the provider."""
        self.worked = False
        self.sent_at = self.news_at = self._opened_at = clock.monotonic()

    async def send(self, stream: TranscriptionStream, pcm: bytes) -> None:
        """Give the provider audio, which may take as long as it is behind."""
        self.sending = True
        await stream.send(pcm)
        self.sending = False
        self.sent_at = clock.monotonic()

    def without_halves(self, spoken: Spoken) -> Spoken:
        """The same without what was heard around a loss, which is not settled: half a word may be taken for another."""
        if not self.clock.losses:
            return spoken
        holes = [self._hole(loss, spoken.utterances) for loss in self.clock.losses]
        settled = coverage.subtract(spoken.settled, holes, negligible_s=0.0)
        reached = spoken.settled[-1].end if spoken.settled else 0.0
        self.clock.losses = [loss for loss in self.clock.losses if loss.end + _HALF_A_WORD_S > reached]
        whole = (each for each in spoken.utterances if not any(_touches(each, hole) for hole in holes))
        return replace(spoken, utterances=tuple(whole), settled=tuple(settled))

    def _hole(self, loss: Interval, utterances: Sequence[Utterance]) -> Interval:
        """A loss with all that was heard in or near it."""
        near = Interval(start=loss.start - _HALF_A_WORD_S, end=loss.end + _HALF_A_WORD_S)
        touched = [each for each in utterances if _touches(each, near)]
        return Interval(
            start=min([near.start, *(each.start for each in touched)]),
            end=max([near.end, *(each.end for each in touched)]),
        )

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


def _touches(utterance: Utterance, interval: Interval) -> bool:
    return utterance.start < interval.end and utterance.end > interval.start
