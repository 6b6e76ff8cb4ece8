"""The clock of a recogniser's stream, which counts what it was sent, against that of the connection."""

from dataclasses import dataclass

from common.conversations import coverage
from common.models.conversation import Interval

_ROUNDING_S = 1e-3


@dataclass
class _Stretch:
    """Audio that was sent without a break; seconds."""

    sent_at: float
    begin: float
    seconds: float

    @property
    def sent_until(self) -> float:
        return self.sent_at + self.seconds


class StreamClock:
    """Maps seconds of one stream to seconds of the connection.

    Between stretches that were sent there may be silence, which needs no hearing, or audio that was lost.

    Args:
        since: the connection's moment from which on everything is sent or passed over.
    """

    def __init__(self, *, since: float) -> None:
        self._stretches: list[_Stretch] = []
        self._silences: list[tuple[float, Interval]] = []
        self._reached = since
        self.losses: list[Interval] = []
        """What was neither sent nor passed over, of the connection."""
        self.sent = 0.0

    def send(self, begin: float, seconds: float) -> None:
        """Note that audio of the connection, from `begin` on, goes into the stream now."""
        if begin > self._reached + _ROUNDING_S:
            self._lose(begin)
        self._reached = begin + seconds
        last = self._stretches[-1] if self._stretches else None
        if last is not None and abs(last.begin + last.seconds - begin) < _ROUNDING_S:
            last.seconds += seconds
        else:
            self._stretches.append(_Stretch(self.sent, begin, seconds))
        self.sent += seconds

    def pass_over(self, begin: float, end: float) -> None:
        """Note that nothing is said between two moments of the connection, which come after all that was sent."""
        if begin > self._reached + _ROUNDING_S:
            self._lose(begin)
        self._reached = end
        self._silences.append((self.sent, Interval(start=begin, end=end)))

    def at(self, moment: float, *, ending: bool = False) -> float:
        """A moment of the stream, on the connection's clock; what ends at a break ends before it.

        On which side of a break it lies is not decided by how anybody rounds.
        """
        found = self._stretches[0] if self._stretches else _Stretch(0.0, 0.0, 0.0)
        for stretch in self._stretches:
            if stretch is not found and stretch.sent_at > moment + (-_ROUNDING_S if ending else _ROUNDING_S):
                break
            found = stretch
        return found.begin + moment - found.sent_at

    def settle(self, since: float, until: float) -> list[Interval]:
        """What of the connection is settled when the stream is, between two of its moments; then forgotten."""
        settled = [
            Interval(
                start=stretch.begin + max(since, stretch.sent_at) - stretch.sent_at,
                end=stretch.begin + min(until, stretch.sent_until) - stretch.sent_at,
            )
            for stretch in self._stretches
            if stretch.sent_until > since and stretch.sent_at < until
        ]
        reached = until + _ROUNDING_S
        settled += [silence for sent, silence in self._silences if sent <= reached]
        self._silences = [(sent, silence) for sent, silence in self._silences if sent > reached]
        self._stretches = [
            stretch for stretch in self._stretches if stretch.sent_until > until or stretch is self._stretches[-1]
        ]
        return coverage.union(settled)

    def _lose(self, until: float) -> None:
        self.losses.append(Interval(start=self._reached, end=until))
