"""What a client says besides audio: JSON messages, one after the other, each for whoever it concerns."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from common.core.errors import EarshotError, InvalidInputError
from common.core.logs import get_logger

MOST_WAITING = 64
MOST_CHARACTERS = 2 * 2**20
"""Messages that may wait, and characters of all of them; then the client is held back until half is handled."""

Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Inbox:
    """Reads a connection's messages.

    Args:
        handlers: by the message's `type`; what has none is passed over, as is what is no message.
        hold: told whether the client must be held back.
        refuse: told of a message that ends the connection.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        hold: Callable[[bool], None],
        refuse: Callable[[EarshotError], None],
    ) -> None:
        self._handlers = handlers
        self._hold = hold
        self._refuse = refuse
        self._waiting: deque[str] = deque()
        self._characters = 0
        self._holding = False
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, text: str) -> None:
        """Take a message."""
        self._waiting.append(text)
        self._characters += len(text)
        self._idle.clear()
        self._news.set()
        if not self._holding and (len(self._waiting) >= MOST_WAITING or self._characters >= MOST_CHARACTERS):
            self._holding = True
            self._hold(True)  # noqa: FBT003 - what it is told is yes or no

    async def drained(self) -> None:
        """Wait until every message has been handled."""
        await self._idle.wait()

    async def run(self) -> None:
        """Handle what waits, for ever."""
        while True:
            while self._waiting:
                text = self._waiting.popleft()
                await self._handle(text)
                self._characters -= len(text)
                if 2 * len(self._waiting) <= MOST_WAITING and 2 * self._characters <= MOST_CHARACTERS:
                    self._release()
            self._idle.set()
            self._news.clear()
            await self._news.wait()

    def _release(self) -> None:
        if self._holding:
            self._holding = False
            self._hold(False)  # noqa: FBT003 - what it is told is yes or no

    async def _handle(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        handler = self._handlers.get(str(message.get("type"))) if isinstance(message, dict) else None
        if handler is None:
            return
        try:
            await handler(message)
        except InvalidInputError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001 - a message that cannot be handled costs no audio
            get_logger().warning("message_not_handled", type=message["type"], error=type(error).__name__)
