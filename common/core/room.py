"""Room in an instance's memory: it does several pieces of work at once, and each takes what its content takes.

Whoever is about to read much holds room for it first, and waits for those who have it.
"""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from common.core.errors import PostponedError
from common.core.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SEGMENTS = 60_000
"""Of transcripts, for all that is worked on at once: nearly three days of talk, 5 KB for each (bench/memory.py)."""
WAITED_S = 60.0
"""Real seconds; who has found no room by then is to come again."""
_MUCH = 5_000
"""Segments after which it is worth the time to look for what can be given back."""


class Room:
    """So much, for whoever comes; more than all of it is as much as all of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._changed = threading.Condition()

    def take(self, size: int, *, within_s: float) -> bool:
        """Hold so much once there is room; False where there was none in so many real seconds."""
        size = min(size, self._most)
        with self._changed:
            taken = self._changed.wait_for(lambda: self._held + size <= self._most, max(within_s, 0.0))
            if taken:
                self._held += size
            return taken

    def take_more(self, size: int) -> None:
        """Hold so much at once, whether or not there is room: for whoever holds some, and so must not wait."""
        with self._changed:
            self._held += size

    def give_back(self, size: int, *, more: int = 0) -> None:
        """Let others have it, and what was taken without asking."""
        with self._changed:
            self._held -= min(size, self._most) + more
            self._changed.notify_all()


TRANSCRIPTS = Room(MOST_SEGMENTS)


class _Work:
    """What one piece of work holds: of each thing as much as was asked for at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, int] = {}
        self._first = 0
        self._more = 0

    def hold(self, segments: int, *, of: str) -> None:
        with self._lock:
            lacking = segments - self._asked.get(of, 0)
            if lacking <= 0:
                return
            if self._first:
                TRANSCRIPTS.take_more(lacking)
                self._more += lacking
            elif TRANSCRIPTS.take(lacking, within_s=WAITED_S):
                self._first = lacking
            else:
                get_logger().warning("transcripts_find_no_room", segments=segments)
                raise PostponedError("too much is being worked on")
            self._asked[of] = segments

    def give_back(self) -> None:
        with self._lock:
            if self._first + self._more >= _MUCH:
                gc.collect()  # what knows each other stays until somebody looks for such
            if self._first:
                TRANSCRIPTS.give_back(self._first, more=self._more)


_current: ContextVar[_Work | None] = ContextVar("work", default=None)


@contextmanager
def work() -> Iterator[None]:
    """A piece of work, which may hold room until the block ends."""
    doing = _Work()
    token = _current.set(doing)
    try:
        yield
    finally:
        _current.reset(token)
        doing.give_back()


def hold(segments: int, *, of: str) -> None:
    """Wait for room for so many segments, and hold it until the present piece of work ends; elsewhere do nothing.

    Work that holds some already waits for nobody: others could be waiting for it.

    Args:
        segments: how many there are, at most.
        of: whose they are; held again, only what they are more than before counts.

    Raises:
        PostponedError: the others took too long.
    """
    if segments and (doing := _current.get()) is not None:
        doing.hold(segments, of=of)
