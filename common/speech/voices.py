"""The port of voice embedding: how somebody sounds, as a vector; two clips of one voice lie near each other.

Audio is PCM as everywhere inside. What vectors of one model say about those of another is nothing, so they are stored
and compared under the model's name. Every model has its own idea of near, so it brings its rules along.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul
from typing import Protocol

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND

Vector = tuple[float, ...]

LONGEST_CLIP_S = 10.0
"""Seconds of one clip; more says little more about a voice, and is more likely to hold two."""


@dataclass(frozen=True)
class Rules:
    """When two vectors of a model are the same voice.

    `largest_distance`: cosine distance (0 to 2) up to which they may be. `smallest_margin`: by how much the next best
    must be further away. `shortest_s`: seconds below which a clip says nothing.
    """

    largest_distance: float
    smallest_margin: float = 0.10
    shortest_s: float = 2.0


class VoiceEmbedder(Protocol):
    """A provider of voice embeddings; `name` stands for the model and its version."""

    name: str
    rules: Rules

    def embed(self, pcm: bytes) -> Vector:
        """The unit vector of a clip in which one person speaks, of `rules.shortest_s` to LONGEST_CLIP_S.

        Raises:
            ProviderRefusedError: this clip says nothing about a voice.
            ProviderError: the provider failed.
        """


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine distance of two unit vectors of one model: 0 for the same direction, 1 for nothing in common."""
    if len(one) != len(other):
        raise ValueError("vectors of two models")
    return 1.0 - float(sum(map(mul, one, other)))


def is_near(one: Sequence[float], other: Sequence[float], rules: Rules) -> bool:
    """Whether two vectors may be of one voice; of two models they say nothing about one another."""
    return len(one) == len(other) and distance(one, other) <= rules.largest_distance


def average(vectors: Sequence[Sequence[float]]) -> Vector:
    """The direction in the middle of some unit vectors of one model.

    One of another length than most is of another model that goes by the same name, and passed over.
    """
    (length, _), *_ = Counter(map(len, vectors)).most_common(1)
    return unit([sum(values) for values in zip(*(each for each in vectors if len(each) == length), strict=True)])


def unit(vector: Sequence[float]) -> Vector:
    """The vector at length 1.

    Raises:
        ProviderError: it has no direction.
    """
    length = sqrt(sum(map(mul, vector, vector)))
    if not 0.0 < length < float("inf"):
        raise ProviderError("the voice embedding has no direction")
    return tuple(value / length for value in vector)


def centre(pcm: bytes, *, longest_s: float = LONGEST_CLIP_S) -> bytes:
    """The middle of a clip, `longest_s` at most."""
    surplus = len(pcm) // 2 - round(longest_s * BYTES_PER_SECOND / 2)
    start = max(0, surplus) // 2 * 2
    return pcm[start : start + round(longest_s * BYTES_PER_SECOND)]


def embed_each(embedder: VoiceEmbedder, clips: Iterable[bytes]) -> list[tuple[bytes, Vector]]:
    """Those of some clips that say something about a voice, with what they say.

    Raises:
        ProviderError: the provider failed.
    """
    embedded = []
    for clip in clips:
        try:
            embedded.append((clip, embedder.embed(clip)))
        except ProviderRefusedError:
            continue
    return embedded
