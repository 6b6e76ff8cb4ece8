"""What the business needs of models, whoever provides them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel

from common.models.structured import Structured

T = TypeVar("T", bound=BaseModel)

Purpose = Literal["document", "query"]


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    @property
    def dimension(self) -> int:
        """Values per vector."""
        ...

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        """One unit vector of `dimension` values per text, in order; `purpose` is what the text will be used as.

        Raises:
            ProviderError: the provider failed, was too slow or answered nonsense.
        """
        ...


class LanguageModel(Protocol):
    """Answers a prompt in a given form."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        """An answer that fits `response`. `system` holds instructions, `prompt` may hold other people's words.

        Raises:
            ProviderError: the provider failed, was too slow, or did not find the form in two attempts.
            ProviderRefusedError: it declined.
        """
        ...


@dataclass(frozen=True)
class Picture:
    """A JPEG, PNG or WebP."""

    data: bytes
    content_type: str


class SeeingModel(LanguageModel, Protocol):
    """A language model that is shown pictures, too."""

    def look(self, picture: Picture, *, system: str, prompt: str, response: type[T]) -> T:
        """As `generate`, with a picture beside the prompt."""
        ...


PHOTO = "Photo"
"""The speaker of turns that say what a picture shows."""


@dataclass(frozen=True)
class Turn:
    """What one speaker said without interruption; `start` and `end` in seconds from the dialogue's start."""

    speaker: str
    text: str
    start: float
    end: float
    is_user: bool = False


@dataclass(frozen=True)
class Dialogue:
    """A conversation's words, and what is needed to understand "tomorrow": when it began and the user's timezone."""

    turns: tuple[Turn, ...]
    started_at: datetime
    language: str | None
    timezone: str = "UTC"
    user: str = ""
    """What the user is called, where that is known."""
    write_in: str | None = None
    """The language of what is written about it (a BCP-47 tag), if not the one that is spoken."""
    occasion: str = ""
    """What the calendar calls it."""
    participants: tuple[str, ...] = ()
    """Who was invited, by the calendar."""
    known_tasks: tuple[str, ...] = ()
    """What the user's list holds already."""
    written: Literal["message", "other_text"] | None = None
    """What kind of text it is, where nobody has spoken."""


@dataclass(frozen=True)
class Judgement:
    """Whether a dialogue is worth keeping, and the kind of reason in a word."""

    keep: bool
    reason: str


class Judge(Protocol):
    """Judges short dialogues that no rule decides."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def judge(self, dialogue: Dialogue) -> Judgement:
        """Whether its owner would miss it.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Shelf:
    """A folder, as somebody who files sees it."""

    name: str
    description: str


class Filer(Protocol):
    """Says in which of a user's folders a conversation belongs."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def choose(self, shelves: Sequence[Shelf], structured: Structured) -> int | None:
        """The place of the folder among `shelves`; None where none fits for certain.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


class Structurer(Protocol):
    """Finds out what a conversation was: title, overview, category, tasks, events."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def structure(self, dialogue: Dialogue) -> Structured:
        """The dialogue's structure; an empty one for an empty dialogue.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


class Summarizer(Protocol):
    """Does with a dialogue what a prompt of the user's own says."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def summarize(self, dialogue: Dialogue, *, prompt: str) -> str:
        """The answer as text; an empty one for an empty dialogue.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Sight:
    """What is to be seen in a picture; `telling` unless it shows nothing (blurred, black, a pocket's inside)."""

    description: str
    telling: bool


class PhotoDescriber(Protocol):
    """Says what is to be seen in a picture."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def describe(self, picture: Picture, *, language: str | None) -> Sight:
        """What is to be seen, in `language` (a BCP-47 tag), in English where that is None.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Phrase:
    """Something to be translated; `id` is unique among those that are given together."""

    id: str
    text: str


class Translator(Protocol):
    """Says in another language what was said."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def translate(self, phrases: Sequence[Phrase], *, to: str) -> dict[str, str]:
        """The translations into `to` (a BCP-47 tag) by the phrases' ids; those not worth one are missing.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Fact:
    """Something worth remembering.

    `turns` are the places in the dialogue of the turns that say it. `category` is what the model calls it, if it says.
    An insight is advice from a named source outside; everything else is about the user.
    """

    content: str
    turns: tuple[int, ...] = ()
    category: str | None = None
    is_insight: bool = False


@dataclass(frozen=True)
class Background:
    """What is known before a dialogue: what the user is called, and facts that need not be said again."""

    user: str = "User"
    known: tuple[str, ...] = ()
    most_facts: int = 2
    most_insights: int = 2
    alone_is_user: bool = True
    """Whether a voice that is alone is the user's, where nobody is known to be."""


class Rememberer(Protocol):
    """Finds what a dialogue says that is worth remembering for years."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        """What the dialogue says about the user for good, the most important first; mostly nothing.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Known:
    """A fact that is remembered, how near it is to another (cosine), and since when it was said."""

    content: str
    score: float
    said_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """What a new fact is to what is known: new, or the same as, part of one with, or in place of `which` of those.

    `which` counts within what the fact was compared with; `content` is what is to be remembered from now on.
    """

    what: Literal["new", "same", "merge", "replace"]
    content: str
    which: int = 0


class Reconciler(Protocol):
    """Judges new facts by those that are known."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def reconcile(self, facts: Sequence[tuple[str, Sequence[Known]]]) -> list[Verdict]:
        """One verdict for each of `facts`, which stand with what is nearest to them, in their order.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...


@dataclass(frozen=True)
class Episode:
    """A conversation of a day as it was understood; `began` is the time on the user's clock (14:30)."""

    conversation_id: str
    began: str
    minutes: int
    title: str
    overview: str
    emoji: str
    category: str


@dataclass(frozen=True)
class Day:
    """A day of somebody's, with their language (a BCP-47 tag) where it is known."""

    episodes: tuple[Episode, ...]
    language: str | None


@dataclass(frozen=True)
class Remark:
    """Something worth keeping of a day, and the conversation that it comes from."""

    text: str
    conversation_id: str


@dataclass(frozen=True)
class Topic:
    """Something that a day was about."""

    title: str
    emoji: str
    summary: str
    conversation_ids: tuple[str, ...]


@dataclass(frozen=True)
class LookBack:
    """What a day was."""

    headline: str
    overview: str
    emoji: str
    topics: tuple[Topic, ...] = ()
    questions: tuple[Remark, ...] = ()
    decisions: tuple[Remark, ...] = ()
    insights: tuple[Remark, ...] = ()


class DaySummarizer(Protocol):
    """Looks back on a day."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def look_back(self, day: Day) -> LookBack:
        """What the day was; it has one episode at least.

        Raises:
            ProviderError: as the model behind it does.
        """
        ...
