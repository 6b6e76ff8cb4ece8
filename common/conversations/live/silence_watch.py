"""A connection on which audio comes and nobody speaks for a quarter of an hour: its user may want to know.

Here that is only noticed, once per connection; whether they are told is decided where the event arrives.
"""

import asyncio
from collections.abc import Sequence

from common.conversations.live.channel import Channel
from common.conversations.live.following import Following
from common.conversations.live.retrying import until_done
from common.core import clock
from common.core.ids import new_id
from common.core.settings import settings
from common.database import topics
from common.models.events import UserSilent

_NO_AUDIO_S = 60.0
"""Real seconds without audio after which nobody listens to a silence: the client is muted, and knows it."""


class SilenceWatch:
    """Watches one connection.

    Args:
        uid: the owner.
        channels: its tracks; of one with a gate, what the gate lets through is a voice.
        following: knows when words came, which is all there is to know of a track without a gate.
    """

    def __init__(self, *, uid: str, channels: Sequence[Channel], following: Following) -> None:
        self._uid = uid
        self._channels = channels
        self._following = following
        self._since = clock.monotonic()

    async def run(self) -> None:
        """Wait for the silence, and say so; returns once that is done."""
        longest_s = clock.seconds(settings().silence_notice_s)
        while (left_s := self._silent_from + longest_s - clock.monotonic()) > 0 or not self._listens():
            if left_s <= 0:
                # Counts anew from here: a client that sends nothing is not silent.
                self._since, left_s = clock.monotonic(), longest_s
            await asyncio.sleep(left_s)
        noticed_at = clock.now()
        since = noticed_at - clock.duration(settings().silence_notice_s)
        event = UserSilent(uid=self._uid, notice_id=new_id(), since=since, noticed_at=noticed_at)
        await until_done(topics.publish, event)

    @property
    def _silent_from(self) -> float:
        """The moment, on the monotonic clock, since when nobody has spoken."""
        return max(self._since, self._following.said_at, *(channel.voiced_at for channel in self._channels))

    def _listens(self) -> bool:
        """Whether audio comes."""
        return max(channel.fed_at for channel in self._channels) > clock.monotonic() - _NO_AUDIO_S
