"""How well conversations are understood: every configured kind of model against simple baselines.

`python -m bench.quality [--cache DIR] [--half dev|held_out] [--misses]`: scores the labelled dialogues of tests/data,
each half apart, English apart from other languages, and those of every other author apart. A difference to its baseline
comes with a 95 % interval from resampling the dialogues. The extractive kind is always scored, the language model of
the settings where there is one.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import scoring
from bench.baselines import Baseline
from bench.scoring import Counts, interval
from common.llm import providers
from common.llm.discard import decide_discard
from common.llm.extractive.structurer import ExtractiveStructurer
from common.llm.first_person import FirstPersonRememberer
from common.llm.judging import PromptedJudge
from common.llm.lasting import LastingJudge
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint
from common.llm.ports import Background, Dialogue, Judge, Rememberer, Structurer
from common.llm.remembering import PromptedRememberer
from common.llm.sentences import sentences
from common.llm.structuring import PromptedStructurer
from common.models.structured import Structured
from local.models.process import running_model_server
from tests.support.dialogues import AUTHORS, Half, Labelled, labelled_dialogues

_TIMEOUT_S = 120.0
_LONG_S = 3600.0
TASK_SHARE, FACT_SHARE = 0.6, 0.5
"""Of a label's words, for an answer to stand for it."""
Finder = Callable[[Dialogue], list[str]]


@dataclass(frozen=True)
class Kind:
    """One kind of model."""

    name: str
    discards: Callable[[Dialogue], bool]
    structure: Callable[[Dialogue], Structured]
    remember: Finder


@dataclass
class Found:
    """What one kind makes of the dialogues of a group, asked once."""

    group: Sequence[Labelled]
    discarded: list[bool] = field(default_factory=list)
    structured: list[Structured | None] = field(default_factory=list)
    """None for what nobody would structure."""
    facts: list[list[str]] = field(default_factory=list)


def ask(kind: Kind, group: Sequence[Labelled]) -> Found:
    """Have every dialogue of the group understood."""
    found = Found(group)
    for each in group:
        found.discarded.append(kind.discards(each.dialogue))
        found.structured.append(None if each.discard else kind.structure(each.dialogue))
        found.facts.append([] if each.discard else kind.remember(each.dialogue))
    return found


def measures(found: Found, baseline: Baseline) -> Iterator[tuple[str, list[Counts], list[Counts]]]:
    """Per measure the counts of every dialogue, ours and the baseline's."""
    kept = [(each, made) for each, made in zip(found.group, found.structured, strict=True) if made is not None]
    yield (
        "discard accuracy",
        [scoring.agreement(said == each.discard) for said, each in zip(found.discarded, found.group, strict=True)],
        [scoring.agreement(baseline.discards(each.dialogue) == each.discard) for each in found.group],
    )
    yield (
        "category accuracy",
        [scoring.agreement(made.category is each.category) for each, made in kept],
        [scoring.agreement(baseline.category is each.category) for each, _ in kept],
    )
    for name, value in (("precision", scoring.precision), ("recall", scoring.recall), ("F1", scoring.f1)):
        yield (
            f"action items {name}",
            [value(*_tasks(each, [item.description for item in made.action_items])) for each, made in kept],
            [value(*_tasks(each, baseline.tasks(each.dialogue))) for each, _ in kept],
        )
    for name, rouge in (("ROUGE-1", scoring.rouge_1), ("ROUGE-L", scoring.rouge_l)):
        yield (
            f"overview {name}",
            [rouge(made.overview, each.overview) for each, made in kept],
            [rouge(baseline.overview(each.dialogue), each.overview) for each, _ in kept],
        )
    facts = [(each, said) for each, said in zip(found.group, found.facts, strict=True) if not each.discard]
    for name, value in (("precision", scoring.precision), ("recall", scoring.recall), ("F1", scoring.f1)):
        yield (
            f"memories {name}",
            [value(*_facts(each, said)) for each, said in facts],
            [value(*_facts(each, baseline.facts(each.dialogue))) for each, _ in facts],
        )


def _tasks(each: Labelled, said: Sequence[str]) -> tuple[int, int, int]:
    return len(scoring.matches([task.text for task in each.tasks], said, share=TASK_SHARE)), len(said), len(each.tasks)


def _facts(each: Labelled, said: Sequence[str]) -> tuple[int, int, int]:
    return len(scoring.matches(each.memories, said, share=FACT_SHARE)), len(said), len(each.memories)


def _own_sentences(dialogue: Dialogue) -> list[str]:
    return [each.text for each in sentences(dialogue) if each.is_user]


def with_what_precedes(dialogue: Dialogue) -> list[str]:
    """The user's sentences, each alone, with the one before it in the dialogue, and with their own before it."""
    every, own = sentences(dialogue), _own_sentences(dialogue)
    after_any = [f"{before.text} {each.text}" for before, each in pairwise(every) if each.is_user]
    return [*own, *after_any, *(f"{before} {text}" for before, text in pairwise(own))]


def rows(found: Found) -> Iterator[str]:
    """The table."""
    for name, ours, theirs in measures(found, Baseline(found.group)):
        low, high = interval(ours, theirs)
        mine, other = scoring.total(ours), scoring.total(theirs)
        yield f"{name:24} {mine:7.3f} {other:9.3f} {mine - other:+11.3f} [{low:+.3f}, {high:+.3f}]"


def without_long(found: Found) -> Found:
    """The same without conversations of hours, in which a rule that fires at every turn looks worse than it is."""
    places = [place for place, each in enumerate(found.group) if each.dialogue.turns[-1].end < _LONG_S]
    return Found(
        [found.group[place] for place in places],
        [found.discarded[place] for place in places],
        [found.structured[place] for place in places],
        [found.facts[place] for place in places],
    )


def details(found: Found) -> Iterator[str]:
    """What no baseline is held against: days of tasks, events, and how many facts anybody finds who tells sentences."""
    right = due = 0
    exact, announced, wanted = 0, 0, 0
    for each, made in zip(found.group, found.structured, strict=True):
        if made is None:
            continue
        zone = each.dialogue.started_at.tzinfo
        said = [item.description for item in made.action_items]
        for gold, ours in scoring.matches([task.text for task in each.tasks], said, share=TASK_SHARE):
            if (day := each.tasks[gold].due) is not None:
                due += 1
                at = made.action_items[ours].due_at
                right += at is not None and at.astimezone(zone).date() == day
        starts = {event.start for event in made.events}
        exact += sum(start in starts for _, start in each.events)
        announced += len(made.events)
        wanted += len(each.events)
    yield f"of the tasks found that have a day {right} of {due} are due on it"
    yield f"of {wanted} events {exact} are found at the right time, {announced} are announced"
    told = [each for each in found.group if not each.discard]
    within = sum(_facts(each, _own_sentences(each.dialogue))[0] for each in told)
    near = sum(_facts(each, with_what_precedes(each.dialogue))[0] for each in told)
    facts = sum(len(each.memories) for each in told)
    yield f"of {facts} facts {within} are within one sentence of the user's, {near} within it and one before it"


def misses(found: Found) -> Iterator[str]:
    """What was decided, named or found otherwise than the labels say; for the half that may be looked at."""
    for each, discarded, made in zip(found.group, found.discarded, found.structured, strict=True):
        if discarded != each.discard:
            yield f"{each.name}: {'discarded' if discarded else 'kept'}"
        if made is not None:
            yield from (f"{each.name}: {miss}" for miss in _misses(each, made))


def _misses(each: Labelled, made: Structured) -> Iterator[str]:
    if made.category is not each.category:
        yield f"{made.category}, not {each.category}"
    wanted, said = [task.text for task in each.tasks], [item.description for item in made.action_items]
    matched = scoring.matches(wanted, said, share=TASK_SHARE)
    yield from (f"wrong task: {said[place]}" for place in set(range(len(said))) - {ours for _, ours in matched})
    yield from (f"missed task: {wanted[place]}" for place in set(range(len(wanted))) - {gold for gold, _ in matched})
    starts = {event.start for event in made.events}
    yield from (f"missed event: {title}" for title, start in each.events if start not in starts)


def kinds(url: str) -> Iterator[Kind]:
    """Those that can be asked."""
    endpoint = OpenAIEndpoint(f"{url}/v1", timeout_s=_TIMEOUT_S, provider="local models")
    encoder = OpenAIEmbedder(endpoint, model=providers.LOCAL_ENCODER, dimension=providers.LOCAL_DIMENSION)
    yield _kind("extractive", ExtractiveStructurer(encoder), FirstPersonRememberer(LastingJudge(encoder)), None)
    if (model := providers.language_model()) is not None:
        yield _kind(model.name, PromptedStructurer(model), PromptedRememberer(model), PromptedJudge(model))


def _kind(name: str, structurer: Structurer, rememberer: Rememberer, judge: Judge | None) -> Kind:
    return Kind(
        name,
        lambda dialogue: decide_discard(dialogue, judge).discarded,
        structurer.structure,
        lambda dialogue: [fact.content for fact in rememberer.remember(dialogue, Background())],
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    parser.add_argument("--half", choices=["dev", "held_out"], action="append", help="only this one")
    parser.add_argument("--misses", action="store_true", help="name what went wrong in the dev half")
    asked = parser.parse_args()
    with running_model_server(asked.cache) as server:
        for kind in kinds(server.url):
            for half in asked.half or ("dev", "held_out"):
                for title, group in groups(half):
                    found = ask(kind, group)
                    report(found, f"{kind.name}, {half}, {title}")
                    if asked.misses and half == "dev":
                        print("\n".join(misses(found)))


def groups(half: Half) -> Iterator[tuple[str, list[Labelled]]]:
    """The dialogues of a half that are scored together."""
    known = [each for each in labelled_dialogues() if each.half == half]
    yield "English", [each for each in known if each.language == "en"]
    yield "other languages", [each for each in known if each.language != "en"]
    for author in AUTHORS[1:]:
        if group := [each for each in labelled_dialogues(author) if each.half == half]:
            yield f"English, author {author}", group


def report(found: Found, title: str) -> None:
    """Score what was found, and print it."""
    print(f"\n{title}: {len(found.group)} dialogues")
    print(f"{'':24} {'ours':>7} {'baseline':>9} {'difference, 95 % interval':>30}")
    print("\n".join(rows(found)))
    short = without_long(found)
    if len(short.group) < len(found.group):
        print("without the long ones:")
        print("\n".join(row for row in rows(short) if row.split("  ")[0].endswith("F1")))
    print("\n".join(details(found)))


if __name__ == "__main__":
    main()
