"""Free conversation with a language model, which may call tools: its port."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from common.core.errors import ProviderRefusedError
from common.llm.ports import Picture


@dataclass(frozen=True)
class Call:
    """A tool that the model wants to be called.

    Attributes:
        id: what the model calls the call, unique among those of its turn.
        name: the tool's.
        arguments: None where what the model wrote is no JSON object, or none that can be stored.
        signature: what the model wants to see again with the call; nobody else's business.
    """

    id: str
    name: str
    arguments: Mapping[str, Any] | None
    signature: bytes | None = None


@dataclass(frozen=True)
class Said:
    """What was said, by the user, who may show pictures, or by the model, which may call tools."""

    text: str
    by_user: bool
    pictures: tuple[Picture, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Answered:
    """What a tool answered."""

    call: Call
    content: str


@dataclass(frozen=True)
class ToolDescription:
    """A tool as a model sees it; `parameters` is the JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
LONGEST_NAME = 63
"""One less than models take: Gemini's are made one longer where they begin with a digit."""

MOST_CALLS = 32
"""Of one turn; a model that was told to call on and on is not heard further."""


class ToolsRefusedError(ProviderRefusedError):
    """The model, or its server as it is set up, takes no tools at all."""


Turn = Said | Answered
Piece = str | Call


class Talker(Protocol):
    """Goes on with a conversation, word by word."""

    @property
    def name(self) -> str:
        """Who does it, for logs and for the user."""
        ...

    def talk(
        self,
        *,
        system: str,
        turns: Sequence[Turn],
        tools: Sequence[ToolDescription] = (),
        within_s: float | None = None,
    ) -> Iterator[Piece]:
        """What is said next, in the pieces in which it comes, and which tools are to be called, each whole.

        Args:
            system: instructions.
            turns: what was said and answered before; the last turn is not the model's.
            tools: what may be called.
            within_s: real seconds for all of it, where that is less than the settings allow.

        Raises:
            ProviderError: there is no answer, or it broke off.
            ProviderRefusedError: the model declined.
            ToolsRefusedError: it takes no tools.
        """
        ...


def takeable_name(name: str) -> str:
    """A tool's name as a model may have it told again: it can have called one that there is not, by any name at all."""
    return _NOT_IN_NAMES.sub("_", name)[:LONGEST_NAME] or "_"
