"""Frames that name no channel: whose they were shows by who falls behind the others, and then their time is counted.

A frame under a wrong number is no audio of anybody's, but its channel would be earlier from then on than the others.
Which one that is its number does not say, and the order of frames hardly does: clients send them one by one or in
pieces. So of each channel is noted how far ahead of the others it gets within a while. Of whom that is less after the
loss than before, the frames were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from common.conversations.live.channel import Channel

WHILE_S = 2.0
"""Seconds of audio, in which every channel is the furthest once; clients send what they have recorded in pieces."""


@dataclass
class _While:
    """A stretch of audio, and how far ahead of the others each channel was in it at most.

    It ends at `until`, which is not known before something comes.
    """

    until: float | None = None
    ahead: dict[Channel, float] = field(default_factory=dict)

    def note(self, channel: Channel, ahead: float) -> None:
        self.ahead[channel] = max(ahead, self.ahead.get(channel, ahead))


class Losses:
    """The time of lost frames, told to the channel they were of."""

    def __init__(self) -> None:
        self._last, self._now = _While(), _While()
        self._before: dict[Channel, float] = {}
        self._owed = self._fresh = 0.0
        self._smallest = float("inf")
        self._found: dict[Channel, float] = {}

    def lose(self, seconds: float) -> None:
        """A frame of so many seconds names no channel."""
        if seconds <= 0:
            return
        if not self._owed:
            self._before = dict(self._now.ahead)
            for channel, ahead in self._last.ahead.items():
                self._before[channel] = max(ahead, self._before.get(channel, ahead))
            self._begin()
            self._smallest = seconds
        self._owed += seconds
        self._fresh += seconds
        self._smallest = min(self._smallest, seconds)

    def reach(self, channel: Channel, reached: Mapping[Channel, float]) -> None:
        """A channel has got on; where all of them are now, in seconds of the conversation."""
        others = [moment for each, moment in reached.items() if each is not channel]
        self._now.note(channel, reached[channel] - sum(others) / len(others))
        furthest = max(reached.values())
        if self._now.until is None:
            self._now.until = furthest + WHILE_S
        elif furthest >= self._now.until:
            if self._owed:
                self._settle()
            self._begin()

    def take(self, channel: Channel) -> float:
        """By how many seconds the next frame of a channel is later because of what was lost; told once."""
        return self._found.pop(channel, 0.0)

    def forget(self) -> None:
        """Channels were moved against one another: what was known of them does not hold any more."""
        self._last, self._now = _While(), _While()
        self._owed = self._fresh = 0.0
        self._found.clear()

    def _begin(self) -> None:
        self._last, self._now = self._now, _While()

    def _settle(self) -> None:
        """Tell who has fallen behind; what nobody has lost by the end of a while without losses was no audio."""
        channel, fallen = max(self._fallen(), key=lambda each: each[1], default=(None, 0.0))
        if channel is not None and fallen >= self._smallest / 2:
            found = min(fallen, self._owed)
            self._found[channel] = self._found.get(channel, 0.0) + found
            self._owed -= found
        if not self._fresh:
            self._owed = 0.0
        self._owed, self._fresh = max(0.0, self._owed), 0.0

    def _fallen(self) -> Iterable[tuple[Channel, float]]:
        now = self._now.ahead
        return ((channel, ahead - now[channel]) for channel, ahead in self._before.items() if channel in now)
