"""A title out of a talk's own words: the things that it was about, named as they were named in it. English."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from common.llm.extractive.noun_phrases import Phrase, noun_phrases
from common.llm.extractive.title_words import JOINTS, QUALITIES
from common.llm.words import STOP_WORDS, content_words, words

_MOST_PHRASES = 150
_MOST_WORDS = 8
_FALLBACK_WORDS = 6
_PER_WORD = 0.02
_PER_DOUBLING = 0.05
_MOST_DOUBLINGS = 3.0
_FOR_CERTAINTY = 0.15
_SAME_TOPIC = 0.6
_MUCH_LESS = 0.15
_UNTITLED = "Conversation"
_SMALL = frozenset("a an and at by for from in of on or the to with my our".split())  # noqa: SIM905 - reads better than a list of strings

Matrix = NDArray[np.float64]
Embed = Callable[[list[str]], Matrix]


def title_of(sentences: Sequence[str], subject: Matrix, embed: Embed) -> str:
    """The phrase that says most of what the talk is about, and a second one that says something else.

    Args:
        sentences: what was said.
        subject: the direction of what it is about, `(dim,)`, of length 1.
        embed: vectors of texts, of length 1 each.
    """
    found = noun_phrases(sentences)[:_MOST_PHRASES]
    if not found:
        return _title_case(_opening(sentences)) or _UNTITLED
    vectors = embed([phrase.text for phrase in found])
    weights = vectors @ subject + _bonuses(found, sentences)
    order = [int(place) for place in np.argsort(-weights, kind="stable")]
    first = order[0]
    chosen = [found[first].text]
    for other in order[1:]:
        if _stems(found[other]) & _stems(found[first]) or vectors[other] @ vectors[first] >= _SAME_TOPIC:
            continue
        both = len(found[first].words) + len(found[other].words) + 1
        if both <= _MOST_WORDS and (len(found[first].words) == 1 or weights[first] - weights[other] < _MUCH_LESS):
            chosen.append(found[other].text)
        break
    return " and ".join(_title_case(text) for text in chosen)


def _bonuses(found: Sequence[Phrase], sentences: Sequence[str]) -> Matrix:
    """What speaks for each phrase beside its meaning: that it says much, that it is said often, that it is a thing."""
    spoken = [{_stem(word) for word in content_words(sentence)} for sentence in sentences]
    bonuses = []
    for phrase in found:
        stems = _stems(phrase)
        times = np.mean([sum(stem in said for said in spoken) for stem in stems])
        telling = sum(word not in JOINTS and word not in STOP_WORDS and word not in QUALITIES for word in phrase.words)
        bonuses.append(
            _PER_WORD * telling
            + _PER_DOUBLING * min(_MOST_DOUBLINGS, float(np.log2(1.0 + times)))
            + _FOR_CERTAINTY * phrase.certainty
        )
    return np.asarray(bonuses)


def _stems(phrase: Phrase) -> set[str]:
    return {_stem(word) for word in phrase.words if word not in JOINTS and word not in STOP_WORDS}


def _stem(word: str) -> str:
    """The word without the ending of a plural."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > len("bus") else word


def _opening(sentences: Sequence[str]) -> str:
    """The first words that carry meaning, where nothing is named."""
    telling = next((telling for sentence in sentences if (telling := content_words(sentence))), None)
    every = telling or [word.lower() for sentence in sentences for word in words(sentence)]
    return " ".join(list(dict.fromkeys(every))[:_FALLBACK_WORDS])


def _title_case(text: str) -> str:
    large = [word if word.lower() in _SMALL else word[:1].upper() + word[1:] for word in text.split()]
    return " ".join([large[0][:1].upper() + large[0][1:], *large[1:]]) if large else ""
