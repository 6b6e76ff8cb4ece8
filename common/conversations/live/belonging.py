"""Which conversation a connection's audio belongs to, from its opening to the last word that is brought to it."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from common.conversations import coverage
from common.conversations.live.announcing import Announcer
from common.conversations.live.channel import Channel
from common.conversations.live.flow import Flow
from common.conversations.live.following import Following
from common.conversations.live.instance import Instance
from common.conversations.live.leaving import leave_conversation, let_go_if_deleted
from common.conversations.live.opening import Opened, open_conversation
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.retrying import until_done
from common.conversations.live.screen import Tell
from common.conversations.live.take import Take
from common.core import clock
from common.core.ids import new_id
from common.database import conversations
from common.models.conversation import ConversationStatus
from common.models.listen import ConversationSession

_NO_AUDIO_S = 2.0
"""Real seconds without audio after which nobody is waited for to finish a word."""


class Belonging:
    """The conversations of one connection, one after the other.

    Args:
        uid: the owner.
        parameters: what the client asked for.
        channels: the tracks of the connection, which all belong to the same conversation.
        following: what follows what they bring.
        instance: tells what becomes of conversations.
        flow: lets the client go.
        tell: queues a message for the client.
    """

    def __init__(
        self,
        *,
        uid: str,
        parameters: ListenParameters,
        channels: Sequence[Channel],
        following: Following,
        instance: Instance,
        flow: Flow,
        tell: Tell,
    ) -> None:
        self._uid = uid
        self._parameters = parameters
        self._channels = channels
        self._following = following
        self._instance = instance
        self._flow = flow
        self._tell = tell
        self._announcer = Announcer(uid=uid, tell=tell)
        self._loop = asyncio.get_running_loop()
        self._began_at = self._loop.time()
        self._opening = asyncio.Lock()
        self._opened = 0
        self._background: set[asyncio.Task[None]] = set()
        # What happens to a conversation is told from outside, where nothing is known of whom this is done for.
        self._context = copy_context()
        self.ending = False
        """Whether the conversation is closed, and what is being said still belongs to it."""
        self.conversation_id: str | None = None
        """What the audio that comes now belongs to."""

    @property
    def now(self) -> float:
        """The connection's moment: seconds of audio received, or since it began where less or none has come."""
        return max(self._channels[0].clock, self._loop.time() - self._began_at)

    @property
    def awaits_voice(self) -> bool:
        """Whether nothing is begun until somebody speaks.

        A client that streams on after its conversation was closed would else begin one every few minutes, with nothing
        in it.
        """
        idle = self.conversation_id is None and not self._opening.locked()
        return idle and self._opened > 0 and all(channel.gated for channel in self._channels)

    async def open(self, *, at: float | None = None) -> list[Take]:
        """The takes of this connection's first channel; the last one is open, and begun where there was none.

        Args:
            at: the connection's moment that a take which must begin now shall hold; None is that of the next audio.
        """
        async with self._opening:
            while self.conversation_id is None:
                await self._open(at)
        return self._channels[0].takes

    async def part(self) -> None:
        """The connection is over: take leave of every conversation that it still belongs to."""
        for task in self._background:
            task.cancel()  # what they wait for is over, and nobody is there to be told
        for channel in self._channels:
            self._end_take(channel)
            for take in channel.takes:
                if not take.left:
                    await self._part(channel, take)

    def end_at_pause(self) -> None:
        """While it is ending: end it if nobody speaks, or that was waited for long enough."""
        pauses = [channel.pause for channel in self._channels if channel.pause is not None]
        if self.ending and (all(pause.found for pause in pauses) or any(pause.overdue for pause in pauses)):
            self._end()

    def forget(self) -> None:
        """Hear of no conversation any more."""
        for take in self._takes():
            self._forget(take)
        for task in self._background:
            task.cancel()

    async def _open(self, at: float | None) -> None:
        """Find or begin the conversation that what comes now belongs to."""
        base = new_id().replace("-", "")[:12]
        held_s = max(channel.clock - channel.held_from for channel in self._channels)
        ago = held_s if at is None else max(0.0, self.now - at)
        # Of each channel, the moment at which the conversation finds it.
        found_at = [channel.clock - held_s if at is None else at for channel in self._channels]
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
        for channel, moment in zip(self._channels, found_at, strict=True):
            session_id = base if channel.number == 0 else f"{base}{channel.number}"
            await self._begin_take(channel, opened, session_id=session_id, found_at=moment, at=at)
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

    async def _begin_take(
        self, channel: Channel, opened: Opened, *, session_id: str, found_at: float, at: float | None
    ) -> None:
        if len(self._channels) > 1:
            await until_done(
                conversations.set_session,
                uid=self._uid,
                conversation_id=opened.conversation_id,
                session_id=session_id,
                fields={"opened_at": clock.now(), "open": True, "covered": [], "channel": channel.number},
            )
        begin = channel.held_from if at is None else at
        offset = opened.offset + begin - found_at
        channel.begin(Take(conversation_id=opened.conversation_id, session_id=session_id, begin=begin, offset=offset))

    def _on_change(self, conversation_id: str, status: ConversationStatus | None) -> None:
        if status is ConversationStatus.IN_PROGRESS:
            return
        takes = [take for take in self._takes() if take.conversation_id == conversation_id]
        if conversation_id == self.conversation_id and not self.ending:
            self._begin_to_end(conversation_id)
        if not takes[0].closed:
            takes[0].closed = True
            self._spawn(self._announcer.closed(takes[0]))
        if status is None:
            self._forget(takes[0])
            self._spawn(self._finish(takes[0]))

    async def _finish(self, take: Take) -> None:
        if not await self._announcer.finished(take):
            await let_go_if_deleted(self._flow, uid=self._uid)

    def _begin_to_end(self, conversation_id: str) -> None:
        """End the conversation, at the next pause if somebody may be speaking right now."""
        self.ending = True
        for channel in self._channels:
            channel.await_pause()
        self.end_at_pause()
        if self.ending:
            self._spawn(self._end_without_audio(conversation_id))

    async def _end_without_audio(self, conversation_id: str) -> None:
        while self.ending and self.conversation_id == conversation_id:
            quiet_s = clock.monotonic() - max(channel.fed_at for channel in self._channels)
            if quiet_s >= _NO_AUDIO_S:
                self._end()
            else:
                await asyncio.sleep(_NO_AUDIO_S - quiet_s)

    def _end(self) -> None:
        """What comes next belongs to another conversation."""
        self.ending, self.conversation_id = False, None
        for channel in self._channels:
            take = channel.take
            self._end_take(channel)
            if take is not None:
                self._spawn(self._retire(channel, take))

    def _end_take(self, channel: Channel) -> None:
        """The take ends where the audio does, or now where there is none and the client tells its words."""
        channel.end(channel.clock if channel.clock or not self._parameters.custom_stt else self.now)

    async def _retire(self, channel: Channel, take: Take) -> None:
        """Bring a closed conversation what is still on its way to it."""
        await channel.recorder.drained()
        deadline = clock.Deadline.real(self._instance.drain_s)
        # A client that recognises by itself may have told words without any audio: there is nothing to be heard.
        until = min(channel.clock, channel.clock if take.end is None else take.end) - coverage.NEGLIGIBLE_S
        while not deadline.passed and channel.captions.settled_until < until:
            await clock.sleep(0.1)
        await self._part(channel, take)
        takes = [each for each in self._takes() if each.conversation_id == take.conversation_id]
        if all(each.left for each in takes):
            await self._announcer.closed(takes[0], left=True)

    async def _part(self, channel: Channel, take: Take) -> None:
        await until_done(
            leave_conversation,
            take,
            uid=self._uid,
            covered=channel.covered(take),
            wordless=channel.wordless(take),
            suggestions=self._following.suggestions(take),
        )
        take.left = True

    def _takes(self) -> list[Take]:
        return [take for channel in self._channels for take in channel.takes]

    def _forget(self, take: Take) -> None:
        self._instance.forget(uid=self._uid, conversation_id=take.conversation_id, listener=self._on_change)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, context=self._context.copy())
        self._background.add(task)
        task.add_done_callback(self._background.discard)
