"""A listen connection from its first frame to the last word: the glue between recorder, captions and conversation."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime
from typing import Any

from common.conversations import coverage
from common.conversations.live.announcing import find_closed
from common.conversations.live.captions import Captions
from common.conversations.live.instance import Instance
from common.conversations.live.leaving import leave_conversation
from common.conversations.live.opening import open_conversation
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.recorder import Recorder
from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.core import clock
from common.core.errors import InvalidInputError
from common.core.ids import new_id
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import conversations
from common.models.conversation import ConversationStatus
from common.models.listen import AudioStored, ConversationEvent, LastMemory, ServerEvent, ServiceStatus
from common.models.segment import TranscriptSegment
from common.speech.codecs import frame_decoder
from common.speech.transcriber import StreamingTranscriber

HEARTBEAT_BYTES = 2
"""Binary messages of this size at most are keep-alives, not audio."""
_ARRIVALS_KEPT = 600


class LiveSession:
    """Serves one connection.

    Args:
        uid: the verified user.
        parameters: what the client asked for.
        outgoing: where messages to the client go.
        transcriber: the provider of live recognition.
        instance: the process's shared watch.

    Raises:
        UnsupportedAudioError: the codec or sample rate cannot be decoded.
    """

    def __init__(
        self,
        *,
        uid: str,
        parameters: ListenParameters,
        outgoing: Outgoing,
        transcriber: StreamingTranscriber,
        instance: Instance,
    ) -> None:
        self._uid = uid
        self._parameters = parameters
        self._outgoing = outgoing
        self._instance = instance
        self._decoder = frame_decoder(parameters.codec, parameters.sample_rate)
        self._clock = 0.0
        self._arrivals: deque[tuple[float, datetime]] = deque(maxlen=_ARRIVALS_KEPT)
        self._takes: list[Take] = []
        self._take: Take | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._too_slow = asyncio.Event()
        self._captions = Captions(
            uid=uid,
            language=parameters.spoken_language,
            transcriber=transcriber,
            takes=self._takes,
            arrived_at=self._arrived_at,
            said=self._said,
            interrupted=self._interrupted,
        )
        self._recorder = Recorder(
            uid=uid,
            codec=parameters.codec,
            sample_rate=parameters.sample_rate,
            covered=self._captions.covered,
            stored=self._stored,
        )

    async def run(self, frames: AsyncIterator[bytes]) -> None:
        """Take frames until they end, however they end; then store and hear what is still on its way.

        Raises:
            SlowReaderError: the client does not read what it is told.
        """
        await self._greet()
        recording = asyncio.create_task(self._recorder.run())
        hearing = asyncio.create_task(self._captions.run())
        receiving = asyncio.create_task(self._receive(frames))
        overrunning = asyncio.create_task(self._overrun())
        try:
            done, _ = await asyncio.wait({recording, receiving, overrunning}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            receiving.cancel()
            overrunning.cancel()
            # What it has taken from the socket is with the recorder by then, and nothing comes after.
            await asyncio.wait({receiving, overrunning})
            await self._drain(hearing)
            for task in (recording, hearing, *self._background):
                task.cancel()
            for take in self._takes:
                self._forget(take)

    async def _greet(self) -> None:
        self._tell(ServiceStatus(status="initiating"))
        self._tell(ServiceStatus(status="in_progress_conversations_processing"))
        await self._instance.ensure_watching()
        newest = await asyncio.to_thread(
            conversations.list_newest, uid=self._uid, limit=1, statuses=[ConversationStatus.COMPLETED.value]
        )
        if newest:
            self._tell(LastMemory(memory_id=newest[0].id))
        self._tell(ServiceStatus(status="stt_initiating"))
        self._tell(ServiceStatus(status="ready"))

    async def _receive(self, frames: AsyncIterator[bytes]) -> None:
        async for frame in frames:
            if len(frame) > HEARTBEAT_BYTES:
                await self._on_frame(frame)

    async def _on_frame(self, frame: bytes) -> None:
        seconds = self._decoder.frame_seconds(frame)
        take = self._take or await self._open_take()
        begin, self._clock = self._clock, self._clock + seconds
        self._note_arrival()
        await self._recorder.add(frame, take=take, begin=begin, end=self._clock)
        try:
            self._captions.feed(begin, self._decoder.decode(frame))
        except InvalidInputError:
            get_logger().warning("frame_undecodable", codec=self._parameters.codec)

    async def _open_take(self) -> Take:
        session_id = new_id().replace("-", "")[:12]
        opened = await until_done(
            open_conversation,
            uid=self._uid,
            session_id=session_id,
            parameters=self._parameters,
            instance=self._instance.name,
            audio_at=clock.now(),
        )
        take = Take(
            conversation_id=opened.conversation_id,
            session_id=session_id,
            begin=self._clock,
            offset=opened.offset,
        )
        self._takes.append(take)
        self._take = take
        self._instance.follow(uid=self._uid, conversation_id=take.conversation_id, listener=self._on_change)
        return take

    def _on_change(self, conversation_id: str, status: ConversationStatus | None) -> None:
        if status is ConversationStatus.IN_PROGRESS:
            return
        take = next(take for take in self._takes if take.conversation_id == conversation_id)
        if take is self._take:
            take.end, self._take = self._clock, None
            self._captions.cut()
            self._spawn(self._retire(take))
        if not take.closed:
            take.closed = True
            self._spawn(self._announce(take, "memory_processing_started"))
        if status is None:
            self._spawn(self._announce(take, "memory_created"))

    async def _announce(self, take: Take, event: str) -> None:
        """Tell the client what became of a conversation; of one that was empty, nothing."""
        conversation = await until_done(find_closed, uid=self._uid, conversation_id=take.conversation_id)
        if conversation is None:
            return
        if event == "memory_created":
            self._forget(take)
        elif not conversation.has_words or conversation.status.terminal:
            return
        self._tell(ConversationEvent.model_validate({"type": event, "memory": conversation.to_wire()}))

    async def _retire(self, take: Take) -> None:
        """Bring a closed conversation what is still on its way to it."""
        await self._recorder.drained()
        deadline = clock.Deadline.real(settings().drain_seconds)
        while (
            not deadline.passed
            and take.end is not None
            and self._captions.settled_until() < take.end - coverage.NEGLIGIBLE_S
        ):
            await clock.sleep(0.1)
        await self._leave(take)

    async def _leave(self, take: Take) -> None:
        await until_done(leave_conversation, take, uid=self._uid, covered=self._captions.covered(take))
        take.left = True

    async def _drain(self, hearing: asyncio.Task[None]) -> None:
        """The connection is over: everything received is stored, and heard if that can be done in time."""
        await self._recorder.drained()
        self._captions.finish()
        await asyncio.wait({hearing}, timeout=settings().drain_seconds)
        for task in self._background:
            task.cancel()  # what they wait for is over, and nobody is there to be told
        if self._take is not None:
            self._take.end = self._clock
        for take in self._takes:
            if not take.left:
                await self._leave(take)

    def _tell(self, message: ServerEvent | list[TranscriptSegment]) -> None:
        """Queue a message. Who does not read is parted from, but what still comes from it is stored all the same."""
        try:
            if isinstance(message, list):
                self._outgoing.segments(message)
            else:
                self._outgoing.event(message)
        except SlowReaderError:
            self._too_slow.set()

    async def _overrun(self) -> None:
        await self._too_slow.wait()
        raise SlowReaderError("the client does not read")

    def _forget(self, take: Take) -> None:
        self._instance.forget(uid=self._uid, conversation_id=take.conversation_id, listener=self._on_change)

    async def _said(self, segments: list[TranscriptSegment]) -> None:
        self._tell(segments)

    async def _interrupted(self, provider: str) -> None:
        self._tell(ServiceStatus(status="stt_interrupted", provider=provider))

    async def _stored(self, conversation_id: str, until_s: float) -> None:
        self._tell(AudioStored(conversation_id=conversation_id, until_s=round(until_s, 3)))

    def _note_arrival(self) -> None:
        """One note per second of audio is enough to tell later when a word arrived."""
        if not self._arrivals or self._clock - self._arrivals[-1][0] >= 1.0:
            self._arrivals.append((self._clock, clock.now()))

    def _arrived_at(self, moment: float) -> datetime:
        for at, arrived in self._arrivals:
            if at >= moment:
                return arrived
        return clock.now()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
