"""What the chat without a language model answers of what was said, and what it says of what was not.

    python -m bench.answering [--part test] [--pairs 2] [--circles 1]

The dialogues are those of `bench.retrieval`, with a third of the scenes left out, and each of the others told by about
half of those who talk. Asked is what was told (answerable), what stands in the scenes that were left out (never said),
and, by the name of who has not told it, what somebody else has told (another's). Printed: the share of the answerable
whose evidence is quoted, and of each kind the shares that are told as found, that hear that nothing surely answers, and
that nothing was found; quotes and words of an answer. The bars were chosen on part `tune`.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import retrieval_data
from bench.retrieval import cloud, remember
from bench.retrieval_data import (
    NAMES,
    Part,
    Scene,
    Session,
    World,
    chat,
    filled,
    in_sessions,
    read,
    say_which,
    tell,
)
from common.chat.phrases import ENGLISH
from common.chat.ports import Cites, Question, Words
from common.chat.quoting import QuotingAnswerer
from common.core import clock
from common.models.chat import MessageSender, MessageView

ANSWERABLE, NEVER_SAID, ANOTHERS = "answerable", "never said", "another's"
_LEFT_OUT = 3
"""Every so many scenes one is left out."""
_BRACED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Asked:
    """A question, of which kind, and the ids of the turns that answer it."""

    kind: str
    text: str
    evidence: tuple[str, ...] = ()


def asked_worlds(part: Part, *, pairs: int, circles: int) -> Iterator[tuple[World, list[Asked]]]:
    """What is told in one half of the scenes, and what is asked; the same every time."""
    for number in range(pairs):
        yield _world(f"{part}-two-{number}", part, people=2)
    for number in range(circles):
        yield _world(f"{part}-seven-{number}", part, people=7)


def _world(name: str, part: Part, *, people: int) -> tuple[World, list[Asked]]:
    rng = random.Random(name)  # noqa: S311 - the same every time
    lists, scenes, small = read(part)
    cast = rng.sample(NAMES[part], people)
    order = rng.sample(range(len(scenes)), len(scenes))
    left_out = {place for at, place in enumerate(order) if at % _LEFT_OUT == 0}
    waiting: list[tuple[int, str]] = []
    for place in range(len(scenes)):
        tellers = [each for each in cast if rng.random() < 0.5] or [rng.choice(cast)]
        waiting += [] if place in left_out else [(place, teller) for teller in tellers]
    told = list(waiting)
    rng.shuffle(waiting)
    sessions: list[Session] = []
    asked: list[Asked] = []
    for session, pair, chosen in in_sessions(waiting, lambda each: each[1], name=name, cast=cast, rng=rng):
        sessions.append(session)
        for place, teller in chosen:
            chat(session, small, pair, rng)
            scene = scenes[place]
            first = len(session.turns)
            values = tell(session, scene, lists, teller=teller, other=next(iter(pair - {teller})), rng=rng)
            for each in _lasting(scene):
                evidence = tuple(session.turns[first + n].id for n in each.lines)
                asked.append(Asked(ANSWERABLE, filled(each.text, values), evidence))
            strangers = [who for who in cast if (place, who) not in told]
            # Only of whoever it is asked of by name it is known that they have not told it.
            asked += [
                Asked(ANOTHERS, filled(each.text, values | {"A": rng.choice(strangers)}))
                for each in _lasting(scene)
                if strangers and set(_BRACED.findall(each.text)) == {"A"}
            ]
        chat(session, small, pair, rng)
    for place in sorted(left_out):
        values = {key: rng.choice(options) for key, options in lists.items()}
        teller, other = rng.sample(cast, 2)
        asked += [
            Asked(NEVER_SAID, filled(each.text, values | {"A": teller, "B": other})) for each in _lasting(scenes[place])
        ]
    # What is asked of several scenes in the same words has no answer, or several.
    texts = [each.text for each in asked]
    return World(name, sessions, []), [each for each in asked if texts.count(each.text) == 1]


def _lasting(scene: Scene) -> list[retrieval_data.Asked]:
    """What is asked of a scene whenever it was told."""
    return [each for each in scene.asked if each.kind != "@"]


@dataclass(frozen=True)
class Answered:
    """What was asked and what came of it."""

    asked: Asked
    quoted: bool
    found: bool
    guessed: bool
    quotes: int
    words: int


def answers(world: World, asked: Sequence[Asked]) -> Iterator[Answered]:
    """Ask the chat."""
    turns = {turn.id: turn.text for session in world.sessions for turn in session.turns}
    for each in asked:
        message = MessageView(id="m", text=each.text, created_at=clock.now(), sender=MessageSender.HUMAN)
        parts = list(QuotingAnswerer().answer(Question(world.name, message)))
        said = "".join(part.text for part in parts if isinstance(part, Words))
        yield Answered(
            each,
            quoted=any(turns[turn] in said for turn in each.evidence),
            found=ENGLISH.found in said,
            guessed=ENGLISH.perhaps in said,
            quotes=sum(len(part.conversation_ids) for part in parts if isinstance(part, Cites)),
            words=len(said.split()),
        )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    say_which(parser)
    options = parser.parse_args()
    found: list[Answered] = []
    with cloud():
        for world, asked in asked_worlds(options.part, pairs=options.pairs, circles=options.circles):
            began = time.perf_counter()
            remember(world)
            print(
                f"{world.name}: {len(world.sessions)} conversations, {len(asked)} questions, stored in"
                f" {time.perf_counter() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            found += answers(world, asked)
    for kind in (ANSWERABLE, NEVER_SAID, ANOTHERS):
        mine = [each for each in found if each.asked.kind == kind]
        count = max(1, len(mine))
        shares = {
            "quoted": sum(each.quoted for each in mine) / count,
            "told as found": sum(each.found for each in mine) / count,
            "nothing surely": sum(each.guessed for each in mine) / count,
            "nothing": sum(not each.found and not each.guessed for each in mine) / count,
        }
        told = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
        quotes, words = (sum(each.quotes for each in mine) / count, sum(each.words for each in mine) / count)
        print(f"{kind:12} {len(mine):4} questions: {told}; {quotes:.1f} quotes, {words:.0f} words")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
