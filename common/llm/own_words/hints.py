"""What somebody lets slip of themselves without being the subject: "as a nurse", "us altos", "heights scare me"."""

import re
from collections.abc import Iterator

from common.llm.own_words.household import HOUSEHOLD
from common.llm.own_words.slips import HINTS
from common.llm.own_words.third_person import seen_from_outside

_DOUBTED = re.compile(r"\b(?:maybe|if|imagine|pretend\w*|joking|kidding|would|could|should)\b|'d\b", re.IGNORECASE)


def hints(sentence: str, *, user: str) -> Iterator[tuple[int, str]]:
    """What a sentence of the user's gives away beside what it says, each with its weight."""
    sentence = sentence.rstrip(".!…")
    if _DOUBTED.search(sentence):
        return
    for hint in (*HINTS, *HOUSEHOLD):
        if hint.cue in sentence:
            for found in hint.compiled.finditer(sentence):
                parts = {name: _outside(said.strip(" ,")) for name, said in found.groupdict().items()}
                yield hint.weight, hint.told.format(user=user, **parts)


def _outside(words: str) -> str:
    return " ".join(seen_from_outside(words.split()))
