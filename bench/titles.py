"""What a stranger's conversation is called, filed under and turned into, without a language model.

`python -m bench.titles [--cache DIR] [--half dev|held_out] [--show]`: scores the dialogues of tests/data/titled, which
are written as a recogniser writes: of every title what is wrong with it by plain rules (`faults`), of every category
whether a person would have chosen it, and the action items found and wanted.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import scoring
from bench.quality import TASK_SHARE, kinds
from bench.scoring import Counts
from common.llm.filler import telling_words
from common.llm.words import words
from common.models.structured import Structured
from local.models.process import running_model_server
from tests.support.titled import Titled, titled_dialogues

FEWEST_WORDS, MOST_WORDS = 2, 8
FEWEST_CHARACTERS, MOST_CHARACTERS = 4, 20
"""Of a title in a script without blanks."""
_SAME_BEGINNING = 5
"""Letters that two words share at their beginning, at least, to be of one stem: all of a shorter one."""
_SMALL = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "my", "our")
)
"""Written small within an English title."""
_EDGES = {
    "en": """
        a an the and or but of for in to on at with from by i you he she it we they me him her us them my your his
        our their
        this that these those is are was so if because as not
    """,
    "de": """
        der die das den dem des ein eine einen und oder aber von zu in mit für auf an bei im am zum zur ich du er
        sie es wir
        ihr mich dich mein dein sein ist nicht so
    """,
    "es": """
        el la los las un una y o pero de del en con para por a yo tú él ella nosotros me te se lo mi tu su que no es
    """,
    "fr": """
        le la les un une des et ou mais de du en avec pour par à je tu il elle on nous vous ils me te se mon ton
        son que ne
        pas est au aux l d
    """,
}


def faults(title: str, wanted: Titled) -> Iterator[str]:
    """What is wrong with a title; nothing with one that a person could have given."""
    if any("\u3040" <= letter <= "\u9fff" for letter in wanted.title):
        yield from _faults_unspaced(title, wanted)
        return
    said = [word.lower() for word in words(title)]
    edges = _EDGES[wanted.dialogue.language or ""].split()
    spoken = {part for turn in wanted.dialogue.turns for word in words(turn.text) for part in _parts(word)}
    joints = set(edges) | _SMALL
    if not said or not telling_words(said[0], wanted.dialogue.language):
        yield "begins with a word that says nothing"
    if len(set(said) - joints) < len([word for word in said if word not in joints]) or _stutters(said):
        yield "says a word twice"
    if not FEWEST_WORDS <= len(said) <= MOST_WORDS:
        yield "too short or too long"
    if not any(_akin(word, other) for word in said for other in words(wanted.title.lower()) if other not in joints):
        yield "shares no word with a person's title"
    if said and (said[0] in edges or said[-1] in edges):
        yield "begins or ends with a word that leads on"
    if not title[:1].isupper() or (
        wanted.dialogue.language == "en" and any(w.islower() and w not in _SMALL for w in words(title))
    ):
        yield "isn't written as a title"
    if any(part not in spoken and part not in joints for word in said for part in _parts(word)):
        yield "has words that nobody said"


def _faults_unspaced(title: str, wanted: Titled) -> Iterator[str]:
    if not FEWEST_CHARACTERS <= len(title) <= MOST_CHARACTERS:
        yield "too short or too long"
    if not {a + b for a, b in pairwise(title)} & {a + b for a, b in pairwise(wanted.title)}:
        yield "shares no word with a person's title"
    if title[-1:] in "はがをにでとのもへ" or title[:1] in "はがをにでともへえあ":
        yield "begins or ends with a word that leads on"
    if not all(
        letter in "".join(turn.text for turn in wanted.dialogue.turns) or letter in "とのや" for letter in title
    ):
        yield "has words that nobody said"


def _parts(word: str) -> list[str]:
    return word.lower().split("'")


def _stutters(said: Sequence[str]) -> bool:
    return any(one == other for one, other in pairwise(said))


def _akin(word: str, other: str) -> bool:
    shared = min(len(word), len(other), _SAME_BEGINNING)
    return shared > len("is") and word[:shared] == other[:shared]


def report(group: Sequence[Titled], made: Sequence[Structured], *, show: bool) -> Iterator[str]:
    """The figures, and what is wrong with each where it may be looked at."""
    found = [list(faults(each.title, wanted)) for wanted, each in zip(group, made, strict=True)]
    right = [each.category is wanted.category for wanted, each in zip(group, made, strict=True)]
    yield f"titles without a fault: {sum(not each for each in found)} of {len(group)}"
    yield from (f"  {fault}: {count}" for fault, count in Counter(f for each in found for f in each).most_common())
    yield f"categories as a person's: {sum(right)} of {len(group)}"
    tasks = [_tasks(wanted, each) for wanted, each in zip(group, made, strict=True)]
    matched, said, wished = (sum(each[place] for each in tasks) for place in range(3))
    yield (
        f"action items: {matched} of the {said} found are right, of {wished} wanted: "
        f"F1 {scoring.total([Counts(2.0 * matched, said + wished)]):.3f}"
    )
    yield f"due on their day: {sum(each[3] for each in tasks)} of {sum(each[4] for each in tasks)} found that have one"
    if show:
        for wanted, each, wrong in zip(group, made, found, strict=True):
            yield f"{wanted.name}: {each.title!r} ({wanted.title!r}) {each.category}/{wanted.category}"
            yield from (f"    {fault}" for fault in wrong)
            yield from (f"    - {item.description} {item.due_at or ''}" for item in each.action_items)


def _tasks(wanted: Titled, made: Structured) -> tuple[int, int, int, int, int]:
    said = [item.description for item in made.action_items]
    matched = scoring.matches([task.text for task in wanted.tasks], said, share=TASK_SHARE)
    zone = wanted.dialogue.started_at.tzinfo
    due = [(wanted.tasks[gold].due, made.action_items[ours].due_at) for gold, ours in matched]
    on_day = sum(day is not None and at is not None and at.astimezone(zone).date() == day for day, at in due)
    return len(matched), len(said), len(wanted.tasks), on_day, sum(day is not None for day, _ in due)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    parser.add_argument("--half", choices=["dev", "held_out"], action="append", help="only this one")
    parser.add_argument("--show", action="store_true", help="what became of each dialogue of the dev half")
    asked = parser.parse_args()
    with running_model_server(asked.cache) as server:
        for kind in kinds(server.url):
            for half in asked.half or ("dev", "held_out"):
                group = list(titled_dialogues(half))
                print(f"\n{kind.name}, {half}")
                made = [kind.structure(each.dialogue) for each in group]
                print("\n".join(report(group, made, show=asked.show and half == "dev")))


if __name__ == "__main__":
    main()
