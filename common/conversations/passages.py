"""A long text in pieces that end where a paragraph, a sentence or at least a word ends."""

import re
from collections.abc import Iterator

LONGEST = 1000
"""Characters of a piece."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")  # noqa: RUF001 - sentences end like that in Chinese


def split_text(text: str) -> Iterator[str]:
    """The pieces of a text in their order, none of them blank, together every word of it."""
    for paragraph in _PARAGRAPH.split(text):
        waiting = ""
        for sentence in _SENTENCE.split(paragraph):
            for part in _bounded(sentence.strip()):
                if waiting and len(waiting) + 1 + len(part) > LONGEST:
                    yield waiting
                    waiting = ""
                waiting = f"{waiting} {part}" if waiting else part
        if waiting:
            yield waiting


def _bounded(sentence: str) -> Iterator[str]:
    """The sentence, cut at blanks where it is too long, and anywhere where there are none."""
    while len(sentence) > LONGEST:
        at = sentence.rfind(" ", 0, LONGEST + 1)
        at = at if at > 0 else LONGEST
        yield sentence[:at].rstrip()
        sentence = sentence[at:].lstrip()
    if sentence:
        yield sentence
