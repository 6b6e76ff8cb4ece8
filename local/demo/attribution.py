"""Speaker error of a transcript: how many of its words are given to somebody else than who said them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import permutations

import jiwer

from local.demo.wer import normalise

Spoken = tuple[str, str]
"""Who, by whatever name, and what."""
_MOST_SPEAKERS = 6


def speaker_error(said: Iterable[Spoken], heard: Iterable[Spoken]) -> float | None:
    """The share of recognised words that are another speaker's, with names matched as well as they can be.

    Words that were not recognised count for nothing here; None where no word was. Of more than six speakers in
    either, those with few words are nobody's match.
    """
    (who_said, words_said), (who_heard, words_heard) = _words(said), _words(heard)
    if not words_said or not words_heard:
        return None
    pairs: Counter[Spoken] = Counter()
    for chunk in jiwer.process_words(" ".join(words_said), " ".join(words_heard)).alignments[0]:
        if chunk.type == "equal":
            length = chunk.ref_end_idx - chunk.ref_start_idx
            pairs.update(
                (who_said[chunk.ref_start_idx + place], who_heard[chunk.hyp_start_idx + place])
                for place in range(length)
            )
    total = pairs.total()
    return 1 - _best(pairs) / total if total else None


def _words(spoken: Iterable[Spoken]) -> tuple[list[str], list[str]]:
    """For each word who says it, and the word."""
    tagged = [(who, word) for who, text in spoken for word in normalise(text).split()]
    return [who for who, _ in tagged], [word for _, word in tagged]


def _best(pairs: Counter[Spoken]) -> int:
    """The most words that one name each can be right about."""
    theirs, ours = (_most_common(pairs, side) for side in (0, 1))
    shorter, longer = sorted((theirs, ours), key=len)
    swapped = shorter is not theirs
    return max(
        sum(pairs[(b, a) if swapped else (a, b)] for a, b in zip(shorter, chosen, strict=True))
        for chosen in permutations(longer, len(shorter))
    )


def _most_common(pairs: Counter[Spoken], side: int) -> Sequence[str]:
    counts: Counter[str] = Counter()
    for pair, count in pairs.items():
        counts[pair[side]] += count
    return [name for name, _ in counts.most_common(_MOST_SPEAKERS)]
