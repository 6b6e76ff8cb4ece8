"""What a live session hands to realtime apps: names of what it has stored, and it never waits for anything.

News is noted in a bounded list and published by a task beside the session, about once a second and only while somebody
wants it. Whatever goes wrong there costs news that would be stale soon anyway; it is counted and logged.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from common.core import clock
from common.core.logs import get_logger
from common.database import audio_blocks, realtime, topics
from common.database.audio_blocks import AudioBlock
from common.database.realtime import Wanted
from common.database.segment_batches import SegmentBatch
from common.models.events import SegmentsReady

MOST_WAITING = 256
"""Pieces of news that wait for being published; beyond, new ones are dropped."""
WANTED_FOR_S = 10.0
"""After this it is asked again whether anybody wants the news."""
_PAUSE_S = 1.0
_MOST_TOGETHER = 64
_Source = tuple[str, str]


@dataclass(frozen=True)
class _News:
    conversation_id: str
    session_id: str
    batch: str = ""
    block: str = ""

    @property
    def source(self) -> _Source:
        """Each channel of a connection is a session of its own: they are told apart."""
        return self.conversation_id, self.session_id


@dataclass
class _Blocks:
    """Stored blocks of one session that are told together once they are long enough."""

    names: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, name: str) -> None:
        begin, _, end = name.rpartition("/")[2].partition("-")
        self.names.append(name)
        self.seconds += (int(end) - int(begin)) / 1000

    @property
    def full(self) -> bool:
        return self.seconds >= realtime.LONGEST_AUDIO_S or len(self.names) >= _MOST_TOGETHER


class RealtimeFeed:
    """One session's news. Belongs to an event loop; `close` it when the session is over."""

    def __init__(self, *, uid: str) -> None:
        self._uid = uid
        self._waiting: list[_News] = []
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._wanted = Wanted()
        self._asked_at: float | None = None
        self._app_blocks: dict[_Source, _Blocks] = {}
        self._developer_blocks: dict[_Source, _Blocks] = {}
        self._publishing: asyncio.Task[None] | None = None
        self.dropped = 0

    def segments(self, conversation_id: str, batch: SegmentBatch) -> None:
        """Say that a batch of segments was stored. Never waits, never raises."""
        self._note(_News(conversation_id, batch.session_id, batch=batch.stretch))

    def audio(self, conversation_id: str, block: AudioBlock) -> None:
        """Say that a block of audio was stored. Never waits, never raises."""
        name = audio_blocks.object_name(block, uid=self._uid, conversation_id=conversation_id)
        self._note(_News(conversation_id, block.session_id, block=name))

    async def close(self, *, within_s: float = 2.0) -> None:
        """Publish what is left, in `within_s` real seconds or not at all. Never raises."""
        self._closing.set()
        self._wake.set()
        if self._publishing is not None:
            await asyncio.wait({self._publishing}, timeout=within_s)
            self._publishing.cancel()
        self.dropped += len(self._waiting)
        if self.dropped:
            get_logger().warning("realtime_news_dropped", count=self.dropped)

    def _note(self, news: _News) -> None:
        if self._closing.is_set() or len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            return
        self._waiting.append(news)
        self._wake.set()
        if self._publishing is None:
            self._publishing = asyncio.create_task(self._run())

    async def _run(self) -> None:
        last = False
        while not last:
            await self._wake.wait()
            self._wake.clear()
            last = self._closing.is_set()
            news, self._waiting = self._waiting, []
            try:
                await self._publish(news, last=last)
            except Exception as error:  # noqa: BLE001 - whatever it is, the session must not hear of it
                self.dropped += len(news)
                get_logger().warning("realtime_news_unpublished", count=len(news), error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(clock.seconds(_PAUSE_S)):
                    await self._closing.wait()

    async def _publish(self, news: list[_News], *, last: bool) -> None:
        wanted = await self._ask()
        events = []
        for source in dict.fromkeys([each.source for each in news] + self._unfinished(last=last)):
            mine = [each for each in news if each.source == source]
            batches = [each.batch for each in mine if each.batch and wanted.transcript]
            blocks = [each.block for each in mine if each.block]
            told = zip_longest(
                [tuple(batches)] if batches else [],
                _together(self._app_blocks, source, blocks, every_s=wanted.app_audio_s, last=last),
                _together(self._developer_blocks, source, blocks, every_s=wanted.developer_audio_s, last=last),
                fillvalue=(),
            )
            events += [
                SegmentsReady(
                    uid=self._uid,
                    conversation_id=source[0],
                    batches=words,
                    audio=audio,
                    developer_audio=developer_audio,
                    happened_at=clock.now(),
                )
                for words, audio, developer_audio in told
            ]
        if events:
            await asyncio.to_thread(topics.publish, *events)

    async def _ask(self) -> Wanted:
        """Who wants what, as it was known a moment ago."""
        now = clock.monotonic()
        if self._asked_at is None or now - self._asked_at >= clock.seconds(WANTED_FOR_S):
            self._wanted = await asyncio.to_thread(realtime.wanted, uid=self._uid)
            self._asked_at = now
        return self._wanted

    def _unfinished(self, *, last: bool) -> list[_Source]:
        """Sessions with blocks that wait for more, when no more will come."""
        return [*self._app_blocks, *self._developer_blocks] if last else []


def _together(
    waiting: dict[_Source, _Blocks], source: _Source, names: Sequence[str], *, every_s: float, last: bool
) -> list[tuple[str, ...]]:
    """Blocks to tell now, in as many pieces as there have to be; the others go on waiting."""
    if not every_s:
        waiting.pop(source, None)
        return []
    told: list[tuple[str, ...]] = []
    blocks = waiting.pop(source, _Blocks())
    for name in names:
        blocks.add(name)
        if blocks.full:
            told.append(tuple(blocks.names))
            blocks = _Blocks()
    if blocks.names and (last or blocks.seconds >= every_s):
        told.append(tuple(blocks.names))
    elif blocks.names:
        waiting[source] = blocks
    return told
