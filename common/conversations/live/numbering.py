"""Which channel a frame is of, by its first byte: the clients there are count from 1, others as programs do, from 0."""

from collections.abc import Sequence

PATIENCE_S = 2.0
"""Real seconds for which frames wait that fit both ways of counting."""
_MOST_FRAMES = 50
"""So many of them are enough to believe that the client counts from 1."""


class Numbering:
    """The channels of one connection, as its client counts them.

    Args:
        channels: how many there are, two at least.
    """

    def __init__(self, channels: int) -> None:
        self._count = channels
        self._channels: dict[int, int] = {}
        self._guessed = False

    @property
    def known(self) -> bool:
        """Whether it is decided how the client counts."""
        return bool(self._channels)

    def decide(self, frames: Sequence[bytes], *, at_once: bool = False) -> bool:
        """Find out how the client counts; False while these frames, all there are, leave that open."""
        if self.known:
            return True
        numbers = {frame[0] for frame in frames}
        if 0 in numbers:
            self._count_from(0)
        elif self._count in numbers:
            self._count_from(1)
        elif at_once or len(frames) >= _MOST_FRAMES:
            self._count_from(1)
            self._guessed = True
        return self.known

    def channel_of(self, frame: bytes) -> int | None:
        """The channel of a frame, counted from 0; None where there is none of that number."""
        if frame[0] == 0 and self._guessed and 0 not in self._channels:
            # It counts from 0 after all: nothing of it goes into what has begun under another number.
            self._channels = {number: channel for number, channel in self._channels.items() if number < self._count}
            self._channels[0] = self._count - 1
        return self._channels.get(frame[0])

    def name_of(self, channel: int) -> int:
        """What the client calls a channel."""
        return next((number for number, own in self._channels.items() if own == channel), channel)

    def _count_from(self, first: int) -> None:
        self._channels = {first + channel: channel for channel in range(self._count)}
