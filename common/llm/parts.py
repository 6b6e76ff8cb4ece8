"""Work on a text that is too long for one question: its parts, several at a time, within one deadline."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TypeVar

from common.core.errors import ProviderError
from common.core.metering import estimate
from common.llm.policy import TimeLimit
from common.llm.ports import Dialogue, Turn

A = TypeVar("A")
B = TypeVar("B")

_LINE_TOKENS = 8
"""For who says it and what stands around it."""


@dataclass(frozen=True)
class Limits:
    """How much is asked about at once (tokens, roughly), how many questions at a time, and real seconds for all."""

    tokens: int
    parallel: int
    seconds: float


DEFAULT_LIMITS = Limits(tokens=24_000, parallel=4, seconds=180.0)


class Together:
    """Runs questions about parts beside each other."""

    def __init__(self, pool: ThreadPoolExecutor, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits
        self._left = TimeLimit(limits.seconds)

    def each(self, ask: Callable[[A], B], parts: Sequence[A]) -> list[B]:
        """What comes of every part, in their order; what is not begun yet is dropped with the first that fails.

        Raises:
            ProviderError: as `ask` does, or the time was over.
        """
        if len(parts) == 1:
            return [ask(parts[0])]
        # In the context of the caller: what is used is counted for whoever the work is for.
        asked: list[Future[B]] = [self._pool.submit(copy_context().run, ask, part) for part in parts]
        try:
            for future in asked:
                if not wait([future], timeout=self._left.remaining).done:
                    raise ProviderError(f"the parts took longer than {self._limits.seconds:g} s")
                future.result()
            return [future.result() for future in asked]
        finally:
            for future in asked:
                future.cancel()

    def grouped(self, notes: Sequence[A], *, cost: Callable[[A], str]) -> list[list[A]]:
        """Neighbours together as far as they can be asked about at once, at least two, so that it comes to an end."""
        groups: list[list[A]] = []
        room = 0
        for note in notes:
            needed = estimate(cost(note))
            if not groups or (needed > room and len(groups[-1]) > 1):
                groups.append([])
                room = self._limits.tokens
            groups[-1].append(note)
            room -= needed
        return groups


@contextmanager
def together(limits: Limits) -> Iterator[Together]:
    """Somebody who asks about parts, until the block ends. Questions that are still open then are not waited for."""
    pool = ThreadPoolExecutor(limits.parallel, thread_name_prefix="parts")
    try:
        yield Together(pool, limits)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def parts_of(dialogue: Dialogue, tokens: int) -> list[Dialogue]:
    """The dialogue in parts of so many tokens at most, cut between turns, and within turns that are longer."""
    parts: list[list[Turn]] = [[]]
    room = tokens
    for turn in dialogue.turns:
        for piece in _pieces(turn, tokens):
            needed = estimate(piece.text) + _LINE_TOKENS
            if needed > room and parts[-1]:
                parts.append([])
                room = tokens
            parts[-1].append(piece)
            room -= needed
    return [replace(dialogue, turns=tuple(turns)) for turns in parts]


def _pieces(turn: Turn, tokens: int) -> Iterator[Turn]:
    """A turn, cut at blanks (or anywhere in a word without end) where it alone is too long."""
    longest = max(1, tokens - _LINE_TOKENS)  # characters, of which a token has one at least
    if estimate(turn.text) + _LINE_TOKENS <= tokens:
        yield turn
        return
    rest = turn.text
    while rest:
        cut = rest.rfind(" ", 1, longest) if len(rest) > longest else len(rest)
        cut = cut if cut > 0 else longest
        yield replace(turn, text=rest[:cut].strip())
        rest = rest[cut:].lstrip()
