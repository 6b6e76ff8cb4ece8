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


def labelled_dialogues() -> Iterator[Labelled]:
    """All of them, by name."""
    written = {path.stem: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yaml")}
    for name, fields in sorted((written | long_dialogues()).items()):
        yield _labelled(name, fields)


def _labelled(name: str, fields: dict[str, Any]) -> Labelled:
    half = name.partition("-")[0]
    if half not in ("dev", "held_out"):
        raise ValueError(f"{name} is of no half")
    zone = ZoneInfo(fields["timezone"])
    return Labelled(
        name=name,
        half="dev" if half == "dev" else "held_out",
        dialogue=Dialogue(
            turns=tuple(turns(fields["dialogue"])),
            started_at=datetime.fromisoformat(str(fields["began"])).replace(tzinfo=zone),
            language=fields["language"],
            timezone=fields["timezone"],
        ),
        discard=fields["discard"],
        category=ConversationCategory[fields["category"].upper()],
        overview=fields["overview"],
        tasks=tuple(Task(task["text"], _day(task.get("due"))) for task in fields["action_items"]),
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


def _day(written: object) -> date | None:
    return None if written is None else date.fromisoformat(str(written))
