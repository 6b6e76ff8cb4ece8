"""Pictures over the live socket: stored before their client is told of them, described when somebody can."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.conversations.keep_photo import keep_photo
from common.conversations.live.photo_assembly import PhotoAssembler, Picture
from common.conversations.live.retrying import until_done
from common.core import clock
from common.core.logs import get_logger
from common.database import photos
from common.llm.providers import photos_are_described
from common.models.attachments import ConversationPhoto
from common.models.listen import PhotoDescribed, PhotoProcessing, ServerEvent

WAITING_PICTURES = 4
"""Whole pictures that may wait for the bucket."""
_ROOM_S = 5.0
"""Real seconds that the next one may hold up the socket; then it is given up, for words go first."""
MOST_FOLLOWED = 100
"""Pictures whose description is waited for; with one more, the oldest is not waited for any longer."""
_LOOK_S = 1.0
_LONGEST_LOOK_S = 10.0
_FOLLOWED_S = 900.0
"""Real seconds after which a description is not waited for any longer; whoever asks for the picture still gets it."""


@dataclass(frozen=True)
class _Whole:
    """A picture on its way to the bucket."""

    picture: Picture
    conversation_id: str
    taken_at: datetime


@dataclass(frozen=True)
class _Followed:
    """A picture whose description is waited for."""

    conversation_id: str
    until: clock.Deadline


class LivePhotos:
    """The pictures of one connection.

    Args:
        uid: the owner.
        opened: names the conversation that what arrives now belongs to, and begins one where there is none.
        tell: queues an event for the client; never waits.
    """

    def __init__(self, *, uid: str, opened: Callable[[], Awaitable[str]], tell: Callable[[ServerEvent], None]) -> None:
        self._uid = uid
        self._opened = opened
        self._tell = tell
        self._assembler = PhotoAssembler()
        self._waiting: asyncio.Queue[_Whole] = asyncio.Queue(WAITING_PICTURES)
        self._followed: dict[str, _Followed] = {}
        self._news = asyncio.Event()

    async def chunk(self, message: dict[str, Any]) -> None:
        """Take one `image_chunk`; waits a little while too many pictures wait for the bucket.

        Raises:
            InvalidInputError: the connection must be closed with 1008.
        """
        picture = self._assembler.add(message)
        if picture is None:
            return
        whole = _Whole(picture, await self._opened(), clock.now())
        try:
            async with asyncio.timeout(_ROOM_S):
                await self._waiting.put(whole)
        except TimeoutError:
            get_logger().error("photo_given_up", conversation_id=whole.conversation_id)

    async def drained(self) -> None:
        """Wait until every whole picture is stored."""
        await self._waiting.join()

    async def run(self) -> None:
        """Store what waits and tell what is described, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store())
            tasks.create_task(self._follow())

    async def _store(self) -> None:
        while True:
            whole = await self._waiting.get()
            kept = await until_done(
                keep_photo,
                whole.picture.data,
                content_type=whole.picture.content_type,
                temp_id=whole.picture.temp_id,
                taken_at=whole.taken_at,
                uid=self._uid,
                conversation_id=whole.conversation_id,
            )
            self._waiting.task_done()
            if kept is not None:
                self._tell(PhotoProcessing(temp_id=whole.picture.temp_id, photo_id=kept.id))
                self._expect(kept, whole.conversation_id)

    def _expect(self, photo: ConversationPhoto, conversation_id: str) -> None:
        if photo.settled or not photos_are_described():
            self._tell_described(photo)
            return
        while len(self._followed) >= MOST_FOLLOWED:
            del self._followed[next(iter(self._followed))]
        self._followed[photo.id] = _Followed(conversation_id, clock.Deadline.real(_FOLLOWED_S))
        self._news.set()

    async def _follow(self) -> None:
        """Look for descriptions: often after a new picture, ever more seldom while nothing comes."""
        pause = _LOOK_S
        while True:
            if not self._followed:
                await self._news.wait()
            if self._news.is_set():
                self._news.clear()
                pause = _LOOK_S
            await clock.sleep(pause)
            pause = _LOOK_S if await self._look() else min(2 * pause, _LONGEST_LOOK_S)

    async def _look(self) -> bool:
        """Tell what is described by now; whether there was anything to tell."""
        try:
            found = await asyncio.to_thread(self._read, dict(self._followed))
        except Exception as error:  # noqa: BLE001 - a store that is away; the pictures are safe, and looked for again
            get_logger().warning("photos_unread", error=type(error).__name__)
            return False
        told = False
        for photo_id, photo in found.items():
            followed = self._followed.get(photo_id)
            if followed is None or (photo is not None and not photo.settled and not followed.until.passed):
                continue
            del self._followed[photo_id]
            if photo is not None and photo.settled:
                self._tell_described(photo)
                told = True
        return told

    def _read(self, followed: dict[str, _Followed]) -> dict[str, ConversationPhoto | None]:
        """The pictures as they are now; None for what is deleted."""
        found: dict[str, ConversationPhoto | None] = dict.fromkeys(followed)
        for conversation_id in {each.conversation_id for each in followed.values()}:
            ids = [photo_id for photo_id, each in followed.items() if each.conversation_id == conversation_id]
            for photo in photos.of(uid=self._uid, conversation_id=conversation_id).find_many(ids):
                found[photo.id] = photo
        return found

    def _tell_described(self, photo: ConversationPhoto) -> None:
        self._tell(PhotoDescribed(photo_id=photo.id, description=photo.description or "", discarded=photo.discarded))
