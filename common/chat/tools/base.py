"""What a tool is: what the model reads about it, and what it does for the user who asks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from common.core.clock import Deadline
from common.core.errors import InvalidInputError
from common.llm.talking import ToolDescription
from common.models.base import utc_moment
from common.models.chat import FileChat

ZonedMoment = Annotated[AwareDatetime, AfterValidator(utc_moment)]
"""A time that says in which timezone it is meant."""


class Arguments(BaseModel):
    """Base of a tool's arguments; what it does not know it refuses: nobody chooses a user, or a filter, by guessing."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Scope:
    """For whom and until when a tool works. All of it comes from the server, nothing from the model.

    Attributes:
        uid: the user who asks.
        answer_id: what the work is done for.
        zone: the user's.
        deadline: when nobody waits any longer, in real seconds.
        files: what the chat has of the user's files.
    """

    uid: str
    answer_id: str
    zone: tzinfo
    deadline: Deadline
    files: tuple[FileChat, ...] = ()


@dataclass(frozen=True)
class Output:
    """What a tool found: text, conversations by their ids, each with what to tell of it, and perhaps a chart."""

    text: str = ""
    conversations: tuple[tuple[str, str], ...] = ()
    chart: Mapping[str, Any] | None = None


Run = Callable[[Scope, Mapping[str, Any], str], Output]
"""Gets the model's arguments, and a key that is the same when the same call is made again."""


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        description: what the model reads.
        run: does it.
        doing: what the user reads meanwhile.
        changes: whether it changes something, and so needs the user's word.
        ours: whether we have described it; what others write may be something that a model does not take.
    """

    description: ToolDescription
    run: Run
    doing: str
    changes: bool = field(default=False)
    ours: bool = field(default=True)

    @property
    def name(self) -> str:
        """What the model calls it by."""
        return self.description.name


def tool(arguments: type[Arguments], *, doing: str, changes: bool = False) -> Callable[[Callable[..., Output]], Tool]:
    """Make a tool of a function of the scope, the checked arguments and the key; its docstring is for the model."""

    def made(function: Callable[..., Output]) -> Tool:
        def run(scope: Scope, given: Mapping[str, Any], key: str) -> Output:
            try:
                checked = arguments.model_validate_json(json.dumps(given))
            except ValidationError as error:
                problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
                raise InvalidInputError(f"These arguments are not taken: {'; '.join(problems)[:1000]}") from error
            return function(scope, checked, key)

        text = " ".join((function.__doc__ or "").split())
        schema = arguments.model_json_schema()
        return Tool(ToolDescription(function.__name__, text, schema), run, doing, changes)

    return made
