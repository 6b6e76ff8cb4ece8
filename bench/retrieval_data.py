"""Long dialogues with questions whose answers are known by turn, made from bench/retrieval_dialogues.txt.

The same every time. A world is what one user has recorded: in a `pair` two people talk session after session, in a
`circle` the user talks with six others, who all tell the same kinds of things, so that only names tell them apart.
"""

import random
import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

Part = Literal["tune", "test"]
Told = TypeVar("Told")

_SOURCE = Path(__file__).parent / "retrieval_dialogues.txt"
_BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NAMES = {
    "tune": ["Marta", "Joel", "Selma", "Bruno", "Edith", "Nadim", "Clara", "Pavel", "Hanna", "Victor"],
    "test": ["Irene", "Caleb", "Freya", "Anton", "Leila", "Hugo", "Noor", "Silas", "Greta", "Emil"],
}
_SCENES_PER_SESSION = 4
_REPEATS = 4
"""Scenes of one kind and speaker that only the day tells apart."""


@dataclass(frozen=True)
class Line:
    """What one of two speakers says; `speaker` is A or B."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A question of a scene: its kind, its text with braces, and the lines that answer it, from 0."""

    kind: str
    text: str
    lines: tuple[int, ...]


@dataclass
class Scene:
    """A piece of dialogue, and what can be asked about it."""

    part: Part
    lines: list[Line] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """A turn of a session; its id is unique within the world."""

    id: str
    speaker: str
    text: str


@dataclass
class Session:
    """One conversation."""

    id: str
    at: datetime
    turns: list[Turn] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """A question, its kind, and the ids of the turns that answer it."""

    kind: str
    text: str
    evidence: tuple[str, ...]


@dataclass
class World:
    """What one user has recorded, and what is asked."""

    name: str
    sessions: list[Session]
    questions: list[Question]


def say_which(parser: ArgumentParser) -> None:
    """Have a command line say which worlds are made: a half of the scenes, and how many of how many people."""
    parser.add_argument("--part", choices=("tune", "test"), default="test")
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--circles", type=int, default=1)


def worlds(part: Part, *, pairs: int, circles: int) -> list[World]:
    """The worlds of one half of the scenes."""
    lists, scenes, small = read(part)
    made = [_world(f"{part}-pair-{n}", part, lists, scenes, small, people=2, seed=n) for n in range(pairs)]
    made += [_world(f"{part}-circle-{n}", part, lists, scenes, small, people=7, seed=100 + n) for n in range(circles)]
    return made


def read(part: Part) -> tuple[dict[str, list[str]], list[Scene], list[list[Line]]]:
    """The lists of values, the scenes of one half, and its small talk."""
    lists: dict[str, list[str]] = {}
    scenes: list[Scene] = []
    small: list[list[Line]] = []
    into: list[Line] = []
    wanted = False
    for raw in _SOURCE.read_text().splitlines():
        line = raw.strip()
        if line.startswith("list "):
            name, values = line[5:].split(": ", 1)
            lists[name] = values.split(", ")
        elif line.startswith("== small"):
            wanted = line.split()[2] == part
            into = []
            if wanted:
                small.append(into)
        elif line.startswith("== "):
            wanted = line.split()[1] == part
            if wanted:
                scenes.append(Scene(part))
                into = scenes[-1].lines
        elif line == "--" and wanted:
            into = []
            small.append(into)
        elif wanted and line[:2] in {"A:", "B:"}:
            into.append(Line(line[0], line[3:]))
        elif wanted and line[:1] in {"~", "?", "=", "@"}:
            text, numbers = line[2:].rsplit(" | ", 1)
            scenes[-1].asked.append(Asked(line[0], text, tuple(int(n) - 1 for n in numbers.split())))
    return lists, scenes, small


def _world(
    name: str,
    part: Part,
    lists: dict[str, list[str]],
    scenes: list[Scene],
    small: list[list[Line]],
    *,
    people: int,
    seed: int,
) -> World:
    rng = random.Random(f"{name}{seed}")  # noqa: S311 - the same every time
    cast = rng.sample(NAMES[part], people)
    told = [(scene, speaker, True) for scene in scenes for speaker in cast if people == 2 or rng.random() < 0.6]
    told += [
        (scene, cast[0], False)
        for scene in scenes
        if any(each.kind == "@" for each in scene.asked)
        for _ in range(_REPEATS)
    ]
    rng.shuffle(told)
    sessions: list[Session] = []
    asked: list[tuple[str, str, tuple[str, ...]]] = []
    for session, pair, chosen in in_sessions(told, lambda each: each[1], name=name, cast=cast, rng=rng):
        sessions.append(session)
        for scene, teller, timeless in chosen:
            chat(session, small, pair, rng)
            first = len(session.turns)
            values = tell(session, scene, lists, teller=teller, other=next(iter(pair - {teller})), rng=rng)
            for each in scene.asked:
                if (each.kind == "@") == timeless:
                    continue
                evidence = tuple(session.turns[first + n].id for n in each.lines)
                values["when"] = f"on {session.at.day} {session.at:%B %Y}"
                asked.append((each.kind, filled(each.text, values), evidence))
        chat(session, small, pair, rng)
    # What is asked of several scenes in the same words has no answer.
    texts = [text for _, text, _ in asked]
    questions = [Question(kind, text, evidence) for kind, text, evidence in asked if texts.count(text) == 1]
    return World(name, sessions, questions)


def in_sessions(
    waiting: list[Told], teller_of: Callable[[Told], str], *, name: str, cast: Sequence[str], rng: random.Random
) -> Iterator[tuple[Session, set[str], list[Told]]]:
    """Of what waits to be told some at a time, in a session of the first of the cast with one of the others.

    Args:
        waiting: all of it; what is told is taken out.
        teller_of: who tells it.
        name: of the world, by which sessions are named.
        cast: who talks.
        rng: draws; nobody else draws until the next session is asked for but for this one.
    """
    number = 0
    while waiting:
        pair = {cast[0], rng.choice(cast[1:])}
        chosen = [each for each in waiting if teller_of(each) in pair][:_SCENES_PER_SESSION]
        if not chosen:
            continue
        at = _BEGIN + timedelta(days=3 * number + rng.randrange(2), minutes=rng.randrange(600))
        session = Session(f"{name}-s{number}", at)
        number += 1
        for each in chosen:
            waiting.remove(each)
        yield session, pair, chosen


def tell(
    session: Session, scene: Scene, lists: dict[str, list[str]], *, teller: str, other: str, rng: random.Random
) -> dict[str, str]:
    """Add a scene to a session; the values that stand in it."""
    values = {key: rng.choice(options) for key, options in lists.items()} | {"A": teller, "B": other}
    for line in scene.lines:
        _say(session, values[line.speaker], filled(line.text, values))
    return values


def chat(session: Session, small: list[list[Line]], pair: set[str], rng: random.Random) -> None:
    """Add some small talk to a session."""
    for lines in rng.sample(small, rng.randrange(1, 4)):
        first, second = rng.sample(sorted(pair), 2)
        for line in lines:
            _say(session, first if line.speaker == "A" else second, line.text)


def _say(session: Session, speaker: str, text: str) -> None:
    session.turns.append(Turn(f"{session.id}-t{len(session.turns)}", speaker, text))


def filled(text: str, values: dict[str, str]) -> str:
    """A text with values in place of its braces."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)


def turns(world: World) -> Iterator[tuple[Session, int, Turn]]:
    """Every turn with its session and its place in it."""
    for session in world.sessions:
        for number, turn in enumerate(session.turns):
            yield session, number, turn
