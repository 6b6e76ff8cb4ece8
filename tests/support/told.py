"""What people tell of themselves, written to improve how it is heard: dialogues and sentences, with their facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from common.llm.ports import Dialogue
from tests.support.dialogues import turns

FOLDER = Path(__file__).parents[1] / "data" / "told"
QUOTED = ("everyday", "working")
_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A dialogue with the facts that a careful reader remembers of it."""

    name: str
    dialogue: Dialogue
    memories: tuple[str, ...]
    quotes: tuple[str, ...] = ()
    """Where it is known: the user's own words that tell them."""


def told_dialogues(name: str = "dialogues") -> Iterator[Told]:
    """The dialogues of a file."""
    for fields in yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text()):
        yield Told(fields["name"], _dialogue(fields["dialogue"]), tuple(fields["memories"]))


def quoted_dialogues() -> Iterator[Told]:
    """Dialogues of two authors who knew of no rules, with the words that tell each fact."""
    for name in QUOTED:
        for fields in yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text()):
            facts = tuple(each["fact"] for each in fields["memories"])
            quotes = tuple(quote for each in fields["memories"] for quote in each["told"])
            yield Told(f"{name}: {fields['name']}", _dialogue(fields["dialogue"]), facts, quotes)


def told_sentences() -> Iterator[Told]:
    """Sentences that tell a fact each."""
    for line in (FOLDER / "sentences.txt").read_text().splitlines():
        said, _, fact = line.partition(" | ")
        yield Told(said, _dialogue(f"Speaker 1: Okay.\nUser: {said}"), (fact,))


def lasting_sentences() -> Iterator[str]:
    """Sentences that tell a fact each; which, nobody has written down."""
    yield from (FOLDER / "lasting.txt").read_text().splitlines()


def passing_sentences() -> Iterator[Told]:
    """Sentences in the first person that tell nothing lasting."""
    for line in (FOLDER / "passing.txt").read_text().splitlines():
        yield Told(line, _dialogue(f"Speaker 1: Okay.\nUser: {line}"), ())


def _dialogue(written: str) -> Dialogue:
    return Dialogue(tuple(turns(written)), _BEGAN, "en", "UTC")
