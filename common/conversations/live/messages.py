"""What a client says besides audio, and who it concerns (CONTRACT section 1.7)."""

import asyncio
from typing import Any

from pydantic import ValidationError

from common.conversations.finalize import close_conversation
from common.conversations.live.belonging import Belonging
from common.conversations.live.flow import Flow
from common.conversations.live.following import Following
from common.conversations.live.inbox import Inbox
from common.conversations.live.onboarding import Onboarding
from common.conversations.live.photos import LivePhotos
from common.conversations.live.retrying import until_done
from common.conversations.live.screen import Tell
from common.conversations.live.telling import Teller, first_moment
from common.core.errors import InvalidInputError
from common.core.logs import get_logger
from common.database import conversations
from common.models.listen import SpeakerAssigned
from common.models.suggested_transcript import SuggestedTranscript

_LAST_PICTURES_S = 5.0
"""Real seconds that pictures may take to the bucket once a connection is over."""


class Messages:
    """Handles one connection's messages.

    Args:
        uid: the owner.
        custom_stt: whether the client recognises by itself; otherwise what it tells is not listened to.
        belonging: which conversation it belongs to.
        following: what follows a stored batch.
        teller: writes what is told beside the audio.
        flow: holds the client back, and lets it go.
        tell: queues a message for the client.
        onboarding: asks the user, if that is wanted.
    """

    def __init__(
        self,
        *,
        uid: str,
        custom_stt: bool,
        belonging: Belonging,
        following: Following,
        teller: Teller,
        flow: Flow,
        tell: Tell,
        onboarding: Onboarding | None = None,
    ) -> None:
        self._uid = uid
        self._custom_stt = custom_stt
        self._belonging = belonging
        self._following = following
        self._teller = teller
        self._photos = LivePhotos(uid=uid, opened=self._opened, tell=tell)
        asked = {} if onboarding is None else {"start_onboarding": onboarding.start, "skip_question": onboarding.skip}
        self._inbox = Inbox(
            {
                "image_chunk": self._photos.chunk,
                "suggested_transcript": self._suggested,
                "speaker_assigned": self._assigned,
                "finalize": self._finalize,
                **asked,
            },
            hold=lambda held: flow.pause() if held else flow.resume(),
            refuse=flow.let_go,
        )
        self.put = self._inbox.put

    async def run(self) -> None:
        """Handle what waits, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._inbox.run())
            tasks.create_task(self._photos.run())

    async def drained(self) -> None:
        """Wait until everything has been handled and stored; pictures are given up in the end, for words go first."""
        await self._inbox.drained()
        try:
            async with asyncio.timeout(_LAST_PICTURES_S):
                await self._photos.drained()
        except TimeoutError:
            get_logger().error("photos_given_up")

    async def _opened(self) -> str:
        return (await self._belonging.open())[-1].conversation_id

    async def _suggested(self, message: dict[str, Any]) -> None:
        if not self._custom_stt:
            return
        try:
            told = SuggestedTranscript.model_validate(message)
        except ValidationError as error:
            raise InvalidInputError("an unusable suggested_transcript") from error
        if told.said:
            now = self._belonging.now
            takes = await self._belonging.open(at=first_moment(told, now=now))
            await self._teller.write(told, takes, now=now)

    async def _assigned(self, message: dict[str, Any]) -> None:
        try:
            assigned = SpeakerAssigned.model_validate(message)
        except ValidationError:
            return  # older clients send assignments of what they never were shown
        await self._following.assigned(assigned, conversation_id=self._belonging.conversation_id)

    async def _finalize(self, _: dict[str, Any]) -> None:
        """The client ends its conversation; what it says next begins another."""
        conversation_id = self._belonging.conversation_id
        if conversation_id is None:
            return
        found = await until_done(conversations.find, uid=self._uid, conversation_id=conversation_id)
        if found is not None:
            await until_done(close_conversation, found, uid=self._uid)
