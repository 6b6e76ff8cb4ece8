"""A take: the part of one connection's audio that belongs to one conversation."""

from dataclasses import dataclass, field

from common.conversations import coverage
from common.models.conversation import Interval


@dataclass
class Take:
    """Maps the connection's audio clock (seconds of audio received) to the conversation's.

    `begin` and `end` are on the connection's clock, `offset` is where `begin` lies in the conversation; all seconds.
    """

    conversation_id: str
    session_id: str
    begin: float
    offset: float
    end: float | None = None
    closed: bool = field(default=False)
    announced: bool = field(default=False)
    left: bool = field(default=False)

    def at(self, moment: float) -> float:
        """A moment of the connection, in the conversation."""
        return self.offset + moment - self.begin

    def holds(self, moment: float) -> bool:
        """Whether a moment of the connection belongs to this take."""
        return self.begin <= moment and (self.end is None or moment < self.end)

    def clip(self, intervals: list[Interval]) -> list[Interval]:
        """Those parts of the connection's intervals that belong to this take, in the conversation."""
        return coverage.union(
            Interval(
                start=self.at(max(interval.start, self.begin)),
                end=self.at(interval.end if self.end is None else min(interval.end, self.end)),
            )
            for interval in intervals
            if interval.end > self.begin and (self.end is None or interval.start < self.end)
        )
