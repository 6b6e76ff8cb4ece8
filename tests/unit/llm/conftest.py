"""A small deterministic embedder, and dialogues written as lines."""

import math
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from common.llm.ports import Dialogue, Embedder, Purpose, Turn
from common.llm.words import content_words

# A Thursday.
BEGAN = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)
_DIMENSION = 256


class BagOfWords:
    """Hashes the words that carry meaning: texts are near each other as far as they share such words."""

    name = "bag of words"
    dimension = _DIMENSION

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        del purpose
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        counts = [0.0] * _DIMENSION
        for word in content_words(text) or ["nothing"]:
            counts[zlib.crc32(word.encode()) % _DIMENSION] += 1
        length = math.sqrt(sum(count * count for count in counts))
        return [count / length for count in counts]


@pytest.fixture
def embedder() -> Embedder:
    return BagOfWords()


@pytest.fixture
def dialogue() -> Callable[..., Dialogue]:
    """Builds a dialogue from lines; those of "User" are the user's."""

    def build(*lines: str, started_at: datetime = BEGAN, timezone: str = "UTC") -> Dialogue:
        spoken = [line.partition(": ") for line in lines]
        turns = tuple(
            Turn(speaker, text, start=5.0 * place, end=5.0 * place + 4, is_user=speaker == "User")
            for place, (speaker, _, text) in enumerate(spoken)
        )
        return Dialogue(turns, started_at, "en", timezone)

    return build
