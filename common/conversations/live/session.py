"""A listen connection from its first frame to the last word: what belongs together is put together here."""

import asyncio
from collections.abc import Collection
from typing import Any

from common.conversations.live.belonging import Belonging
from common.conversations.live.captions import Captions
from common.conversations.live.channel import Channel
from common.conversations.live.flow import Flow
from common.conversations.live.following import Following
from common.conversations.live.hearing import Spoken
from common.conversations.live.instance import Instance
from common.conversations.live.intake import Intake
from common.conversations.live.messages import Messages
from common.conversations.live.numbering import Numbering
from common.conversations.live.onboarding import Onboarding
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.preparing import Prepared
from common.conversations.live.retrying import until_done
from common.conversations.live.scribe import Scribe
from common.conversations.live.silence_watch import SilenceWatch
from common.conversations.live.take import Take
from common.conversations.live.telling import Teller
from common.database import conversations
from common.database.audio_blocks import AudioBlock
from common.models.conversation import ConversationStatus
from common.models.listen import AudioStored, LastMemory, ServerEvent, ServiceStatus
from common.models.segment import TranscriptSegment

_ENDED_WITHIN_S = 2.0
"""Real seconds for which whoever is cancelled may still finish a write."""
HEARTBEAT_BYTES = 2
"""Binary messages of this size at most are keep-alives, not audio."""


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
        self._following = Following(uid=uid, parameters=parameters, language=prepared.language, tell=self._tell)
        self._scribe = Scribe(
            uid=uid,
            channels=parameters.channels,
            recognition=self._following.recognition,
            owner_alone=parameters.onboarding,
            stored=self._following.stored,
        )
        self._channels = [self._channel(number) for number in range(parameters.channels)]
        belonging = self._belonging = Belonging(
            uid=uid,
            parameters=parameters,
            channels=self._channels,
            following=self._following,
            instance=instance,
            flow=flow,
            tell=self._tell,
        )
        self._numbering = Numbering(parameters.channels) if parameters.channels > 1 else None
        self._intake = Intake(
            self._channels, belonging=belonging, flow=flow, load=instance.load, numbering=self._numbering
        )
        self._teller = Teller(uid=uid, told=self._following.stored)
        self._onboarding = self._new_onboarding() if parameters.onboarding else None
        self._messages = Messages(
            uid=uid,
            custom_stt=parameters.custom_stt,
            belonging=belonging,
            following=self._following,
            teller=self._teller,
            flow=flow,
            tell=self._tell,
            onboarding=self._onboarding,
        )
        self._left = asyncio.Event()

    def frame(self, frame: bytes) -> None:
        """Take a binary message. Called for every one."""
        if len(frame) > HEARTBEAT_BYTES and not self._left.is_set():
            self._intake.put(frame)

    def message(self, text: str) -> None:
        """Take a text message."""
        if not self._left.is_set():
            self._messages.put(text)

    def leave(self) -> None:
        """The client has gone, or is being sent away: nothing more comes."""
        self._left.set()

    async def run(self) -> None:
        """Serve until the client has left; then store and hear what is still on its way."""
        aside = [asyncio.create_task(self._greet()), *self._silence_watch(), *self._questions()]
        recording = [asyncio.create_task(channel.recorder.run()) for channel in self._channels]
        hearing = [asyncio.create_task(channel.captions.run()) for channel in self._channels]
        following = asyncio.create_task(self._following.run())
        messaging = asyncio.create_task(self._messages.run())
        leaving = asyncio.create_task(self._left.wait())
        serving = {*recording, *hearing, following, messaging, leaving}
        try:
            done, _ = await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._left.set()
            await self._drain(hearing, messaging)
            await _end({*aside, *serving})
            self._belonging.forget()

    async def _drain(self, hearing: list[asyncio.Task[None]], messaging: asyncio.Task[None]) -> None:
        """The connection is over: everything received is stored, and heard if that can be done in time."""
        await self._intake.drained()
        for channel in self._channels:
            await channel.recorder.drained()
            channel.finish()
        handling = asyncio.create_task(self._messages.drained())
        await asyncio.wait(hearing, timeout=self._instance.drain_s if self._is_heard else 0)
        # Whoever handles messages may have failed: then none of them is handled any more.
        await asyncio.wait({handling, messaging}, return_when=asyncio.FIRST_COMPLETED)
        handling.cancel()
        await self._following.finish()
        await self._belonging.part()

    def _silence_watch(self) -> list[asyncio.Task[None]]:
        if not self._prepared.watches_silence:
            return []
        watch = SilenceWatch(uid=self._uid, channels=self._channels, following=self._following)
        return [asyncio.create_task(watch.run())]

    def _questions(self) -> list[asyncio.Task[None]]:
        return [] if self._onboarding is None else [asyncio.create_task(self._onboarding.run())]

    def _new_onboarding(self) -> Onboarding:
        return Onboarding(
            uid=self._uid,
            language=self._prepared.language,
            channels=self._channels,
            timed_by_audio=not self._parameters.custom_stt,
            belonging=self._belonging,
            following=self._following,
            teller=self._teller,
            tell=self._tell,
        )

    @property
    def _is_heard(self) -> bool:
        """Whether anybody recognises what is said, we or the client."""
        return bool(self._prepared.transcribers) or self._parameters.custom_stt

    def _channel(self, number: int) -> Channel:
        recognition = self._following.recognition
        return Channel(
            uid=self._uid,
            number=number,
            codec=self._parameters.codec,
            sample_rate=self._parameters.sample_rate,
            captions=self._captions,
            gate=self._prepared.gates[number] if self._prepared.gates else None,
            transcribed=not self._parameters.custom_stt,
            hear=recognition.hear if recognition is not None else None,
            stored=self._stored,
        )

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

    def _stored(self, channel: Channel, take: Take, block: AudioBlock) -> None:
        self._following.recorded(take, block)
        number = None if self._numbering is None else self._numbering.name_of(channel.number)
        self._tell(AudioStored(conversation_id=take.conversation_id, until_s=round(block.end, 3), channel=number))

    async def _greet(self) -> None:
        self._tell(ServiceStatus(status="initiating"))
        self._tell(ServiceStatus(status="in_progress_conversations_processing"))
        newest = await until_done(
            conversations.list_newest, uid=self._uid, limit=1, statuses=[ConversationStatus.COMPLETED.value]
        )
        if newest:
            self._tell(LastMemory(memory_id=newest[0].id))
        self._tell(ServiceStatus(status="stt_initiating"))
        if not self._is_heard:
            self._tell(ServiceStatus(status="stt_failed"))  # what is said is stored, and understood later
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


async def _end(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_ENDED_WITHIN_S)
