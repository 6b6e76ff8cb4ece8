"""English phrases that name things, found by how they are used: speech recognition sets no commas, but says "the".

What somebody does and what they do it to stand side by side in speech ("cut the slides", "the mill closed"). So a word
counts as a thing or as a deed by what stands before and after it, wherever it occurs in the talk, and a phrase is a run
of such words up to a thing ("second quote", "price of flights").
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from common.llm.extractive.title_words import (
    DETERMINERS,
    DOERS,
    DOINGS,
    JOINTS,
    MANNERS,
    OBJECTS,
    PREPOSITIONS,
    QUALITIES,
    VAGUE,
)
from common.llm.words import FILLER_WORDS, STOP_WORDS, words

_LONGEST = 3
_SHORTEST_WORD = 3
_BEFORE_OBJECT = 0.5
"""How much less an article behind a word says for a deed than one before it says for a thing."""
_CLAUSES = re.compile(r"[,;:.?!()\"\u2026\u2013\u2014]+(?:\s+|$)|\s+-+\s+")
_NUMBER = re.compile(
    r"^(?:(?:twen|thir|for|fif|six|seven|eigh|nine)(?:ty|teen|tieth)"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+"
    r"|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf|\w+teen)th"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days|s+h+)$"
)
_PAST = "ed"
_SHORTEST_PAST = 6
_JOINED_BY = (JOINTS, frozenset({"the", "our", "my"}))
_NOTHING = ""


@dataclass(frozen=True)
class Phrase:
    """A phrase as it is written, how often it was said, and how surely it names a thing (0 to 1)."""

    text: str
    count: int
    certainty: float

    @property
    def words(self) -> tuple[str, ...]:
        """Its words, in lower case."""
        return tuple(self.text.lower().split())


@dataclass(frozen=True)
class _Run:
    """Words that stand side by side and may mean something, with what is before and after them, in lower case."""

    written: list[str]
    start: int
    before: str
    after: str

    @property
    def lowered(self) -> list[str]:
        return [word.lower() for word in self.written]


def noun_phrases(sentences: Iterable[str]) -> list[Phrase]:
    """The phrases of a talk, the most frequent first, of equals longer ones, then those said first."""
    clauses = (clause for sentence in sentences for clause in _CLAUSES.split(sentence))
    said = [_runs(_without_stutter(words(clause))) for clause in clauses]
    usage = _Usage(run for runs in said for run in runs)
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for runs in said:
        for place, run in enumerate(runs):
            found = list(_phrases(run, usage))
            joined = _joined(run, runs[place + 1], usage) if place + 1 < len(runs) else []
            for phrase in (*found, *joined):
                key = " ".join(phrase).lower()
                counts[key] += 1
                written.setdefault(key, " ".join(phrase))
    ranked = sorted(counts, key=lambda key: (-counts[key], -len(key.split())))
    return [Phrase(written[key], counts[key], usage.certainty(key.split()[-1])) for key in ranked]


class _Usage:
    """How the words of a talk are used in it."""

    def __init__(self, runs: Iterable[_Run]) -> None:
        self._things: dict[str, float] = defaultdict(float)
        self._deeds: dict[str, float] = defaultdict(float)
        for run in runs:
            self._note(run)

    def _note(self, run: _Run) -> None:
        first, last = run.lowered[0], run.lowered[-1]
        told = [word for word in run.lowered if not _is_doing(word) and word not in VAGUE] or [last]
        if run.before in DETERMINERS or run.before in PREPOSITIONS:
            self._things[told[-1]] += 1.0
        elif run.before in DOERS:
            self._deeds[first] += 1.0
        if run.after in OBJECTS and run.before not in DETERMINERS:
            self._deeds[last] += _BEFORE_OBJECT

    def is_thing(self, word: str) -> bool:
        """Whether a phrase may end with it."""
        if not _may_be_named(word) or word in VAGUE or _is_quality(word):
            return False
        things, deeds = self._things[word], self._deeds[word]
        return things > deeds if _is_doing(word) else things >= deeds

    def is_modifier(self, word: str) -> bool:
        """Whether it may stand before a thing in a phrase."""
        return self.is_thing(word) or (_is_quality(word) and _may_be_named(word)) or self.is_said_of_thing(word)

    def is_said_of_thing(self, word: str) -> bool:
        """Whether it is a past that stands before a thing: "cracked tooth"."""
        return _is_past(word) and self._deeds[word] == 0

    def certainty(self, word: str) -> float:
        """How surely it is a thing."""
        things, deeds = self._things[word], self._deeds[word]
        return (things + 0.5) / (things + deeds + 1.0)


def _runs(tokens: Sequence[str]) -> list[_Run]:
    lowered = [token.lower() for token in tokens]
    runs: list[_Run] = []
    start = 0
    while start < len(tokens):
        if not _carries(lowered[start]):
            start += 1
            continue
        end = start
        while end < len(tokens) and _carries(lowered[end]):
            end += 1
        before = lowered[start - 1] if start else _NOTHING
        after = lowered[end] if end < len(tokens) else _NOTHING
        runs.append(_Run(list(tokens[start:end]), start, before, after))
        start = end
    return runs


def _phrases(run: _Run, usage: _Usage) -> Iterator[list[str]]:
    """The ends of every stretch of modifiers and a thing in a run."""
    lowered = run.lowered
    first = 1 if run.before in DOERS else 0
    for end in range(first, len(lowered)):
        if not usage.is_thing(lowered[end]) or (end + 1 < len(lowered) and usage.is_thing(lowered[end + 1])):
            continue
        start = end
        yield run.written[start : end + 1]
        while start > first and end - start + 1 < _LONGEST and usage.is_modifier(lowered[start - 1]):
            start -= 1
            yield run.written[start : end + 1]


def _joined(run: _Run, other: _Run, usage: _Usage) -> Iterator[list[str]]:
    """The last phrase of a run and the first of the next, with what joins them: "price of the flights"."""
    between = other.start - run.start - len(run.written)
    if run.after not in JOINTS or between > len(_JOINED_BY) or (between > 1 and other.before not in _JOINED_BY[1]):
        return
    heads = [phrase for phrase in _phrases(run, usage) if phrase[-1] == run.written[-1]]
    tails = [phrase for phrase in _phrases(other, usage) if phrase[0] == other.written[0]]
    if heads and tails:
        joint = [run.after, other.before] if between > 1 else [run.after]
        yield [*min(heads, key=len), *joint, *max(tails, key=len)]


def _without_stutter(tokens: Sequence[str]) -> list[str]:
    """The words, each said once where it was said twice in a row."""
    return [token for place, token in enumerate(tokens) if not place or token.lower() != tokens[place - 1].lower()]


def _carries(word: str) -> bool:
    """Whether it may be part of a phrase, or is a deed or a past that separates two."""
    return (
        len(word) >= _SHORTEST_WORD
        and word not in STOP_WORDS
        and word not in FILLER_WORDS
        and word not in MANNERS
        and word not in PREPOSITIONS
        and not word[0].isdigit()
        and not _NUMBER.match(word)
    )


def _may_be_named(word: str) -> bool:
    return _carries(word) and not word.endswith("'s") and "'" not in word[-3:]


def _is_past(word: str) -> bool:
    return word.endswith(_PAST) and len(word) >= _SHORTEST_PAST


def _is_doing(word: str) -> bool:
    """Whether it is something done, as a rule: "keeps", "crushed"."""
    return word in DOINGS or _is_past(word) or any(_plain(word, end) for end in ("s", "es", "ing"))


def _plain(word: str, ending: str) -> bool:
    """Whether what is left without the ending is done."""
    stem = word.removesuffix(ending)
    return stem in DOINGS or (stem != word and stem in STOP_WORDS)


def _is_quality(word: str) -> bool:
    """Whether it is what a thing may be, perhaps more than another: "clean", "cleaner"."""
    return word in QUALITIES or any(word.removesuffix(end) in QUALITIES for end in ("er", "r", "est"))
