"""Sentences to vectors with all-MiniLM-L6-v2: English, at most 256 tokens of each text count."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from common.speech.onnx_sessions import open_session
from local.models.weights import VOCABULARY
from local.models.wordpiece import WordPiece

MODEL_NAME = "all-MiniLM-L6-v2"
DIMENSION = 384
_BATCH_TOKENS = 2048
"""Tokens, padding included, computed in one go: more costs memory and gains nothing."""


@dataclass(frozen=True)
class Batch:
    """Texts of similar length, computed in one go: their places in the request, and their token ids."""

    places: Sequence[int]
    tokens: Sequence[Sequence[int]]


class SentenceEncoder:
    """The model, loaded. Calls may come from several threads."""

    def __init__(self, graph: Path) -> None:
        self._tokenizer = WordPiece(VOCABULARY.locate())
        self._session = open_session(graph)

    def batches(self, texts: Sequence[str]) -> list[Batch]:
        """The texts cut into batches by length, so that little is spent on padding."""
        tokens = [self._tokenizer.encode(text) for text in texts]
        by_length = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        groups: list[list[int]] = []
        for place in by_length:
            # The text at hand is the longest so far: all others of its group are padded to it.
            if groups and (len(groups[-1]) + 1) * len(tokens[place]) <= _BATCH_TOKENS:
                groups[-1].append(place)
            else:
                groups.append([place])
        return [Batch(places, [tokens[place] for place in places]) for places in groups]

    def embed(self, batch: Batch) -> npt.NDArray[np.float32]:
        """Vectors of length one, `(len(batch.places), 384) float32`. Releases the GIL while it computes."""
        longest = max(map(len, batch.tokens))
        ids = np.zeros((len(batch.tokens), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch.tokens):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        vectors: npt.NDArray[np.float32] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors
