"""What goes to the client: in order, bounded, so that a slow reader holds nobody up but itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from common.core.errors import EarshotError
from common.models.listen import ServerEvent
from common.models.segment import TranscriptSegment

WAITING_MESSAGES = 512


class SlowReaderError(EarshotError):
    """The client does not read what it is sent."""


class Outgoing:
    """A bounded queue in front of the socket.

    Args:
        send: puts one message on the wire; a str goes as it is, everything else as JSON.
    """

    def __init__(self, send: Callable[[Any], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: asyncio.Queue[Any] = asyncio.Queue(WAITING_MESSAGES)

    def event(self, event: ServerEvent) -> None:
        """Queue an event.

        Raises:
            SlowReaderError: the queue is full.
        """
        self._put(event.model_dump(mode="json", exclude_none=True))

    def segments(self, segments: list[TranscriptSegment]) -> None:
        """Queue new or changed segments; the client upserts by id.

        Raises:
            SlowReaderError: the queue is full.
        """
        self._put([segment.to_json() for segment in segments])

    def text(self, text: str) -> None:
        """Queue a message that is written already.

        Raises:
            SlowReaderError: the queue is full.
        """
        self._put(text)

    def ping(self) -> None:
        """Queue the keep-alive.

        Raises:
            SlowReaderError: the queue is full.
        """
        self._put("ping")

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            message = await self._waiting.get()
            try:
                await self._send(message)
            finally:
                self._waiting.task_done()

    async def flushed(self) -> None:
        """Wait until everything is on the wire."""
        await self._waiting.join()

    def _put(self, message: Any) -> None:
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull as error:
            raise SlowReaderError("the client does not read") from error
