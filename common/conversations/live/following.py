"""What follows a stored batch: the client sees it, its speakers are recognised, it is translated, apps hear of it."""

import asyncio
from typing import TYPE_CHECKING

from common.conversations.live.assigning import assign_by_hand
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.realtime_feed import RealtimeFeed
from common.conversations.live.recognition import SpeakerRecognition
from common.conversations.live.screen import Screen, Tell
from common.conversations.live.take import Take
from common.conversations.live.translation import LiveTranslation, translation_for
from common.core import clock
from common.core.logs import get_logger
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.attachments import SpeakerLabelSuggestion
from common.models.listen import SpeakerAssigned
from common.models.segment import TranscriptSegment
from common.speech.voice_providers import voice_embedder

if TYPE_CHECKING:
    from collections.abc import Callable

_LAST_WORDS_S = 3.0
"""Real seconds that what follows may take once a connection is over."""


class Following:
    """What follows what one connection brings.

    Args:
        uid: the owner.
        parameters: what the client asked for.
        language: spoken language, a BCP-47 tag or `multi`.
        tell: queues a message for the client.
    """

    def __init__(self, *, uid: str, parameters: ListenParameters, language: str, tell: Tell) -> None:
        self._uid = uid
        self._language = language
        self.screen = Screen(tell)
        self.said_at = float("-inf")
        """When words came last, on the monotonic clock."""
        self.heard: Callable[[Take, SegmentBatch], None] | None = None
        """Given every stored batch, too, where somebody waits for answers."""
        self._feed = RealtimeFeed(uid=uid)
        self._translation: LiveTranslation | None = None
        self.recognition: SpeakerRecognition | None = None
        # Where each channel is a speaker, the client tells who speaks, or the owner answers, nobody is recognised.
        if parameters.channels == 1 and not (parameters.custom_stt or parameters.onboarding):
            self.recognition = SpeakerRecognition(
                uid=uid,
                embedder=voice_embedder(),
                language=language,
                auto_assign=parameters.speaker_auto_assign,
                create_speakers=parameters.create_speakers,
                owner_too=parameters.include_speech_profile and not parameters.speech_profile_redo,
                tell=lambda message: self.screen.relabelled(message) if isinstance(message, list) else tell(message),
            )

    def stored(self, take: Take, batch: SegmentBatch) -> None:
        """A batch is stored. Never waits."""
        if batch.segments:
            self.said_at = clock.monotonic()
        if self.heard is not None:
            self.heard(take, batch)
        self.screen.certain(take.conversation_id, batch)
        self._feed.segments(take.conversation_id, batch)
        if self._translation is not None:
            self._translation.said(batch, conversation_id=take.conversation_id)

    def recorded(self, take: Take, block: AudioBlock) -> None:
        """A block of audio is stored. Never waits."""
        self._feed.audio(take.conversation_id, block)

    async def assigned(self, message: SpeakerAssigned, *, conversation_id: str | None) -> None:
        """The client says who speaks in some of what it is shown, of the conversation that is open."""
        message = message.model_copy(update={"segment_ids": self.screen.pieces_of(message.segment_ids)})
        if self.recognition is not None:
            await self.recognition.assigned(message)
        elif conversation_id is not None:
            self.screen.relabelled(await assign_by_hand(message, uid=self._uid, conversation_id=conversation_id))

    def suggestions(self, take: Take) -> list[SpeakerLabelSuggestion]:
        """Who the voices of a take's conversation may be."""
        return [] if self.recognition is None else self.recognition.suggestions(take.conversation_id)

    async def run(self) -> None:
        """Recognise and translate what waits, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_for_ever())
            tasks.create_task(self._translate())
            if self.recognition is not None:
                tasks.create_task(self.recognition.run())

    async def finish(self) -> None:
        """Wait a little for what is still on its way; `run` still runs."""
        await asyncio.gather(self._finish(), self._feed.close(within_s=_LAST_WORDS_S))

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                if self.recognition is not None:
                    await self.recognition.finish(within_s=_LAST_WORDS_S)
                if self._translation is not None:
                    await self._translation.drained()
        except TimeoutError:
            pass  # what is not translated by now stays as it was said

    async def _translate(self) -> None:
        try:
            self._translation = await asyncio.to_thread(
                translation_for, uid=self._uid, spoken=self._language, translated=self._translated
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the words themselves are stored and told
            get_logger().warning("not_translated", error=type(error).__name__)
            return
        if self._translation is not None:
            await self._translation.run()

    def _translated(self, conversation_id: str, segments: list[TranscriptSegment]) -> None:
        self.screen.translated(conversation_id, segments)


async def _for_ever() -> None:
    await asyncio.Event().wait()
