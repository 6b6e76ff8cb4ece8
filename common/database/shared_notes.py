"""Notes for a while that all instances share through Redis; without it, or with it down, each process keeps its own."""

from __future__ import annotations

import threading

from common.core import clock
from common.database import cache

_MOST = 1_000
"""Notes of one process; beyond, those that end first go."""


def read(key: str) -> str:
    """What is noted under `key`; empty if nothing is."""
    shared = cache.look_up(key)
    return _own.read(key) if shared is None else shared


def write(key: str, value: str, *, seconds: int) -> None:
    """Note something, in place of what was noted before; this process remembers it should Redis go away."""
    cache.put(key, value, seconds=seconds)
    _own.write(key, value, seconds=seconds)


def take(key: str, *, seconds: int, by: str = "") -> bool:
    """Whether `key` is the caller's for so long: nobody else has taken it and kept it until now.

    Args:
        key: what is taken.
        seconds: for how long.
        by: names the taker, who may take it again; empty for one who takes it once.
    """
    taken = cache.put_if_absent(key, by or "1", seconds=seconds)
    if taken is None:
        return _own.take(key, by, seconds=seconds)
    return taken or (bool(by) and cache.look_up(key) == by)


def count_up(key: str, *, seconds: int) -> int:
    """Add one to a counter that lives for `seconds` from its first count."""
    counted = cache.count_up(key, seconds=seconds)
    return _own.count_up(key, seconds=seconds) if counted is None else counted


def forget(*keys: str) -> None:
    """Drop what is noted, counted or taken."""
    cache.forget(*keys)
    _own.forget(*keys)


class _OwnNotes:
    """The same in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: dict[str, tuple[str, float]] = {}

    def read(self, key: str) -> str:
        with self._lock:
            return self._find(key)[0]

    def write(self, key: str, value: str, *, seconds: int) -> None:
        with self._lock:
            self._keep(key, value, clock.monotonic() + seconds)

    def take(self, key: str, by: str, *, seconds: int) -> bool:
        with self._lock:
            taken = self._find(key)[0]
            if not taken:
                self._keep(key, by or "1", clock.monotonic() + seconds)
            return not taken or (bool(by) and taken == by)

    def count_up(self, key: str, *, seconds: int) -> int:
        with self._lock:
            counted, until = self._find(key)
            count = int(counted or 0) + 1
            self._keep(key, str(count), until or clock.monotonic() + seconds)
            return count

    def forget(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._notes.pop(key, None)

    def _find(self, key: str) -> tuple[str, float]:
        value, until = self._notes.get(key, ("", 0.0))
        return (value, until) if until > clock.monotonic() else ("", 0.0)

    def _keep(self, key: str, value: str, until: float) -> None:
        if key not in self._notes and len(self._notes) >= _MOST:
            del self._notes[min(self._notes, key=lambda each: self._notes[each][1])]
        self._notes[key] = (value, until)


_own = _OwnNotes()
