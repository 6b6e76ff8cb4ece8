"""What "them" in a task stands for, where the words just before name several things plainly.

Only of what is many: most of what was named last and is one is not what "it" means.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from common.llm.extractive.task_verbs import TASK_VERB
from common.llm.sentences import Sentence
from common.llm.words import FILLER_WORDS, STOP_WORDS, words

_POINTS = re.compile(
    rf"\b(?P<verb>(?:{TASK_VERB})(?: (?:up|out|off|over|in|on|back|down))?) (?:them|those)\b"
    r"(?! (?:the|an?|my|our|your)\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?P<whose>the|my|our|your|his|her|their|some|any|those|these|two|three|four|five)"
    r" (?P<what>[\w'-]+(?: [\w'-]+){0,3})",
    re.IGNORECASE,
)
_INDEFINITE = dict.fromkeys(["some", "any", "those", "these"], "the")
_TURNED = {"my": "your", "your": "my"}
_LONGEST = 3
_MANY = re.compile(r"[^sui']s$", re.IGNORECASE)
_NO_THINGS = frozenset({"days", "hours", "minutes", "months", "ones", "seconds", "times", "weeks", "years"})


def resolved(sentence: Sentence, before: Sequence[Sentence]) -> Sentence:
    """The sentence with what is to be done to "them" named, if things were named just before.

    Args:
        sentence: what the user said.
        before: the few sentences before that one.
    """
    found = _POINTS.search(sentence.text)
    if found is None:
        return sentence
    for earlier in reversed(before):
        things = [_things(named, earlier) for named in _NAMED.finditer(earlier.text)]
        if (last := next((thing for thing in reversed(things) if thing is not None), None)) is not None:
            text = f"{sentence.text[: found.end('verb')]} {last}{sentence.text[found.end() :]}"
            return replace(sentence, text=text)
    return sentence


def _things(named: re.Match[str], earlier: Sentence) -> str | None:
    """What was named, in the user's own words; None where it is only one."""
    carrying: list[str] = []
    for word in words(named["what"])[:_LONGEST]:
        if word.lower() in STOP_WORDS or word.lower() in FILLER_WORDS:
            break
        carrying.append(word)
    if not carrying or _MANY.search(carrying[-1]) is None or carrying[-1].lower() in _NO_THINGS:
        return None
    whose = named["whose"].lower()
    flipped = _INDEFINITE if earlier.is_user else _INDEFINITE | _TURNED
    return " ".join([flipped.get(whose, whose), *carrying])
