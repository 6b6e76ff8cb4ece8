"""The labelled dialogues of tests/data: what was said, and what a careful reader finds in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

from common.llm.ports import Dialogue, Turn
from common.models.structured import ConversationCategory
from tests.data.long_dialogues import long_dialogues

FOLDER = Path(__file__).parents[1] / "data" / "dialogues"
Half = Literal["dev", "held_out"]
_WORDS_PER_SECOND = 2.5
_USER = "User"
_EACH_AUTHORS = 100
AUTHORS = range(4)
"""Who wrote the dialogues: 0 whoever improved what is scored with them, too; of the others 3 is only scored."""


@dataclass(frozen=True)
class Task:
    """What is to be done, and by which day (in the user's timezone) where that was said."""

    text: str
    due: date | None


@dataclass(frozen=True)
class Labelled:
    """A dialogue with its labels."""

    name: str
    half: Half
    dialogue: Dialogue
    discard: bool
    category: ConversationCategory
    overview: str
    tasks: tuple[Task, ...]
    events: tuple[tuple[str, datetime], ...]
    memories: tuple[str, ...]

    @property
    def language(self) -> str:
        """What is spoken."""
        return self.dialogue.language or ""


def labelled_dialogues(author: int = 0) -> Iterator[Labelled]:
    """Those of one author, by name; 1 to 3 are those who had seen no code, whose numbers begin with their own."""
    written = {path.stem: path for path in FOLDER.glob("*.yaml") if _author(path.stem) == author}
    fields = {name: yaml.safe_load(path.read_text()) for name, path in written.items()}
    for name, each in sorted((fields | (long_dialogues() if author == 0 else {})).items()):
        yield _labelled(name, each)


def _author(name: str) -> int:
    return int(name.split("-")[2]) // _EACH_AUTHORS


def _labelled(name: str, fields: dict[str, Any]) -> Labelled:
    half = name.partition("-")[0]
    if half not in ("dev", "held_out"):
        raise ValueError(f"{name} is of no half")
    zone = ZoneInfo(fields["timezone"])
    return Labelled(
        name=name,
        half="dev" if half == "dev" else "held_out",
        dialogue=dialogue_of(fields),
        discard=fields["discard"],
        category=ConversationCategory[fields["category"].upper()],
        overview=fields["overview"],
        tasks=tasks_of(fields),
        events=tuple(
            (event["title"], datetime.fromisoformat(str(event["start"])).replace(tzinfo=zone))
            for event in fields["events"]
        ),
        memories=tuple(fields["memories"]),
    )


def turns(written: str) -> Iterator[Turn]:
    """The turns of a dialogue, of a line each; each takes as long as its words."""
    at = 0.0
    for line in written.strip().splitlines():
        speaker, _, text = line.partition(": ")
        lasts = max(1.0, len(text.split()) / _WORDS_PER_SECOND)
        user = speaker == _USER
        yield Turn("You" if user else speaker, text, round(at, 2), round(at + lasts, 2), is_user=user)
        at += lasts + 0.5


def dialogue_of(fields: dict[str, Any]) -> Dialogue:
    """What was said, when and where."""
    return Dialogue(
        turns=tuple(turns(fields["dialogue"])),
        started_at=datetime.fromisoformat(str(fields["began"])).replace(tzinfo=ZoneInfo(fields["timezone"])),
        language=fields["language"],
        timezone=fields["timezone"],
    )


def tasks_of(fields: dict[str, Any]) -> tuple[Task, ...]:
    """What is to be done."""
    return tuple(Task(task["text"], _day(task.get("due"))) for task in fields["action_items"])


def _day(written: object) -> date | None:
    return None if written is None else date.fromisoformat(str(written))
