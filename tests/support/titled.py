"""Short dialogues as a recogniser writes them, with the title that a person would give each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import yaml

from common.llm.ports import Dialogue
from common.models.structured import ConversationCategory
from tests.support.dialogues import Task, turns

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
        zone = ZoneInfo(fields["timezone"])
        yield Titled(
            name=fields["name"],
            dialogue=Dialogue(
                turns=tuple(turns(fields["dialogue"])),
                started_at=datetime.fromisoformat(str(fields["began"])).replace(tzinfo=zone),
                language=fields["language"],
                timezone=fields["timezone"],
            ),
            title=fields["title"],
            category=ConversationCategory[fields["category"].upper()],
            tasks=tuple(Task(task["text"], _day(task.get("due"))) for task in fields["action_items"]),
        )


def _day(written: object) -> date | None:
    return None if written is None else date.fromisoformat(str(written))
