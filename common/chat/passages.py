"""Which lines of a passage tell most about a question: by meaning, by its words, by who says them and by figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from common.chat.named import is_named, without_name
from common.indexing.terms import terms_of, terms_of_question
from common.llm.numbers import digits
from common.llm.providers import embedder
from common.llm.words import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from common.models.segment import TranscriptSegment

LONGEST_QUOTE = 300
"""Characters."""
_MOST_JUDGED = 100
"""Lines that are judged by their meaning, of all passages together."""
_MOST_LINES = 3
_LONGEST_LINE = 240
_SENTENCES = re.compile(r"(?<=[.!?…。？！])\s+|(?<=[。？！])")  # noqa: RUF001 - full-width marks end sentences too
_FOR_A_FIGURE = re.compile(
    r"\b(?:how (?:much|many|long|old|far|high|big|late|often)|when|what (?:time|day|date)|costs?|price|due)\b"
    r"|\b(?:wie (?:viel|viele|lange|alt|hoch|oft)|wann|kosten|kostet|cu[áa]nd?to?s?|quand|combien)\b",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(r"\b(?:did|do|have|had|will|should|must|was|am|can) i\b|\bhabe? ich\b", re.IGNORECASE)
_WORD, _MOST_WORDS = 0.12, 4
_FIGURE = 0.15
_SPEAKER = 0.1


@dataclass(frozen=True)
class Line:
    """What somebody says at a stretch."""

    speaker: str
    text: str
    is_user: bool = False


def lines_of(passage: Iterable[tuple[str, TranscriptSegment]]) -> list[Line]:
    """The lines of a passage of named segments, long ones in pieces of whole sentences where there are any."""
    return [Line(name, piece, each.is_user) for name, each in passage for piece in _pieces(each.text)]


def shared_terms(question: str, text: str, *, language: str | None) -> int:
    """How many different terms of a question's telling words stand in a text."""
    asked = terms_of_question(" ".join(content_words(question)), languages=[language])
    return len(set(asked) & set(terms_of(text, language=language)))


def quote_lines(passages: Sequence[Sequence[Line]], *, question: str, language: str | None) -> list[list[Line]]:
    """Of each passage the lines that tell most, in the order in which they were said.

    A question is told with what was said to it, and an answer with what it was said to.

    Raises:
        ProviderError: the lines could not be embedded.
    """
    judged = [line for passage in passages for line in passage][:_MOST_JUDGED]
    if not judged:
        return [[] for _ in passages]
    [asked] = embedder().embed([question], purpose="query")
    vectors = embedder().embed([f"{line.speaker}: {line.text}" for line in judged], purpose="document")
    near = [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]
    near += [0.0] * (sum(map(len, passages)) - len(near))
    chosen: list[list[Line]] = []
    at = 0
    for passage in passages:
        scores = near[at : at + len(passage)]
        words = _without_names(question, passage)
        told = [score + _told(line, question, words, language) for score, line in zip(scores, passage, strict=True)]
        chosen.append(_around(passage, max(range(len(passage)), key=told.__getitem__)) if passage else [])
        at += len(passage)
    return chosen


def _without_names(question: str, passage: Sequence[Line]) -> str:
    """Who speaks is asked about by what they say, not by where their name is said."""
    for name in {line.speaker for line in passage}:
        question = without_name(name, question)
    return question


def _told(line: Line, question: str, telling: str, language: str | None) -> float:
    """What a line is worth beside its meaning; `telling` is the question without those who speak."""
    words = min(_MOST_WORDS, shared_terms(telling, line.text, language=language)) * _WORD
    figure = _FIGURE if _FOR_A_FIGURE.search(question) and re.search(r"\d", digits(line.text)) else 0.0
    return words + figure + (_SPEAKER if _is_asked_about(line, question) else 0.0)


def _is_asked_about(line: Line, question: str) -> bool:
    """Whether the question is for what this speaker said: "what did I promise Anna?" is for the user's words."""
    if _OF_ONESELF.search(question):
        return line.is_user
    return is_named(line.speaker, question)


def _around(passage: Sequence[Line], best: int) -> list[Line]:
    first, last = best, best + 1
    left = LONGEST_QUOTE - len(passage[best].text)
    if best > 0 and _asks(passage[best - 1]) and len(passage[best - 1].text) <= left:
        first = best - 1
        left -= len(passage[first].text)
    while last < len(passage) and last - first < _MOST_LINES and len(passage[last].text) <= left:
        left -= len(passage[last].text)
        last += 1
    return list(passage[first:last])


def _asks(line: Line) -> bool:
    return line.text.rstrip().endswith(("?", "\uff1f", "\u061f"))


def _pieces(text: str) -> list[str]:
    """A text on one line, or several of whole sentences, of whole words where one sentence is too long."""
    pieces = [""]
    for sentence in _SENTENCES.split(" ".join(text.split())):
        for part in wrap(sentence, _LONGEST_LINE):
            if pieces[-1] and len(pieces[-1]) + 1 + len(part) > _LONGEST_LINE:
                pieces.append("")
            pieces[-1] = f"{pieces[-1]} {part}".strip()
    return [piece for piece in pieces if piece]
