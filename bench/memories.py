"""How much of what people tell of themselves is heard without a language model, by what its rules were made with.

`python -m bench.memories [--cache DIR] [--misses]`: the half of the labelled dialogues that may be looked at, the
dialogues of `tests/data/told` and its sentences, first with the forms alone, then with what is judged beside them by
the local encoder. What counts as heard is decided as in `bench.quality`, which alone scores the half that nobody looks
at; of `unseen.yaml`, too, no misses are named.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import scoring
from bench.baselines import Baseline
from bench.quality import FACT_SHARE
from common.llm import providers
from common.llm.first_person import FirstPersonRememberer
from common.llm.lasting import LastingJudge
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint
from common.llm.ports import Background
from local.models.process import running_model_server
from tests.support.dialogues import labelled_dialogues
from tests.support.told import Told, passing_sentences, quoted_dialogues, told_dialogues, told_sentences

_TIMEOUT_S = 120.0
_UNSEEN = "told, unseen"


def groups() -> Iterator[tuple[str, list[Told]]]:
    """What may be looked at, by its kind."""
    dev = [each for each in labelled_dialogues() if each.half == "dev" and each.language == "en" and not each.discard]
    yield "labelled, dev", [Told(each.name, each.dialogue, each.memories) for each in dev]
    yield "told, dialogues", list(told_dialogues())
    yield "told, new dialogues", list(told_dialogues("new_dialogues"))
    yield _UNSEEN, list(told_dialogues("unseen"))
    yield "told, by others", list(quoted_dialogues())
    yield "told, sentences", list(told_sentences())
    yield "passing sentences", list(passing_sentences())


def row(title: str, group: Sequence[Told], said: Sequence[Sequence[str]]) -> str:
    """Precision, recall and F1 of a group, and the baseline's recall."""
    counts = [_counts(each, facts) for each, facts in zip(group, said, strict=True)]
    theirs = [_counts(each, Baseline(()).facts(each.dialogue)) for each in group]
    ours = [
        scoring.total([value(*count) for count in counts]) for value in (scoring.precision, scoring.recall, scoring.f1)
    ]
    wanted, found = sum(len(each.memories) for each in group), sum(map(len, said))
    recall = scoring.total([scoring.recall(*count) for count in theirs])
    figures = " ".join(f"{value:9.3f}" for value in [*ours, recall])
    return f"{title:20} {len(group):5} {wanted:6} {found:6} {figures}"


def misses(group: Sequence[Told], said: Sequence[Sequence[str]]) -> Iterator[str]:
    """What was told and not heard, and heard and not told."""
    for each, facts in zip(group, said, strict=True):
        pairs = scoring.matches(each.memories, facts, share=FACT_SHARE)
        right, heard = {place for place, _ in pairs}, {other for _, other in pairs}
        yield from (f"  {each.name}: missed: {fact}" for n, fact in enumerate(each.memories) if n not in right)
        yield from (f"  {each.name}: wrong: {fact}" for n, fact in enumerate(facts) if n not in heard)


def _counts(each: Told, said: Sequence[str]) -> tuple[int, int, int]:
    return len(scoring.matches(each.memories, said, share=FACT_SHARE)), len(said), len(each.memories)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="name what went wrong")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    asked = parser.parse_args()
    with running_model_server(asked.cache) as server:
        endpoint = OpenAIEndpoint(f"{server.url}/v1", timeout_s=_TIMEOUT_S, provider="local models")
        encoder = OpenAIEmbedder(endpoint, model=providers.LOCAL_ENCODER, dimension=providers.LOCAL_DIMENSION)
        for title, judge in (("forms alone", None), ("forms, and judged", LastingJudge(encoder))):
            _print(title, FirstPersonRememberer(judge), name_misses=asked.misses)


def _print(title: str, rememberer: FirstPersonRememberer, *, name_misses: bool) -> None:
    print(
        f"\n{title:20} {'items':>5} {'facts':>6} {'found':>6} {'precision':>9} {'recall':>9} {'F1':>9} {'baseline':>9}"
    )
    for name, group in groups():
        said = [[fact.content for fact in rememberer.remember(each.dialogue, Background())] for each in group]
        print(row(name, group, said))
        if name_misses and name != _UNSEEN:
            print("\n".join(misses(group, said)))


if __name__ == "__main__":
    main()
