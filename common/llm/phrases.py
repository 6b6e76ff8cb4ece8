"""Phrases that could stand as a title: runs of words that begin and end with one that carries meaning."""

from collections import Counter
from collections.abc import Iterable

from common.llm.task_verbs import is_task_verb
from common.llm.words import FILLER_WORDS, STOP_WORDS, words

_LONGEST = 3
_SHORTEST_WORD = 3
# Words that carry meaning in a sentence but none as a title: days, and verbs that are no tasks.
_UNFIT = frozenset(
    """
    afternoon april august bit bring change clock coming day days december drop evening february feel feels fine forget
    friday happen help hope hour hours hurt hurts january july june keep last later leave lets like live love march mean
    mind minute minutes monday month months morning move moving night noon november o'clock october remember rethink
    saturday saying second september show sound sounds start starts stay stop sunday talk thirty three thursday time
    today tuesday twice wait walk watch wednesday week weekend weeks work works worry year years yesterday four five six
    seven eight nine ten eleven twelve twenty fifteen
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
# What may stand inside a phrase: "price of flights", not "flights and prices".
_JOINTS = frozenset({"of", "for", "in"})


def phrases(sentences: Iterable[str], *, limit: int) -> list[str]:
    """The most frequent candidates, longer ones first among equals, in lower case but for names; at most `limit`."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for sentence in sentences:
        tokens = words(sentence)
        for length in range(1, _LONGEST + 1):
            for start in range(len(tokens) - length + 1):
                run = tokens[start : start + length]
                if _is_phrase(run):
                    key = " ".join(run).lower()
                    counts[key] += 1
                    written.setdefault(key, " ".join(run))
    ranked = sorted(counts, key=lambda key: (-counts[key], -len(key.split()), key))
    return [written[key] for key in ranked[:limit]]


def _is_phrase(run: list[str]) -> bool:
    lowered = [word.lower() for word in run]
    return (
        _carries(lowered[0])
        and _carries(lowered[-1])
        and not is_task_verb(lowered[0])
        and all(_carries(word) or word in _JOINTS for word in lowered[1:-1])
    )


def _carries(word: str) -> bool:
    return (
        len(word) >= _SHORTEST_WORD
        and word not in STOP_WORDS
        and word not in FILLER_WORDS
        and word not in _UNFIT
        and not word[0].isdigit()
        and not (word.endswith("ed") and len(word) > len("speed"))  # the past of a verb
    )
