"""What the words of a question are worth (docs/decisions/0024-search.md).

A text's weights are those of BM25 without its length: how often a term occurs, saturated. They depend on nothing but
the text, so no statistics need to be kept in step. How rare a term is, which is the other half of BM25, is told by
the candidates: a term that most of them have tells nothing, one that few have tells much.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

_SATURATION = 1.2
_MOST_TERMS = 1000
"""Of one text; Pinecone takes 2048."""


def weigh(parts: Iterable[tuple[Sequence[int], float]]) -> dict[int, float]:
    """The weights, each below 1, of a text's terms: those of its parts count as much as is said beside them."""
    counts: dict[int, float] = {}
    for terms, share in parts:
        for term in terms:
            counts[term] = counts.get(term, 0.0) + share
    kept = sorted(counts, key=lambda term: -counts[term])[:_MOST_TERMS]
    return {term: counts[term] / (counts[term] + _SATURATION) for term in kept}


def share_of_question(asked: Sequence[int], candidates: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
    """How much of a question each candidate has, 0 to 1, rare terms counting more.

    Args:
        asked: the question's terms, each once.
        candidates: by their ids, the weights of the texts that have most of the terms.
    """
    total = len(candidates)
    worth: dict[int, float] = {}
    for term in asked:
        having = sum(term in weights for weights in candidates.values())
        worth[term] = math.log(1 + (total - having + 0.5) / (having + 0.5))
    whole = sum(worth.values())
    return {
        name: sum(worth[term] * weights.get(term, 0.0) for term in asked) / whole
        for name, weights in candidates.items()
    }
