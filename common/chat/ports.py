"""What the chat needs of whoever answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from common.models.chat import MessageContext, MessageView

MOST_CITED = 5
"""Conversations that one answer names."""


@dataclass(frozen=True)
class Question:
    """What a user asks, and what was said before in the same chat, oldest first."""

    uid: str
    message: MessageView
    history: tuple[MessageView, ...] = ()
    context: MessageContext | None = None


@dataclass(frozen=True)
class Thinking:
    """What is being done, for the user to read while waiting."""

    text: str


@dataclass(frozen=True)
class Words:
    """The next words of the answer."""

    text: str


@dataclass(frozen=True)
class Cites:
    """Conversations that the answer rests on, the most important first."""

    conversation_ids: tuple[str, ...]


Part = Thinking | Words | Cites


class Answerer(Protocol):
    """Answers questions, piece by piece."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def answer(self, question: Question) -> Iterator[Part]:
        """The answer; one without any words counts as none.

        Raises:
            ProviderError: there is no answer, or no more of it.
        """
        ...
