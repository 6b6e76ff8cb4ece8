"""What the chat needs of whoever answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from common.core.ids import derived_id
from common.models.chat import MessageContext, MessageView

MOST_CITED = 5
"""Conversations that one answer names."""


@dataclass(frozen=True)
class Question:
    """What a user asks, and what was said before in the same chat, oldest first.

    `within_s` is how many real seconds are left for the answer, where that may be less than one usually has.
    """

    uid: str
    message: MessageView
    history: tuple[MessageView, ...] = ()
    context: MessageContext | None = None
    within_s: float | None = None

    @property
    def answer_id(self) -> str:
        """The answer's id, which follows from the message's: whatever is asked again is answered once."""
        return derived_id("answer", self.uid, self.message.id)


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


@dataclass(frozen=True)
class Charted:
    """A chart that goes with the answer; the last one counts."""

    chart: dict[str, Any]


Part = Thinking | Words | Cites | Charted


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
