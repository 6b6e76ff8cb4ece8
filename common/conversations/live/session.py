"""A listen connection from its first frame to the last word: the glue between channels, conversation and client."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from common.conversations import coverage
from common.conversations.live.announcing import What, announcement
from common.conversations.live.captions import Captions
from common.conversations.live.channel import Channel
from common.conversations.live.flow import Flow
from common.conversations.live.following import Following
from common.conversations.live.hearing import Spoken
from common.conversations.live.instance import Instance
from common.conversations.live.leaving import leave_conversation
from common.conversations.live.messages import Messages
from common.conversations.live.opening import open_conversation
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.preparing import Prepared
from common.conversations.live.retrying import until_done
from common.conversations.live.scribe import Scribe
from common.conversations.live.take import Take
from common.core import clock
from common.core.ids import new_id
from common.database import conversations
from common.database.audio_blocks import AudioBlock
from common.models.conversation import ConversationStatus
from common.models.listen import (
    AudioStored,
    ConversationSession,
    LastMemory,
    ServerEvent,
    ServiceStatus,
)
from common.models.segment import TranscriptSegment

HEARTBEAT_BYTES = 2
"""Binary messages of this size at most are keep-alives, not audio."""
GROUP_FRAMES = 5
"""On a busy instance frames are taken in so many at a time."""


class LiveSession:
    """Serves one connection.

    Args:
        uid: the verified user.
        parameters: what the client asked for.
        prepared: how its audio is to be recognised.
        outgoing: where messages to the client go.
        flow: holds the client back, and lets it go.
        instance: what all connections of this process share.

    Raises:
        UnsupportedAudioError: the codec or sample rate cannot be decoded.
    """

    def __init__(
        self,
        *,
        uid: str,
        parameters: ListenParameters,
        prepared: Prepared,
        outgoing: Outgoing,
        flow: Flow,
        instance: Instance,
    ) -> None:
        self._uid = uid
        self._parameters = parameters
        self._prepared = prepared
        self._outgoing = outgoing
        self._flow = flow
        self._instance = instance
        self._loop = asyncio.get_running_loop()
        self._began_at = self._loop.time()
        self._following = Following(uid=uid, parameters=parameters, language=prepared.language, tell=self._tell)
        recognition = self._following.recognition
        self._scribe = Scribe(
            uid=uid, channels=parameters.channels, recognition=recognition, stored=self._following.stored
        )
        self._channels = [
            Channel(
                uid=uid,
                number=number,
                codec=parameters.codec,
                sample_rate=parameters.sample_rate,
                captions=self._captions,
                gate=prepared.gates[number] if prepared.gates else None,
                transcribed=not parameters.custom_stt,
                hear=recognition.hear if recognition is not None else None,
                stored=self._stored,
            )
            for number in range(parameters.channels)
        ]
        self._messages = Messages(
            uid=uid,
            custom_stt=parameters.custom_stt,
            connection=self,
            following=self._following,
            flow=flow,
            tell=self._tell,
        )
        self._pending: list[bytes] = []
        self._catching_up: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._opened = 0
        self.conversation_id: str | None = None
        """What the audio that comes now belongs to."""
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
            self._instance.do_soon(self._take_in)
            return
        self._take_in()

    def message(self, text: str) -> None:
        """Take a message of the client's."""
        if not self._left.is_set():
            self._messages.put(text)

    def leave(self) -> None:
        """The client has gone, or is being sent away: nothing more comes."""
        self._left.set()

    async def run(self) -> None:
        """Serve until the client has left; then store and hear what is still on its way."""
        self._spawn(self._greet())
        recording = [asyncio.create_task(channel.recorder.run()) for channel in self._channels]
        hearing = [asyncio.create_task(channel.captions.run()) for channel in self._channels]
        following = asyncio.create_task(self._following.run())
        messaging = asyncio.create_task(self._messages.run())
        leaving = asyncio.create_task(self._left.wait())
        try:
            serving = {*recording, *hearing, following, messaging, leaving}
            done, _ = await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._left.set()
            leaving.cancel()
            await self._drain(hearing, messaging)
            for task in (*recording, *hearing, following, messaging, *self._background):
                task.cancel()
            for take in self._takes():
                self._forget(take)

    # For those who handle messages

    @property
    def now(self) -> float:
        """The connection's moment: seconds of audio received, or since it began where less or none has come."""
        return max(self._channels[0].clock, self._loop.time() - self._began_at)

    async def open(self, *, at: float | None = None) -> list[Take]:
        """The takes of this connection's first channel; the last one is open, and begun where there was none.

        Args:
            at: the connection's moment that a take which must begin now shall hold; None is that of the next audio.
        """
        async with self._opening:
            while self.conversation_id is None:
                await self._open(at)
        return self._channels[0].takes

    # Audio that comes in

    def _take_in(self) -> None:
        """Give the channels what waits; where that takes waiting, hold the client back meanwhile."""
        if not self._pending or self._catching_up is not None:
            return
        if self.conversation_id is None or not self._has_room():
            self._catching_up = asyncio.create_task(self._catch_up())
            return
        frames, self._pending = self._pending, []
        self._distribute(frames)

    async def _catch_up(self) -> None:
        self._flow.pause()
        try:
            while self._pending:
                await self.open()
                for channel in self._channels:
                    await channel.recorder.room()
                if self.conversation_id is not None:
                    frames, self._pending = self._pending, []
                    self._distribute(frames)
        finally:
            self._catching_up = None
            self._flow.resume()

    def _has_room(self) -> bool:
        if len(self._channels) == 1:
            return not self._channels[0].recorder.full
        return not any(channel.recorder.full for channel in self._channels)

    def _distribute(self, frames: list[bytes]) -> None:
        if len(self._channels) == 1:
            self._channels[0].add(frames)
            return
        for channel in self._channels:
            own = [frame[1:] for frame in frames if frame[0] == channel.number]
            if own:
                channel.add(own)

    def _captions(self, channel: Channel) -> Captions:
        return Captions(
            language=self._prepared.language,
            vocabulary=self._prepared.vocabulary,
            transcribers=self._prepared.transcribers,
            spoken=lambda spoken: self._scribe.write(channel, spoken),
            speaking=lambda spoken: self._speaking(channel, spoken),
            interrupted=lambda provider: self._tell(ServiceStatus(status="stt_interrupted", provider=provider)),
            resumed=lambda provider: self._tell(ServiceStatus(status="ready", provider=provider)),
        )

    def _speaking(self, channel: Channel, spoken: Spoken) -> None:
        for take, segments in self._scribe.sketch(channel, spoken):
            self._following.screen.provisional(take.conversation_id, segments, session_id=take.session_id)

    # The conversation's way

    async def _open(self, at: float | None) -> None:
        """Find or begin the conversation that what comes now belongs to."""
        base = new_id().replace("-", "")[:12]
        ago = 0.0 if at is None else max(0.0, self.now - at)
        opened = await until_done(
            open_conversation,
            uid=self._uid,
            session_id=base,
            parameters=self._parameters,
            instance=self._instance.name,
            audio_at=clock.now() - timedelta(seconds=ago),
        )
        if opened.resumed and self._following.recognition is not None:
            await self._following.recognition.recall(opened.conversation_id)
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
            begin = channel.clock if at is None else at
            channel.begin(
                Take(conversation_id=opened.conversation_id, session_id=session_id, begin=begin, offset=opened.offset)
            )
        self.conversation_id = opened.conversation_id
        self._opened += 1
        self._instance.follow(uid=self._uid, conversation_id=opened.conversation_id, listener=self._on_change)
        self._tell(
            ConversationSession(
                conversation_id=opened.conversation_id,
                recording_session_id=base,
                lifecycle_phase="resumed" if opened.resumed else "opened",
                lifecycle_sequence=self._opened,
            )
        )
        if opened.resumed:  # somebody may have closed it before we followed it
            await until_done(self._instance.look, uid=self._uid, conversation_id=opened.conversation_id)

    def _on_change(self, conversation_id: str, status: ConversationStatus | None) -> None:
        if status is ConversationStatus.IN_PROGRESS:
            return
        takes = [take for take in self._takes() if take.conversation_id == conversation_id]
        if conversation_id == self.conversation_id:
            self.conversation_id = None
            for channel in self._channels:
                take = channel.take
                self._end_take(channel)
                if take is not None:
                    self._spawn(self._retire(channel, take))
        if not takes[0].closed:
            takes[0].closed = True
            self._spawn(self._announce(takes[0], "memory_processing_started"))
        if status is None:
            self._forget(takes[0])
            self._spawn(self._announce(takes[0], "memory_created"))

    def _end_take(self, channel: Channel) -> None:
        """The take ends where the audio does, or now where there is none and the client tells its words."""
        channel.end(channel.clock if channel.clock or not self._parameters.custom_stt else self.now)

    async def _announce(self, take: Take, what: What) -> None:
        """Tell the client what became of a conversation."""
        text = await until_done(announcement, what, uid=self._uid, conversation_id=take.conversation_id)
        if text is not None:
            self._tell(text)

    async def _retire(self, channel: Channel, take: Take) -> None:
        """Bring a closed conversation what is still on its way to it."""
        await channel.recorder.drained()
        deadline = clock.Deadline.real(self._instance.drain_s)
        # A client that recognises by itself may have told words without any audio: there is nothing to be heard.
        until = min(channel.clock, channel.clock if take.end is None else take.end) - coverage.NEGLIGIBLE_S
        while not deadline.passed and channel.captions.settled_until < until:
            await clock.sleep(0.1)
        await self._part(channel, take)

    async def _part(self, channel: Channel, take: Take) -> None:
        await until_done(
            leave_conversation,
            take,
            uid=self._uid,
            covered=channel.covered(take),
            suggestions=self._following.suggestions(take),
        )
        take.left = True

    async def _drain(self, hearing: list[asyncio.Task[None]], messaging: asyncio.Task[None]) -> None:
        """The connection is over: everything received is stored, and heard if that can be done in time."""
        while self._pending or self._catching_up is not None:
            self._take_in()
            if self._catching_up is not None:
                await asyncio.wait({self._catching_up})
        for channel in self._channels:
            await channel.recorder.drained()
            channel.finish()
        handling = asyncio.create_task(self._messages.drained())
        await asyncio.wait(hearing, timeout=self._instance.drain_s)
        # Whoever handles messages may have failed: then none of them is handled any more.
        await asyncio.wait({handling, messaging}, return_when=asyncio.FIRST_COMPLETED)
        handling.cancel()
        await self._following.finish()
        for task in self._background:
            task.cancel()  # what they wait for is over, and nobody is there to be told
        for channel in self._channels:
            self._end_take(channel)
            for take in channel.takes:
                if not take.left:
                    await self._part(channel, take)

    # What the client is told

    async def _greet(self) -> None:
        self._tell(ServiceStatus(status="initiating"))
        self._tell(ServiceStatus(status="in_progress_conversations_processing"))
        newest = await until_done(
            conversations.list_newest, uid=self._uid, limit=1, statuses=[ConversationStatus.COMPLETED.value]
        )
        if newest:
            self._tell(LastMemory(memory_id=newest[0].id))
        self._tell(ServiceStatus(status="stt_initiating"))
        self._tell(ServiceStatus(status="ready"))

    def _tell(self, message: ServerEvent | list[TranscriptSegment] | str) -> None:
        """Queue a message. Who does not read is parted from, but what still comes from it is stored all the same."""
        try:
            if isinstance(message, str):
                self._outgoing.text(message)
            elif isinstance(message, list):
                self._outgoing.segments(message)
            else:
                self._outgoing.event(message)
        except SlowReaderError as error:
            self._flow.let_go(error)

    def _stored(self, channel: Channel, take: Take, block: AudioBlock) -> None:
        self._following.recorded(take, block)
        number = channel.number if len(self._channels) > 1 else None
        self._tell(AudioStored(conversation_id=take.conversation_id, until_s=round(block.end, 3), channel=number))

    def _takes(self) -> list[Take]:
        return [take for channel in self._channels for take in channel.takes]

    def _forget(self, take: Take) -> None:
        self._instance.forget(uid=self._uid, conversation_id=take.conversation_id, listener=self._on_change)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
