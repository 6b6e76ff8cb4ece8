"""What the search finds of long dialogues, beside what is usual, and how fast.

    python -m bench.retrieval [--part test] [--pairs 2] [--circles 1]

Conversations are handed over, structured, indexed and searched by the product's own use cases, over the local cloud
and with the local encoder; each is handed over twice. Printed: the share of the turns that answer a question among the
first 5, 10 and 20 turns, and within 500 and 1000 words, for BM25 (bm25s), the encoder alone, both by reciprocal rank,
and ours, once by score and once in the order of the answer, conversation by conversation; the same by kind of question;
hits that are somebody else's, hits that come twice; milliseconds of a search. Parameters were chosen on part `tune`.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bm25s  # type: ignore[import-untyped]  # ships no types
import numpy as np
import numpy.typing as npt

from bench.retrieval_data import Question, World, say_which, turns, worlds
from common.conversations.create import create_from_segments
from common.conversations.index import index_conversation
from common.conversations.search import Page, find_page
from common.conversations.structure import structure_conversation
from common.core.settings import settings
from common.llm.providers import embedder
from common.models.external import ExternalSegments
from local.models.process import running_model_server
from tests.support.stores import running_stores

_TURNS, _WORDS = (5, 10, 20), (500, 1000)
_RANKS = 60
_CACHE = Path(".cache/models")
_SEARCH_WITHIN_MS = 200.0
Ranking = Callable[[Question], Sequence[str]]


@dataclass
class Found:
    """What one way of searching has found: per question its kind and the shares."""

    rows: list[tuple[str, list[float]]] = field(default_factory=list)

    def shares(self, kind: str | None = None) -> list[float]:
        """On the average, of one kind of question or of all."""
        return [float(each) for each in np.mean([row for of, row in self.rows if kind in {None, of}], axis=0)]


@dataclass
class Ours:
    """The product's search of one user; notes how long it takes and what it must not find."""

    world: World
    pages: dict[str, Page] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    leaks: int = 0
    duplicates: int = 0

    def page(self, question: Question) -> Page:
        """The first page of what it finds; asked once."""
        if (known := self.pages.get(question.text)) is not None:
            return known
        began = time.perf_counter()
        page = find_page(question.text, uid=self.world.name, limit=10, include_discarded=False)
        self.milliseconds.append(1000 * (time.perf_counter() - began))
        ids = [hit.conversation.id for hit in page.hits]
        told = [tuple(each.segment_ids) for hit in page.hits for each in hit.passages]
        self.duplicates += len(ids) - len(set(ids)) + len(told) - len(set(told))
        self.leaks += sum(not each.startswith(f"{self.world.name}-s") for passage in told for each in passage)
        self.pages[question.text] = page
        return page

    def by_score(self, question: Question) -> list[str]:
        """The turns of all passages, best first."""
        return [turn for passage in self.page(question).passages for turn in passage.segment_ids]

    def as_answered(self, question: Question) -> list[str]:
        """The turns in the order of the answer."""
        return [turn for hit in self.page(question).hits for each in hit.shown().passages for turn in each.segment_ids]


class Usual:
    """What others do: every turn is found by itself, as `Name: text`."""

    def __init__(self, world: World) -> None:
        told = [turn for _, _, turn in turns(world)]
        self._ids = [turn.id for turn in told]
        texts = [f"{turn.speaker}: {turn.text}" for turn in told]
        self._words = bm25s.BM25()
        self._words.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
        self._meanings = np.asarray(embedder().embed(texts, purpose="document"))
        asked = [question.text for question in world.questions]
        self._asked = dict(zip(asked, np.asarray(embedder().embed(asked, purpose="query")), strict=True))

    def bm25(self, question: Question) -> list[str]:
        """By words."""
        return self._best(self._by_words(question))

    def dense(self, question: Question) -> list[str]:
        """By meaning."""
        return self._best(self._by_meaning(question))

    def rrf(self, question: Question) -> list[str]:
        """By the sum of the reciprocal ranks in both."""
        total = np.zeros(len(self._ids))
        for scores in (self._by_words(question), self._by_meaning(question)):
            total[np.argsort(-scores, kind="stable")] += 1 / (_RANKS + 1 + np.arange(len(scores)))
        return self._best(total)

    def _by_words(self, question: Question) -> npt.NDArray[np.float64]:
        [terms] = bm25s.tokenize(question.text, stopwords="en", show_progress=False, return_ids=False)
        return np.asarray(self._words.get_scores(terms), np.float64) if terms else np.zeros(len(self._ids))

    def _by_meaning(self, question: Question) -> npt.NDArray[np.float64]:
        scores: npt.NDArray[np.float64] = self._meanings @ self._asked[question.text]
        return scores

    def _best(self, scores: npt.NDArray[np.float64]) -> list[str]:
        return [self._ids[place] for place in np.argsort(-scores, kind="stable")[:200]]


def judged(ranking: Sequence[str], question: Question, words: dict[str, int]) -> list[float]:
    """The share of what answers a question among the first turns, and within so many words."""
    wanted = set(question.evidence)
    ordered = list(dict.fromkeys(ranking))
    shares = [len(wanted & set(ordered[:count])) / len(wanted) for count in _TURNS]
    lengths = np.cumsum([words[turn] for turn in ordered])
    return shares + [len(wanted & set(ordered[: int(np.sum(lengths <= most))])) / len(wanted) for most in _WORDS]


def remember(world: World) -> None:
    """Hand over every conversation, twice, and bring each as far as it can be found."""
    for session in world.sessions:
        said = [
            {"id": turn.id, "text": turn.text, "speaker": turn.speaker, "start": 6.0 * n, "end": 6.0 * n + 5}
            for n, turn in enumerate(session.turns)
        ]
        given = {
            "transcript_segments": said,
            "client_session_id": session.id,
            "started_at": session.at,
            "language": "en",
        }
        for _ in range(2):
            made = create_from_segments(ExternalSegments.model_validate(given), uid=world.name)
            structure_conversation(uid=world.name, conversation_id=made.id, run=1)
            index_conversation(uid=world.name, conversation_id=made.id)


@contextmanager
def cloud() -> Iterator[None]:
    """Stores and encoder for this process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_model_server(_CACHE, workers=1) as models,
        running_stores(Path(folder), scale=1.0),
    ):
        os.environ["LOCAL_MODELS_URL"] = models.url
        settings.cache_clear()
        yield


def main() -> int:
    """Measure and print; 1 if something else finds more, if anything is found that must not be, or too slowly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    say_which(parser)
    options = parser.parse_args()
    made = worlds(options.part, pairs=options.pairs, circles=options.circles)
    results: dict[str, Found] = {}
    with cloud():
        for world in made:
            began = time.perf_counter()
            remember(world)
            count = sum(len(session.turns) for session in world.sessions)
            print(
                f"{world.name}: {len(world.sessions)} conversations, {count} turns, {len(world.questions)} questions,"
                f" stored in {time.perf_counter() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        searches = [Ours(world) for world in made]
        for ours in searches:
            usual = Usual(ours.world)
            words = {turn.id: len(turn.text.split()) for _, _, turn in turns(ours.world)}
            ways: dict[str, Ranking] = {
                "BM25": usual.bm25,
                "dense": usual.dense,
                "RRF": usual.rrf,
                "ours": ours.by_score,
                "ours, as answered": ours.as_answered,
            }
            for name, ranking in ways.items():
                rows = [(each.kind, judged(ranking(each), each, words)) for each in ours.world.questions]
                results.setdefault(name, Found()).rows.extend(rows)
    return _report(results, searches)


def _report(results: dict[str, Found], searches: Sequence[Ours]) -> int:
    print(
        f"{'':18}"
        + "".join(f"{name:>8}" for name in [*(f"@{n}" for n in _TURNS), *(f"{n} w" for n in _WORDS)])
        + "   @5 of:   same words  others  names+numbers  times"
    )
    for name, found in results.items():
        kinds = "".join(f"{100 * found.shares(kind)[0]:11.1f}" for kind in "~?=@")
        print(f"{name:18}" + "".join(f"{100 * share:8.1f}" for share in found.shares()) + "          " + kinds)
    taken = sorted(each for ours in searches for each in ours.milliseconds)
    p50, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
    leaks, duplicates = sum(ours.leaks for ours in searches), sum(ours.duplicates for ours in searches)
    print(f"leaks {leaks}, duplicates {duplicates}; a search takes {p50:.0f} ms, {p95:.0f} ms at the 95th percentile")
    mine = results["ours"].shares()
    behind = [name for name in ("BM25", "dense", "RRF") if any(np.array(results[name].shares()) >= np.array(mine))]
    if behind:
        print(f"not ahead everywhere of {', '.join(behind)}")
    return int(bool(behind or leaks or duplicates or p95 > _SEARCH_WITHIN_MS))


if __name__ == "__main__":
    raise SystemExit(main())
