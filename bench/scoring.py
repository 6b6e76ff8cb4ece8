"""How answers are scored: matching by shared words, ROUGE, and intervals from resampling.

A label is found where one answer has a given share of its words (`matches`); ours and the baseline's are matched by the
same rule, small words and endings aside. The words that an answer has beside the label's cost it nothing, up to 40: a
baseline that answers with whole sentences is given more room by this than one that tells a fact in 15 words, and its
number of answers is not limited, as ours is to two facts for a dialogue. Only precision and F1 count what is too much.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]

from common.llm.words import STOP_WORDS, words

_SAMPLES = 2000
_LONGEST = 40
"""Words of an answer that count, so that nobody covers a label by saying everything."""


@dataclass(frozen=True)
class Counts:
    """What one dialogue adds: a measure is the sum of what is right over the sum of what there is."""

    right: float
    of: float


def agreement(agrees: bool) -> Counts:  # noqa: FBT001 - there is nothing else
    """Right or wrong."""
    return Counts(float(agrees), 1.0)


def precision(matched: int, said: int, wanted: int) -> Counts:
    """How much of what was said is right."""
    del wanted
    return Counts(matched, said)


def recall(matched: int, said: int, wanted: int) -> Counts:
    """How much of what is right was said."""
    del said
    return Counts(matched, wanted)


def f1(matched: int, said: int, wanted: int) -> Counts:
    """Both in one."""
    return Counts(2.0 * matched, said + wanted)


def total(counts: Sequence[Counts]) -> float:
    """The measure over all dialogues; 0 where there is nothing to be right about."""
    of = sum(each.of for each in counts)
    return sum(each.right for each in counts) / of if of else 0.0


def interval(ours: Sequence[Counts], theirs: Sequence[Counts]) -> tuple[float, float]:
    """The middle 95 % of the differences when as many dialogues are drawn again and again."""
    chance = random.Random(len(ours))  # noqa: S311 - the same every time
    places = range(len(ours))
    differences = sorted(
        total([ours[place] for place in drawn]) - total([theirs[place] for place in drawn])
        for drawn in (chance.choices(places, k=len(ours)) for _ in range(_SAMPLES))
    )
    return differences[int(_SAMPLES * 0.025)], differences[int(_SAMPLES * 0.975) - 1]


def matches(wanted: Sequence[str], said: Sequence[str], *, share: float) -> list[tuple[int, int]]:
    """Pairs (wanted, said) in which the answer has this share of the label's words, the best first; each used once."""
    shares = sorted(
        (
            (_covered(label, answer), -place, -other)
            for place, label in enumerate(wanted)
            for other, answer in enumerate(said)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for covered, place, other in shares:
        if covered >= share and -place not in pairs and -other not in pairs.values():
            pairs[-place] = -other
    return list(pairs.items())


def _covered(label: str, answer: str) -> float:
    needed = set(_stems(label)) or {""}
    return len(needed & set(_stems(" ".join(answer.split()[:_LONGEST])))) / len(needed)


def _stems(text: str) -> list[str]:
    lowered = [word.lower() for word in words(text)]
    return [_stem(word) for word in lowered if word not in STOP_WORDS and word != "user"]


@cache
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


def rouge_1(answer: str, reference: str) -> Counts:
    """F of shared words."""
    said, wanted = _tokens(answer), _tokens(reference)
    shared = sum((Counter(said) & Counter(wanted)).values())
    return Counts(_f(shared, len(said), len(wanted)), 1.0)


def rouge_l(answer: str, reference: str) -> Counts:
    """F of the longest common subsequence of words."""
    said, wanted = _tokens(answer), _tokens(reference)
    row = [0] * (len(wanted) + 1)
    for word in said:
        before = 0
        for place, other in enumerate(wanted, start=1):
            before, row[place] = row[place], before + 1 if word == other else max(row[place], row[place - 1])
    return Counts(_f(row[-1], len(said), len(wanted)), 1.0)


def _tokens(text: str) -> list[str]:
    return [_stem(word.lower()) for word in words(text)]


def _f(shared: int, said: int, wanted: int) -> float:
    return 2 * shared / (said + wanted) if said + wanted else 0.0
