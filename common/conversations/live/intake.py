"""Frames on their way from the socket to the channels: at once where that is possible, else the client is held back."""

import asyncio
import random
from collections.abc import Sequence
from contextvars import copy_context

from common.conversations.live.aligning import Alignment
from common.conversations.live.belonging import Belonging
from common.conversations.live.channel import Channel
from common.conversations.live.flow import Flow
from common.conversations.live.load import Load
from common.conversations.live.numbering import PATIENCE_S, Numbering
from common.core import clock

GROUP_FRAMES = 5
"""On a busy instance frames are taken in so many at a time."""


class Intake:
    """Takes one connection's frames, in order; none is lost while something is waited for.

    Args:
        channels: where they go.
        belonging: which conversation they belong to.
        flow: holds the client back.
        load: whether there is much to do.
        numbering: of several channels, which one a frame names with its first byte; None where there is one.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        *,
        belonging: Belonging,
        flow: Flow,
        load: Load,
        numbering: Numbering | None,
    ) -> None:
        self._channels = channels
        self._only = channels[0] if numbering is None else None
        self._numbering = numbering
        self._alignment = Alignment(channels)
        self._counting: asyncio.TimerHandle | None = None
        self._belonging = belonging
        self._flow = flow
        self._load = load
        self._pending: list[bytes] = []
        self._place = _anywhere()
        self._catching_up: asyncio.Task[None] | None = None
        # In whose context the server calls with a frame is an accident; what follows is done for this connection.
        self._context = copy_context()

    def put(self, frame: bytes) -> None:
        """Take a frame: at once, or with those after it where the instance is busy. Called for every one."""
        belonging, only = self._belonging, self._only
        in_time = clock.monotonic() < self._load.late_from
        calm = in_time and not self._load.busy and not self._pending and self._catching_up is None
        began = belonging.conversation_id is not None and not belonging.ending
        if calm and began and only is not None and not only.recorder.full:  # as it nearly always is
            only.add((frame,))
            return
        self._pending.append(frame)
        if self._catching_up is not None:
            return
        if not in_time:
            self._flow.pause()  # at once, for until the task runs all that is on the wire would come
            self._catching_up = asyncio.create_task(self._take_turn(), context=self._context.copy())
            return
        if self._load.busy:
            self._place = (self._place + 1) % GROUP_FRAMES
            if self._place:
                if len(self._pending) == 1:
                    self._load.do_soon(self._take_in)
                return
            self._load.call_off(self._take_in)
        self._take_in()

    async def drained(self) -> None:
        """Wait until every frame is with its channel."""
        while self._pending or self._catching_up is not None:
            self._take_in(at_once=True)
            if self._catching_up is not None:
                await asyncio.wait({self._catching_up})
        if self._belonging.awaits_voice:
            speaking = [channel.overheard() for channel in self._channels]
            if any(speaking):
                await self._belonging.open()

    def _take_in(self, *, at_once: bool = False) -> None:
        """Give the channels what waits; where that takes waiting, hold the client back meanwhile.

        Args:
            at_once: nothing more is waited for that may show how the client counts its channels.
        """
        if not self._pending or self._catching_up is not None:
            return
        if self._numbering is not None and not self._counted(self._numbering, at_once=at_once):
            return
        if self._belonging.awaits_voice and not self._overhear():
            return
        if self._belonging.conversation_id is None or not self._has_room():
            self._catching_up = asyncio.create_task(self._catch_up(), context=self._context.copy())
            return
        self._give()
        if self._pending:
            self._take_in(at_once=at_once)

    def _counted(self, numbering: Numbering, *, at_once: bool) -> bool:
        """Whether it shows by now how the client counts its channels; else it is decided a little later."""
        counted = numbering.decide(self._pending, at_once=at_once)
        if counted and self._counting is not None:
            self._counting.cancel()
            self._counting = None
        elif not counted and self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(PATIENCE_S, self._count_at_last)
        return counted

    def _count_at_last(self) -> None:
        self._counting = None
        self._take_in(at_once=True)

    async def _take_turn(self) -> None:
        """Take in what waits once everybody else has had their turn: somebody, perhaps this client, sends much."""
        try:
            await self._load.turn()
        finally:
            self._catching_up = None
            self._flow.resume()
        self._take_in()

    async def _catch_up(self) -> None:
        self._flow.pause()
        try:
            await self._belonging.open()
            while self._pending:
                for channel in self._channels:
                    await channel.recorder.room()
                await self._belonging.open()
                self._give()
        finally:
            self._catching_up = None
            self._place = _anywhere()  # what held up this connection has perhaps held up others until this moment
            self._flow.resume()

    def _has_room(self) -> bool:
        return not any(channel.recorder.full for channel in self._channels)

    def _give(self) -> None:
        """Give the channels what belongs to the conversation that is open."""
        while self._pending and self._belonging.ending:
            frame = self._pending.pop(0)
            self._distribute([frame])
            self._belonging.end_at_pause()
        if self._belonging.conversation_id is not None:
            frames, self._pending = self._pending, []
            self._distribute(frames)

    def _distribute(self, frames: list[bytes]) -> None:
        if self._numbering is None:
            self._channels[0].add(frames)
            return
        self._numbering.decide(frames, at_once=True)
        for part in self._alignment.parts(self._named(frames, self._numbering)):
            if part.late_s:
                part.channel.pass_over(part.late_s)
            part.channel.add(part.frames)

    def _overhear(self) -> bool:
        """Have the channels listen before anything is begun; whether somebody speaks."""
        frames, self._pending = self._pending, []
        if self._numbering is None:
            return self._channels[0].overhear(frames)
        speaking = [channel.overhear(own) for channel, own in _by_channel(self._named(frames, self._numbering))]
        return any(speaking)

    def _named(self, frames: list[bytes], numbering: Numbering) -> list[tuple[Channel | None, bytes]]:
        """The frames in order, each with its channel if it names one."""
        numbers = map(numbering.channel_of, frames)
        return [
            (None if number is None else self._channels[number], frame[1:])
            for number, frame in zip(numbers, frames, strict=True)
        ]


def _by_channel(named: Sequence[tuple[Channel | None, bytes]]) -> list[tuple[Channel, list[bytes]]]:
    parts: dict[Channel, list[bytes]] = {}
    for channel, frame in named:
        if channel is not None:
            parts.setdefault(channel, []).append(frame)
    return list(parts.items())


def _anywhere() -> int:
    """A place in a group. All connections at the same one would take their frames in at the same moment."""
    return random.randrange(GROUP_FRAMES)  # noqa: S311 - nothing is kept secret by it
