"""Whether a sentence tells something lasting about its speaker: by how people say such things, and how what passes."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from common.llm.lasting_examples import LASTING
from common.llm.passing_examples import PASSING
from common.llm.ports import Embedder

_NEIGHBOURS = 10
_SPARED = 0.97
"""Of the passing examples, as many would be taken for passing if they were no examples."""

Matrix = NDArray[np.float64]


class LastingJudge:
    """Compares what was said with examples of both kinds.

    How far vectors lie apart differs between encoders. So where lasting begins is found with the examples themselves,
    the first time that something is judged; nothing was trained for one encoder.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def judge(self, texts: Sequence[str]) -> list[float]:
        """How much nearer each text is to what lasts than it has to be; it lasts where that is above zero.

        Raises:
            ProviderError: as the embedder does.
        """
        if not texts:
            return []
        middle, lasting, passing, least = self._examples
        said = _units(self._embed(texts) - middle)
        margins: list[float] = (_nearness(said @ lasting.T) - _nearness(said @ passing.T) - least).tolist()
        return margins

    @cached_property
    def _examples(self) -> tuple[Matrix, Matrix, Matrix, float]:
        """The middle of all examples, those of each kind as seen from there, and the margin that passing ones have."""
        rows = self._embed([*LASTING, *PASSING])
        middle: Matrix = rows.mean(axis=0)
        rows = _units(rows - middle)
        lasting, passing = rows[: len(LASTING)], rows[len(LASTING) :]
        alike = passing @ passing.T
        np.fill_diagonal(alike, -1.0)  # nothing is its own neighbour
        margins = _nearness(passing @ lasting.T) - _nearness(alike)
        return middle, lasting, passing, float(np.quantile(margins, _SPARED))

    def _embed(self, texts: Sequence[str]) -> Matrix:
        return np.asarray(self._embedder.embed(texts, purpose="document"), dtype=np.float64)


def _nearness(alike: Matrix) -> Matrix:
    """How near each row is to its nearest neighbours, on average."""
    nearness: Matrix = np.sort(alike, axis=1)[:, -_NEIGHBOURS:].mean(axis=1)
    return nearness


def _units(rows: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)
