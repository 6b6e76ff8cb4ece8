"""A listen connection from its first frame to the last word: the glue between channels, captions and conversation."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from common.conversations import coverage
from common.conversations.live.announcing import find_closed
from common.conversations.live.captions import Captions
from common.conversations.live.channel import Channel
from common.conversations.live.instance import Instance
from common.conversations.live.leaving import leave_conversation
from common.conversations.live.opening import open_conversation
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.retrying import until_done
from common.conversations.live.scribe import Scribe
from common.conversations.live.take import Take
from common.core import clock
from common.core.ids import new_id
from common.database import conversations
from common.database.audio_blocks import AudioBlock
from common.models.conversation import ConversationStatus
from common.models.listen import AudioStored, ConversationEvent, LastMemory, ServerEvent, ServiceStatus
from common.models.segment import TranscriptSegment
from common.speech.transcriber import StreamingTranscriber

HEARTBEAT_BYTES = 2
"""Binary messages of this size at most are keep-alives, not audio."""
GROUP_FRAMES = 5
GROUP_S = 0.1
"""On a busy instance frames are taken in so many at a time, or after so long."""


class Flow(Protocol):
    """The tap of what the client sends. Whoever is let go may still be heard until `leave`."""

    def pause(self) -> None:
        """Take nothing more from the client for now."""

    def resume(self) -> None:
        """Go on."""

    def let_go(self, error: Exception) -> None:
        """End the connection because of this."""


class LiveSession:
    """Serves one connection.

    Args:
        uid: the verified user.
        parameters: what the client asked for.
        outgoing: where messages to the client go.
        flow: holds the client back, and lets it go.
        transcribers: the providers of live recognition, best first.
        instance: what all connections of this process share.

    Raises:
        UnsupportedAudioError: the codec or sample rate cannot be decoded.
    """

    def __init__(
        self,
        *,
        uid: str,
        parameters: ListenParameters,
        outgoing: Outgoing,
        flow: Flow,
        transcribers: Sequence[StreamingTranscriber],
        instance: Instance,
    ) -> None:
        self._uid = uid
        self._parameters = parameters
        self._outgoing = outgoing
        self._flow = flow
        self._transcribers = transcribers
        self._instance = instance
        self._loop = asyncio.get_running_loop()
        self._scribe = Scribe(uid=uid, channels=parameters.channels, told=self._tell)
        self._channels = [
            Channel(
                uid=uid,
                number=number,
                codec=parameters.codec,
                sample_rate=parameters.sample_rate,
                captions=self._captions,
                stored=self._stored,
            )
            for number in range(parameters.channels)
        ]
        self._pending: list[bytes] = []
        self._catching_up: asyncio.Task[None] | None = None
        self._take_in_later: asyncio.TimerHandle | None = None
        self._recording_to: str | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._left = asyncio.Event()

    def frame(self, frame: bytes) -> None:
        """Take a frame of audio: at once, or with those after it where the instance is busy. Called for every one."""
        if len(frame) <= HEARTBEAT_BYTES or self._left.is_set():
            return
        self._pending.append(frame)
        if self._catching_up is not None:
            return
        if self._instance.busy and len(self._pending) < GROUP_FRAMES:
            if self._take_in_later is None:
                self._take_in_later = self._loop.call_later(GROUP_S, self._take_in)
            return
        self._take_in()

    def message(self, text: str) -> None:
        """Take a message of the client's. Called for every one."""

    def leave(self) -> None:
        """The client has gone, or is being sent away: nothing more comes."""
        self._left.set()

    async def run(self) -> None:
        """Serve until the client has left; then store and hear what is still on its way."""
        await self._greet()
        recording = [asyncio.create_task(channel.recorder.run()) for channel in self._channels]
        hearing = [asyncio.create_task(channel.captions.run()) for channel in self._channels]
        leaving = asyncio.create_task(self._left.wait())
        try:
            done, _ = await asyncio.wait({*recording, leaving}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._left.set()
            await self._drain(hearing)
            for task in (*recording, *hearing, *self._background):
                task.cancel()
            for take in self._takes():
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

    def _captions(self, channel: Channel) -> Captions:
        return Captions(
            language=self._parameters.spoken_language,
            vocabulary=(),
            transcribers=self._transcribers,
            spoken=lambda spoken: self._scribe.write(channel, spoken),
            speaking=lambda _: None,
            interrupted=self._interrupted,
        )

    # Audio that comes in

    def _take_in(self) -> None:
        """Give the channels what waits; where that takes waiting, hold the client back meanwhile."""
        if self._take_in_later is not None:
            self._take_in_later.cancel()
            self._take_in_later = None
        if not self._pending or self._catching_up is not None:
            return
        if self._recording_to is None or any(channel.recorder.full for channel in self._channels):
            self._catching_up = asyncio.create_task(self._catch_up())
            return
        frames, self._pending = self._pending, []
        self._distribute(frames)

    async def _catch_up(self) -> None:
        self._flow.pause()
        try:
            while self._pending:
                if self._recording_to is None:
                    await self._open()
                for channel in self._channels:
                    await channel.recorder.room()
                if self._recording_to is not None:
                    frames, self._pending = self._pending, []
                    self._distribute(frames)
        finally:
            self._catching_up = None
            self._flow.resume()

    def _distribute(self, frames: list[bytes]) -> None:
        if len(self._channels) == 1:
            self._channels[0].add(frames)
            return
        for channel in self._channels:
            own = [frame[1:] for frame in frames if frame[0] == channel.number]
            if own:
                channel.add(own)

    async def _open(self) -> None:
        """Find or begin the conversation that the audio which waits belongs to."""
        base = new_id().replace("-", "")[:12]
        opened = await until_done(
            open_conversation,
            uid=self._uid,
            session_id=base,
            parameters=self._parameters,
            instance=self._instance.name,
            audio_at=clock.now(),
        )
        for channel in self._channels:
            session_id = base if channel.number == 0 else f"{base}{channel.number}"
            if len(self._channels) > 1:
                await until_done(
                    conversations.set_session,
                    uid=self._uid,
                    conversation_id=opened.conversation_id,
                    session_id=session_id,
                    fields={"open": True, "covered": [], "channel": channel.number},
                )
            channel.begin(
                Take(
                    conversation_id=opened.conversation_id,
                    session_id=session_id,
                    begin=channel.clock,
                    offset=opened.offset,
                )
            )
        self._recording_to = opened.conversation_id
        self._instance.follow(uid=self._uid, conversation_id=opened.conversation_id, listener=self._on_change)

    # The conversation's way

    def _on_change(self, conversation_id: str, status: ConversationStatus | None) -> None:
        if status is ConversationStatus.IN_PROGRESS:
            return
        takes = [take for take in self._takes() if take.conversation_id == conversation_id]
        if conversation_id == self._recording_to:
            self._recording_to = None
            for channel in self._channels:
                take = channel.take
                channel.end()
                if take is not None:
                    self._spawn(self._retire(channel, take))
        if not takes[0].closed:
            takes[0].closed = True
            self._spawn(self._announce(takes[0], "memory_processing_started"))
        if status is None:
            self._spawn(self._announce(takes[0], "memory_created"))

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

    async def _retire(self, channel: Channel, take: Take) -> None:
        """Bring a closed conversation what is still on its way to it."""
        await channel.recorder.drained()
        deadline = clock.Deadline.real(self._instance.drain_s)
        while (
            not deadline.passed
            and take.end is not None
            and channel.captions.settled_until < take.end - coverage.NEGLIGIBLE_S
        ):
            await clock.sleep(0.1)
        await self._part(channel, take)

    async def _part(self, channel: Channel, take: Take) -> None:
        await until_done(leave_conversation, take, uid=self._uid, covered=channel.covered(take))
        take.left = True

    async def _drain(self, hearing: Sequence[asyncio.Task[None]]) -> None:
        """The connection is over: everything received is stored, and heard if that can be done in time."""
        if self._catching_up is not None:
            await asyncio.wait({self._catching_up})
        self._take_in()
        if self._catching_up is not None:
            await asyncio.wait({self._catching_up})
        for channel in self._channels:
            await channel.recorder.drained()
            channel.captions.finish()
        await asyncio.wait(hearing, timeout=self._instance.drain_s)
        for task in self._background:
            task.cancel()  # what they wait for is over, and nobody is there to be told
        for channel in self._channels:
            channel.end()
            for take in channel.takes:
                if not take.left:
                    await self._part(channel, take)

    # What the client is told

    def _tell(self, message: ServerEvent | list[TranscriptSegment]) -> None:
        """Queue a message. Who does not read is parted from, but what still comes from it is stored all the same."""
        try:
            if isinstance(message, list):
                self._outgoing.segments(message)
            else:
                self._outgoing.event(message)
        except SlowReaderError as error:
            self._flow.let_go(error)

    def _interrupted(self, provider: str) -> None:
        self._tell(ServiceStatus(status="stt_interrupted", provider=provider))

    def _stored(self, channel: Channel, take: Take, block: AudioBlock) -> None:
        if channel.number == 0:
            self._tell(AudioStored(conversation_id=take.conversation_id, until_s=round(block.end, 3)))

    def _takes(self) -> list[Take]:
        return [take for channel in self._channels for take in channel.takes]

    def _forget(self, take: Take) -> None:
        self._instance.forget(uid=self._uid, conversation_id=take.conversation_id, listener=self._on_change)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
