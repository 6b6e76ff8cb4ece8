"""Several channels side by side: one that sends nothing for a while is silent meanwhile, not slower.

Each channel counts its own audio. The other side of a call begins when somebody picks up, and a client that is muted
sends nothing: what comes then was said when it comes, not when the channel's own audio would be over. Of whom frames
were lost because they named no channel, the time of these is counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.conversations.live.channel import Channel
from common.conversations.live.losses import Losses
from common.conversations.live.take import Take

LATE_S = 2.0
"""Seconds of audio by which a channel may be behind another; clients send what they have recorded in pieces."""
_SHORTEST_S = 0.5
_FASTEST = 8.0
"""How many times as fast as it was recorded audio comes at most: what comes faster had piled up somewhere."""
_SEEN_S = 0.5
"""Seconds of audio by which it shows, where time says nothing, whether two channels go on side by side."""


@dataclass
class Part:
    """Frames in a row of one channel, which lie `late_s` later than they would after what came before."""

    channel: Channel
    late_s: float
    frames: list[bytes]


class Alignment:
    """Keeps the channels of one connection beside one another, but for a frame."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = channels
        self._came_late: dict[Channel, tuple[float, float]] = {}
        """Where one was, and the others, when it came and it was not certain yet whether it is late."""
        self._losses = Losses()
        self._take: Take | None = None

    def parts(self, frames: Iterable[tuple[Channel | None, bytes]]) -> list[Part]:
        """The frames of each channel, in order; they are not added yet.

        Args:
            frames: those that come now, in order, each with its channel; None for one that names none.
        """
        reached = {channel: channel.moment or 0.0 for channel in self._channels}
        open_ = all(channel.take is not None for channel in self._channels)
        if self._take is not self._channels[0].take:
            self._take = self._channels[0].take
            self._losses.forget()
        newest: dict[Channel, Part] = {}
        parts: list[Part] = []
        for channel, frame in frames:
            if channel is None:
                self._losses.lose(self._channels[0].seconds(frame))
                continue
            late_s = self._passed(channel, reached, first=channel not in newest) if open_ else 0.0
            if late_s or channel not in newest:
                newest[channel] = Part(channel, late_s, [])
                parts.append(newest[channel])
            newest[channel].frames.append(frame)
            reached[channel] += late_s + channel.seconds(frame)
            self._losses.reach(channel, reached)
        return parts

    def _passed(self, channel: Channel, reached: dict[Channel, float], *, first: bool) -> float:
        """How many seconds have gone by on a channel since its last frame without audio."""
        late_s = self._late(channel, reached, first=first)
        if late_s:
            self._losses.forget()
        return late_s + self._losses.take(channel)

    def _late(self, channel: Channel, reached: dict[Channel, float], *, first: bool) -> float:
        moment, others = reached[channel], max(reached.values())
        late_s = others - moment
        if late_s < LATE_S:
            self._came_late.pop(channel, None)
            return 0.0
        if first and channel.quiet_s >= max(_SHORTEST_S, late_s / _FASTEST):
            self._came_late.pop(channel, None)
            return late_s
        if first and (not channel.clock or channel.quiet_s >= _SHORTEST_S):
            self._came_late.setdefault(channel, (moment, others))
        came, then = self._came_late.get(channel, (moment, others))
        if moment - came < _SEEN_S:
            return 0.0
        del self._came_late[channel]
        return late_s if others - then >= _SEEN_S / 2 else 0.0
