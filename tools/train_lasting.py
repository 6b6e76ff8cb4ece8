"""Trains what tells lasting sentences from passing ones, and writes it to `common/llm/lasting_weights.py`.

    python -m tools.train_lasting [--cache DIR] [--check]

What is learnt from is `tests/data/told`: every sentence of the user's, embedded by the local encoder, and whether it
tells a fact; `common.llm.lasting` says by what rule it is used. `--check` writes nothing: it prints, for the dialogues
of each author, how well those of the others would have judged them.
"""

import argparse
import base64
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import scoring
from bench.quality import FACT_SHARE
from common.llm import providers
from common.llm.lasting import BAR
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint
from common.llm.sentences import sentences
from local.manifest import ROOT
from local.models.process import running_model_server
from tests.support.told import (
    QUOTED,
    Told,
    lasting_sentences,
    passing_sentences,
    quoted_dialogues,
    told_dialogues,
    told_sentences,
)

_WRITTEN = ROOT / "common" / "llm" / "lasting_weights.py"
_PENALTY = 1.0
"""What a squared unit of weight costs, in the likelihood's own unit: one that cross-validation liked."""
_STEPS = 30
_LINE = 100
_NO_LETTER = re.compile(r"[^a-z0-9' ]")

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A sentence, whose it is, and whether it tells something lasting."""

    author: str
    text: str
    lasts: bool


def examples() -> Iterator[Example]:
    """All there is to learn from."""
    for each in quoted_dialogues():
        quotes = [_plain(quote) for quote in each.quotes]
        for text in _own_sentences(each):
            yield Example(each.name.partition(":")[0], text, any(_overlap(_plain(text), quote) for quote in quotes))
    for each in (*told_dialogues(), *told_sentences(), *passing_sentences()):
        for text in _own_sentences(each):
            lasts = bool(scoring.matches(each.memories, [text], share=FACT_SHARE))
            yield Example("ours", text, lasts)
    for text in lasting_sentences():
        yield Example("ours", text, lasts=True)


def train(vectors: Matrix, lasts: Matrix) -> Matrix:
    """Weights and a constant of a logistic regression, by Newton's method."""
    rows = np.hstack([vectors, np.ones((len(vectors), 1))])
    penalty = np.full(rows.shape[1], _PENALTY)
    penalty[-1] = 0.0
    weights: Matrix = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        likely = 1.0 / (1.0 + np.exp(-(rows @ weights)))
        gradient = rows.T @ (likely - lasts) + penalty * weights
        curvature = (rows * (likely * (1.0 - likely))[:, None]).T @ rows + np.diag(penalty)
        weights = weights - np.linalg.solve(curvature, gradient)
    return weights


def check(known: Sequence[Example], vectors: Matrix) -> Iterator[str]:
    """How each author's sentences are judged by what the others taught."""
    lasts = np.array([float(each.lasts) for each in known])
    for author in QUOTED:
        own = np.array([each.author == author for each in known])
        weights = train(vectors[~own], lasts[~own])
        taken = vectors[own] @ weights[:-1] + weights[-1] > BAR
        right = float(lasts[own][taken].sum())
        yield (
            f"{author}: {int(lasts[own].sum())} of {own.sum()} sentences last, {taken.sum()} are taken for it: "
            f"precision {right / taken.sum():.2f}, recall {right / lasts[own].sum():.2f}"
        )


def written(weights: Matrix) -> str:
    """The module."""
    data = base64.b64encode(weights.astype("<f4").tobytes()).decode()
    lines = "\n".join(f'    "{data[at : at + _LINE]}"' for at in range(0, len(data), _LINE))
    return (
        '"""Made by `python -m tools.train_lasting`: how much each value of a vector says for a sentence\'s lasting."""'
        f'\n\nENCODER = "{providers.LOCAL_ENCODER}"\nWEIGHTS = (\n{lines}\n)\n"""Base64 of float32, little-endian; the '
        'last is the constant."""\n'
    )


def _own_sentences(told: Told) -> Iterator[str]:
    for turn in told.dialogue.turns:
        if turn.is_user:
            yield from (each.text for each in sentences(replace(told.dialogue, turns=(turn,))))


def _overlap(text: str, quote: str) -> bool:
    """Whether a sentence holds the words that tell a fact, or is one of several that do."""
    return bool(text) and (quote in text or text in quote)


def _plain(text: str) -> str:
    return _NO_LETTER.sub("", text.lower().replace("\u2019", "'")).strip()


def main() -> None:
    """Train and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    known = list(examples())
    with running_model_server(asked.cache) as server:
        endpoint = OpenAIEndpoint(f"{server.url}/v1", timeout_s=600.0, provider="local models")
        encoder = OpenAIEmbedder(endpoint, model=providers.LOCAL_ENCODER, dimension=providers.LOCAL_DIMENSION)
        vectors = np.asarray(encoder.embed([each.text for each in known], purpose="document"), dtype=np.float64)
        endpoint.close()
    if asked.check:
        print("\n".join(check(known, vectors)))
    else:
        _WRITTEN.write_text(written(train(vectors, np.array([float(each.lasts) for each in known]))))


if __name__ == "__main__":
    main()
