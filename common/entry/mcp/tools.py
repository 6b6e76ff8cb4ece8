"""What a tool is: a name, a description, a model of its arguments, and what it does for a user."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue


class Arguments(BaseModel):
    """Base of every tool's arguments; what a tool does not know it refuses, so that a model learns its mistake."""

    model_config = ConfigDict(extra="forbid")


Result = dict[str, JsonValue]
"""What a tool answers with, JSON-ready."""


@dataclass(frozen=True)
class Tool:
    """A tool. `run` gets the uid from the key, never from the model."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[str, Any], Result]
    read_only: bool

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of the arguments."""
        return self.arguments.model_json_schema()


def reads(arguments: type[Arguments]) -> Callable[[Callable[[str, Any], Result]], Tool]:
    """Make a tool of a function that changes nothing; its name and docstring are the tool's."""
    return lambda run: _tool(run, arguments, read_only=True)


def writes(arguments: type[Arguments]) -> Callable[[Callable[[str, Any], Result]], Tool]:
    """Make a tool of a function that changes something; its name and docstring are the tool's."""
    return lambda run: _tool(run, arguments, read_only=False)


def _tool(run: Callable[[str, Any], Result], arguments: type[Arguments], *, read_only: bool) -> Tool:
    description = " ".join((run.__doc__ or "").split())
    return Tool(name=run.__name__, description=description, arguments=arguments, run=run, read_only=read_only)
