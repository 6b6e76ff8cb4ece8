"""The patience with models that talk: for how long they are waited for, and when they are asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import ProviderError
from common.llm.policy import TimeLimit, TransientError, persist
from common.llm.whole_pieces import whole_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from common.llm.talking import Piece

LONGEST_SILENCE_S = 25.0
"""Real seconds in which a model that talks says something, at the beginning and later."""


def between_pieces(limit: TimeLimit) -> TimeLimit:
    """The time for the next piece, where `limit` is the time for all of them."""
    return TimeLimit(min(limit.remaining, LONGEST_SILENCE_S))


def persist_talking(begin: Callable[[], Iterator[Piece]], *, provider: str, limit: TimeLimit) -> Iterator[Piece]:
    """The pieces of the first answer that begins; there is no retry after that, for nothing shall be said twice.

    Raises:
        ProviderError: none begins, or it breaks off.
    """

    def first() -> tuple[Piece, Iterator[Piece]]:
        pieces = whole_pieces(begin())
        piece = next(pieces, None)
        if piece is None:  # models say nothing now and then; asked once more they do
            raise TransientError("the answer is empty")
        return piece, pieces

    piece, rest = persist(first, provider=provider, limit=limit)
    yield piece
    try:
        yield from rest
    except TransientError as error:
        raise ProviderError(f"{provider}: {error}") from None
