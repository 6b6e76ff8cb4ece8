"""Short dialogues as a recogniser writes them, with the title that a person would give each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from common.llm.ports import Dialogue
from common.models.structured import ConversationCategory
from tests.support.dialogues import Task, dialogue_of, tasks_of

FOLDER = Path(__file__).parents[1] / "data" / "titled"
Half = Literal["dev", "held_out"]


@dataclass(frozen=True)
class Titled:
    """A dialogue with what a person would make of it."""

    name: str
    dialogue: Dialogue
    title: str
    category: ConversationCategory
    tasks: tuple[Task, ...]


def titled_dialogues(half: Half) -> Iterator[Titled]:
    """Those that may be looked at, or those that are only scored."""
    for fields in yaml.safe_load((FOLDER / f"{half}.yaml").read_text()):
        yield Titled(
            name=fields["name"],
            dialogue=dialogue_of(fields),
            title=fields["title"],
            category=ConversationCategory[fields["category"].upper()],
            tasks=tasks_of(fields),
        )
