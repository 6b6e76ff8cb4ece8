"""Live captions: PCM goes to the streaming recogniser, what it hears becomes stored segments.

The recogniser may fail, fall silent or fall behind; that costs captions, never words: what it has not settled is a
hole in the transcript, and holes are filled from the stored audio.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from common.conversations import coverage, spans
from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.core import clock
from common.core.logs import get_logger
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment
from common.speech.transcriber import BYTES_PER_SECOND, Heard, StreamingTranscriber, TranscriptionStream, Utterance

BUFFER_S = 60.0
"""Audio kept for a recogniser that is behind or being reconnected; beyond it the repair takes over."""
_PIECE_S = 0.1
_CUT = b""
"""In the place of audio: here a stream ends."""
_GAP_S = 0.05
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Captions:
    """Recognises one connection's audio.

    Args:
        uid: the owner.
        language: spoken language, a BCP-47 tag or `multi`.
        transcriber: the provider.
        takes: the connection's takes, oldest first; read when something is heard.
        arrived_at: when a moment of the connection's audio arrived.
        said: told each take's new segments once they are stored.
        interrupted: told the provider's name when it failed and is being reconnected.
    """

    def __init__(
        self,
        *,
        uid: str,
        language: str,
        transcriber: StreamingTranscriber,
        takes: list[Take],
        arrived_at: Callable[[float], datetime],
        said: Callable[[list[TranscriptSegment]], Awaitable[None]],
        interrupted: Callable[[str], Awaitable[None]],
    ) -> None:
        self._uid = uid
        self._language = language
        self._transcriber = transcriber
        self._takes = takes
        self._arrived_at = arrived_at
        self._said = said
        self._interrupted = interrupted
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._waiting_s = 0.0
        self._news = asyncio.Event()
        self._finished = False
        self._streaming = False
        self.settled: list[Interval] = []

    def feed(self, begin: float, pcm: bytes) -> None:
        """Give audio that begins at `begin` on the connection's clock. Never waits."""
        if not pcm:
            return  # a resampler keeps the first milliseconds to itself
        self._waiting.append((begin, pcm))
        self._waiting_s += len(pcm) / BYTES_PER_SECOND
        while self._waiting_s > BUFFER_S:
            _, dropped = self._waiting.popleft()
            self._waiting_s -= len(dropped) / BYTES_PER_SECOND
        self._news.set()

    def cut(self) -> None:
        """Have what was fed so far heard to its end, now; what comes after begins a new stream."""
        if self._waiting or self._streaming:
            self._waiting.append((0.0, _CUT))
            self._news.set()

    def finish(self) -> None:
        """Say that no more audio comes; `run` returns once everything has been heard."""
        self._finished = True
        self._news.set()

    def covered(self, take: Take) -> list[Interval]:
        """What is settled of a take, in its conversation."""
        return take.clip(self.settled)

    def settled_until(self) -> float:
        """The connection's moment up to which the newest stretch is settled."""
        return self.settled[-1].end if self.settled else 0.0

    async def run(self) -> None:
        """Recognise until finished, reconnecting as often as it takes."""
        pause = _FIRST_PAUSE_S
        while await self._audio_waits():
            before = self.settled_until()
            try:
                await self._recognise()
                pause = _FIRST_PAUSE_S
            except* Exception as errors:  # noqa: BLE001 - whatever a provider does, the audio goes on being stored
                kinds = sorted({type(error).__name__ for error in errors.exceptions})
                get_logger().warning("captions_interrupted", provider=self._transcriber.name, errors=kinds)
            else:
                continue
            if self._finished:
                return
            await self._interrupted(self._transcriber.name)
            pause = _FIRST_PAUSE_S if self.settled_until() > before else min(2 * pause, _LONGEST_PAUSE_S)
            await clock.sleep(pause)

    async def _audio_waits(self) -> bool:
        """Wait for audio; False when there is none and none will come."""
        while not self._waiting:
            if self._finished:
                return False
            self._news.clear()
            await self._news.wait()
        return True

    async def _recognise(self) -> None:
        """One stream, for as long as the audio has no gap."""
        while self._waiting and not self._waiting[0][1]:
            self._waiting.popleft()
        if not self._waiting:
            return
        base = self._waiting[0][0]
        self._streaming = True
        try:
            await self._stream(base)
        finally:
            self._streaming = False

    async def _stream(self, base: float) -> None:
        stream = await self._transcriber.open(language=self._language)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hear(stream, base))
                tasks.create_task(self._send(stream, base))
        finally:
            await stream.aclose()

    async def _send(self, stream: TranscriptionStream, base: float) -> None:
        expected = base
        while await self._audio_waits():
            if self._ends_here(expected):
                break
            piece = bytearray()
            while self._waiting and not self._ends_here(expected) and len(piece) < _PIECE_S * BYTES_PER_SECOND:
                begin, pcm = self._waiting.popleft()
                self._waiting_s -= len(pcm) / BYTES_PER_SECOND
                expected = begin + len(pcm) / BYTES_PER_SECOND
                piece += pcm
            await stream.send(bytes(piece))
        await stream.finish()

    def _ends_here(self, expected: float) -> bool:
        """Whether a stream that has got everything before `expected` gets nothing of what waits."""
        begin, pcm = self._waiting[0]
        # Where something was dropped, times go on only with a new stream.
        return not pcm or begin > expected + _GAP_S

    async def _hear(self, stream: TranscriptionStream, base: float) -> None:
        heard_until = base
        async for heard in stream:
            # A word that is told is settled, even by a provider who does not say so.
            until = base + max(heard.until, *(utterance.end for utterance in heard.utterances), 0.0)
            if until > heard_until:
                await self._settle(heard, base=base, begin=heard_until, until=until)
                heard_until = until

    async def _settle(self, heard: Heard, *, base: float, begin: float, until: float) -> None:
        """Store what was said between two moments, tell it, and only then count the stretch as settled."""
        for take in list(self._takes):
            said = [utterance for utterance in heard.utterances if _belongs(utterance, base, take)]
            stretch = take.clip([Interval(start=begin, end=until)])
            if not said or not stretch:
                continue
            segments = spans.to_segments(
                tuple(said),
                offset=take.at(base),
                conversation_id=take.conversation_id,
                session_id=take.session_id,
                provider=self._transcriber.name,
            )
            batch = SegmentBatch(
                session_id=take.session_id,
                start=stretch[0].start,
                end=stretch[-1].end,
                segments=segments,
                heard_at=self._arrived_at(base + said[-1].end),
            )
            await until_done(segment_batches.put, batch, uid=self._uid, conversation_id=take.conversation_id)
            await self._said(segments)
        self.settled = coverage.union([*self.settled, Interval(start=begin, end=until)])


def _belongs(utterance: Utterance, base: float, take: Take) -> bool:
    return take.holds(base + (utterance.start + utterance.end) / 2)
