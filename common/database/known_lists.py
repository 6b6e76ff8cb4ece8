"""Answers kept in Redis that somebody changes: a reader on its way never puts back what a writer has just outdated.

For a few seconds after a change nothing is kept under the key, so whoever had read the store before the change finds
the place taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database import cache

if TYPE_CHECKING:
    from collections.abc import Callable

_CHANGED = ""
_UNSETTLED_S = 5


def recall(key: str, load: Callable[[], str], *, seconds: int) -> str:
    """What is kept under `key`, else what `load` reads, which is then kept; `load` never gives an empty text."""
    kept = cache.get(key)
    if kept:
        return kept
    loaded = load()
    cache.put_if_absent(key, loaded, seconds=seconds)
    return loaded


def outdate(key: str) -> None:
    """Whoever asks from now on is answered from the store; to be called after the change is stored."""
    cache.put(key, _CHANGED, seconds=_UNSETTLED_S)


def listeners_key(*, uid: str) -> str:
    """Where it is kept who wants to be told at once what a user says; everybody who changes that outdates it."""
    return f"users:{uid}:realtime_listeners"
