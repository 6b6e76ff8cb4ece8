"""Store before understand: frames become blocks in the audio bucket, in order, every few seconds."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from common.conversations.live.retrying import done_by
from common.conversations.live.take import Take
from common.core import clock
from common.core.process import give_way
from common.core.settings import settings
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Interval
from common.speech.blocks import encode_block
from common.speech.marks import marks_of

WAITING_BLOCKS = 16
"""Blocks that may wait for the bucket; then the socket is not read any further."""
LARGEST_BLOCK = 1024 * 1024
"""Bytes at which a block is closed early; only what is no speech has so many in a few seconds."""

UPLOADS = 8
"""Blocks on their way at once. An upload computes more than it waits, so more of them keep the event loop waiting."""


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(UPLOADS, "upload", initializer=give_way)


@dataclass
class _Filling:
    """The block that frames go into; times on the connection's clock."""

    take: Take
    begin: float
    end: float
    opened_at: float
    frames: list[bytes] = field(default_factory=list)
    size: int = 0


class Recorder:
    """Stores one connection's frames, or one channel's.

    Args:
        uid: the owner.
        codec: how the frames are coded.
        sample_rate: hertz the client named.
        covered: what is settled of a take at this moment, in its conversation.
        wordless: the same of what is voiced for long without a word.
        stored: told the take and the block that is safe now.
    """

    def __init__(
        self,
        *,
        uid: str,
        codec: str,
        sample_rate: int,
        covered: Callable[[Take], list[Interval]],
        wordless: Callable[[Take], list[Interval]],
        stored: Callable[[Take, AudioBlock], None],
    ) -> None:
        self._uid = uid
        self._codec = codec
        self._sample_rate = sample_rate
        self._covered = covered
        self._wordless = wordless
        self._stored = stored
        self._block_s = settings().block_seconds
        self._filling: _Filling | None = None
        self._waiting: asyncio.Queue[_Filling] = asyncio.Queue()
        self._taken = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether so much waits for the bucket that nothing more should be taken from the client."""
        return self._waiting.qsize() > WAITING_BLOCKS

    async def room(self) -> None:
        """Wait until it is not full."""
        while self.full:
            self._taken.clear()
            await self._taken.wait()

    def add(self, frames: Sequence[bytes], *, take: Take, begin: float, end: float) -> None:
        """Take frames; they are kept, full or not."""
        filling = self._filling
        if filling is not None and filling.take is not take:
            self.flush()
            filling = None
        if filling is None:
            filling = self._filling = _Filling(take, begin, begin, clock.monotonic())
        filling.frames.extend(frames)
        filling.size += sum(map(len, frames))
        filling.end = end
        if end - filling.begin >= self._block_s or filling.size >= LARGEST_BLOCK:
            self.flush()

    def flush(self) -> None:
        """Close the block that is being filled, if there is one."""
        if self._filling is not None:
            self._waiting.put_nowait(self._filling)
            self._filling = None

    async def drained(self) -> None:
        """Close the block and wait until everything is stored."""
        self.flush()
        await self._waiting.join()

    async def run(self) -> None:
        """Store what waits, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._close_by_age())
            tasks.create_task(self._store())

    async def _store(self) -> None:
        while True:
            filled = await self._waiting.get()
            self._taken.set()
            take = filled.take
            block = AudioBlock(
                session_id=take.session_id,
                start=take.at(filled.begin),
                end=take.at(filled.end),
                codec=self._codec,
                sample_rate=self._sample_rate,
                covered=tuple(self._covered(take)),
                wordless=tuple(self._wordless(take)),
                marks=marks_of(filled.frames, length_s=filled.end - filled.begin),
            )
            data = encode_block(filled.frames)
            await done_by(
                _threads(), audio_blocks.put, block, data, uid=self._uid, conversation_id=take.conversation_id
            )
            self._waiting.task_done()
            self._stored(take, block)

    async def _close_by_age(self) -> None:
        """A client that sends little must not wait for the block to be full."""
        while True:
            await clock.sleep(self._block_s / 4)
            filling = self._filling
            if filling is not None and clock.monotonic() - filling.opened_at >= clock.seconds(self._block_s):
                self.flush()
