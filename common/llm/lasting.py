"""Whether a sentence tells something lasting about its speaker, judged by what it means.

A logistic regression over the local encoder's vectors, trained by `tools.train_lasting` with sentences of several
authors. Vectors of another encoder mean nothing to it.
"""

import base64
from collections.abc import Sequence

import numpy as np

from common.llm.lasting_weights import ENCODER, WEIGHTS
from common.llm.ports import Embedder

BAR = -0.3
"""What lasts lies above; the logarithm of the odds. Of other authors' sentences seven of ten above it do."""


class LastingJudge:
    """Judges with an encoder.

    Args:
        embedder: whose vectors the weights were trained with.
    """

    encoder = ENCODER

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        weights = np.frombuffer(base64.b64decode(WEIGHTS), dtype="<f4")
        self._weights, self._constant = weights[:-1], float(weights[-1])

    def judge(self, texts: Sequence[str]) -> list[float]:
        """How far each text lies above what lasting things are; it lasts where that is above zero.

        Raises:
            ProviderError: as the embedder does.
        """
        if not texts:
            return []
        vectors = np.asarray(self._embedder.embed(texts, purpose="document"), dtype=np.float32)
        margins: list[float] = (vectors @ self._weights + self._constant - BAR).tolist()
        return margins
