"""One ranking of two: what is near in meaning and what has the question's words (docs/decisions/0024-search.md)."""

from collections.abc import Sequence
from dataclasses import replace

from common.database.vectors import Match
from common.indexing.lexical import share_of_question

WORDS_WORTH = 0.8
"""What having all of a question's words adds to a cosine."""


def fuse(near: Sequence[Match], worded: Sequence[Match], *, asked: Sequence[int]) -> list[Match]:
    """Everything of both, each once, best first: by the cosine, plus what its words, and it itself, are worth.

    Args:
        near: from the dense index, best first.
        worded: from the sparse index, with the weights of their terms.
        asked: the question's terms.
    """
    shares = share_of_question(asked, {match.id: match.terms for match in worded}) if worded else {}
    # What the dense index has not named is no nearer than the last that it has.
    lowest = near[-1].score if near else 0.0
    found = {match.id: match for match in (*worded, *near)}
    nearness = {match.id: match.score for match in near}
    scored = [
        replace(match, score=nearness.get(name, lowest) + WORDS_WORTH * shares.get(name, 0.0) + match.worth, terms={})
        for name, match in found.items()
    ]
    return sorted(scored, key=lambda match: (-match.score, match.id))
