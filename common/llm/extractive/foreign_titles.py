"""A title in a language whose phrases nobody here can weigh: a clause from where the talk begins to say something."""

import re
from collections.abc import Sequence

from common.core.letters import LETTERS, UNSPACED

_OPENING = 4
"""Sentences among which is looked: what it is about is said first, behind a greeting."""
_MOST_WORDS, _MOST_UNSPACED = 10, 20
_CLAUSES = re.compile(r"[,;:.!?…。、，；：！？।؟،]+\s*")  # noqa: RUF001 - scripts have marks of their own
_UNSPACED = re.compile(f"[{UNSPACED}]")
_BEGINS = re.compile(LETTERS)


def foreign_title(sentences: Sequence[str]) -> str:
    """The longest clause of the first sentences, as it was said, beginning large; empty where nothing was."""
    clauses = [clause.strip() for sentence in sentences[:_OPENING] for clause in _CLAUSES.split(sentence)]
    longest = max(clauses, key=len, default="")
    begins = _BEGINS.search(longest)
    if begins is None:
        return ""
    most = _MOST_UNSPACED if _UNSPACED.search(longest) else None
    shortened = " ".join(longest[begins.start() :][:most].split()[:_MOST_WORDS])
    return shortened[:1].upper() + shortened[1:]
