"""Which channel a frame is of, by its first byte: the clients there are count from 1, others as programs do, from 0."""

from collections.abc import Sequence

PATIENCE_S = 2.0
"""Real seconds for which frames wait that fit both ways of counting."""
_MOST_FRAMES = 50
"""So many of them are enough to believe that the client counts from 1, or that it counts as before."""
_ANEW_FRAMES, _ANEW_PART = 5, 0.25
"""So many frames, and such a part of them, under a number that nobody has had say that it is counted anew."""


class Numbering:
    """The channels of one connection, as its client counts them.

    Args:
        channels: how many there are, two at least.
    """

    def __init__(self, channels: int) -> None:
        self._count = channels
        self._channels: dict[int, int] = {}
        self._guessed = False
        self._anew = False

    @property
    def known(self) -> bool:
        """Whether it is decided how the client counts."""
        return bool(self._channels)

    def decide(self, frames: Sequence[bytes], *, at_once: bool = False) -> bool:
        """Find out how the client counts, or goes on counting; False while the frames that wait leave that open."""
        if self.known:
            return self._guessed or self._anew or self._decide_again(frames, at_once=at_once)
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
        number = frame[0]
        if number == 0 and self._guessed and 0 not in self._channels:
            # It counts from 0 after all: nothing of it goes into what has begun under another number.
            self._channels = {known: channel for known, channel in self._channels.items() if known < self._count}
            self._channels[0] = self._count - 1
        elif number == self._count and number in self._channels:
            self._guessed = False
        elif self._anew and number == self._other_way:
            self._count_from(min(number, 1))
        return self._channels.get(number)

    def name_of(self, channel: int) -> int:
        """What the client calls a channel."""
        return next((number for number, own in self._channels.items() if own == channel), channel)

    @property
    def _other_way(self) -> int:
        """The number that only the other way of counting has."""
        return self._count if 0 in self._channels else 0

    def _decide_again(self, frames: Sequence[bytes], *, at_once: bool) -> bool:
        """Whether frames under the other way's number are a few that are wrong, or the client counts anew from there.

        It does not as long as it still uses the number that only its own way of counting has.
        """
        odd = self._other_way
        numbers = bytes(frame[0] for frame in frames)
        first = numbers.find(odd)
        if first < 0:
            return True
        since = numbers[first:]
        if self._count - odd in since:
            return True
        count = since.count(odd)
        self._anew = count >= _ANEW_FRAMES and count >= _ANEW_PART * len(since)
        return self._anew or at_once or len(since) >= _MOST_FRAMES

    def _count_from(self, first: int) -> None:
        self._channels = {first + channel: channel for channel in range(self._count)}
        self._anew = False
