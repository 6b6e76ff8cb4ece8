"""Free conversation with a language model: its port, and the patience with its providers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.core.errors import ProviderError
from common.llm.policy import TimeLimit, TransientError, persist


@dataclass(frozen=True)
class Said:
    """What was said, by the user or by the model."""

    text: str
    by_user: bool


class Talker(Protocol):
    """Goes on with a conversation, word by word."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def talk(self, *, system: str, turns: Sequence[Said]) -> Iterator[str]:
        """What is said next, in the pieces in which it comes. `system` holds instructions, the last turn is the user's.

        Raises:
            ProviderError: there is no answer, or it broke off.
            ProviderRefusedError: the model declined.
        """
        ...


def persist_talking(begin: Callable[[], Iterator[str]], *, provider: str, limit: TimeLimit) -> Iterator[str]:
    """The pieces of the first answer that begins; there is no retry after that, for nothing shall be said twice.

    Raises:
        ProviderError: none begins, or it breaks off.
    """

    def first() -> tuple[str | None, Iterator[str]]:
        pieces = begin()
        return next(pieces, None), pieces

    piece, rest = persist(first, provider=provider, limit=limit)
    if piece is None:
        raise ProviderError(f"{provider}: the answer is empty")
    yield piece
    try:
        yield from rest
    except TransientError as error:
        raise ProviderError(f"{provider}: {error}") from None
