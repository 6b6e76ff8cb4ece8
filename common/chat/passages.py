"""Which lines of a passage tell most about a question: by meaning, by its words, by who says them and by figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from common.chat.named import is_named, without_name
from common.indexing.terms import guess_language, terms_of, terms_of_question
from common.llm.numbers import digits
from common.llm.providers import LOCAL_ENCODER, embedder
from common.llm.words import content_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

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
_OF_ONESELF = re.compile(
    r"\b(?:did|do|have|had|will|should|must|was|am|can) i\b|\b(?:habe?|hatte|muss|soll|kann|bin|war|werde) ich\b"
    r"|\bai-je\b|\bj'ai\b",
    re.IGNORECASE,
)
_WORDS, _WORDS_AROUND = 0.3, 0.2
"""What all of the question's words are worth, in the line itself and with its neighbours."""
_NEAR = 0.55
"""Worth below which a line has nothing to do with the question, as the built-in encoder measures; see 0074."""
_FIGURE = 0.15
_OF_OTHERS = 0.25
"""What a line is worth less that is not about whom the question is about."""


@dataclass(frozen=True)
class Line:
    """What somebody says at a stretch."""

    speaker: str
    text: str
    is_user: bool = False


@dataclass(frozen=True)
class Quote:
    """Lines that answer best, and how well; a cosine, and what words, figures and speakers add to it."""

    lines: list[Line]
    worth: float
    near: bool = False
    """Whether it has anything to do with the question."""


def lines_of(passage: Iterable[tuple[str, TranscriptSegment]]) -> list[Line]:
    """The lines of a passage of named segments, long ones in pieces of whole sentences where there are any."""
    return [Line(name, piece, each.is_user) for name, each in passage for piece in _pieces(each.text)]


def pieces_of(text: str) -> list[Line]:
    """What nobody in particular says, as lines."""
    return [Line("", piece) for piece in _pieces(text)]


def shared_terms(question: str, text: str, *, language: str | None) -> int:
    """How many different terms of a question's telling words stand in a text."""
    asked = terms_of_question(" ".join(content_words(question)), languages=[language])
    return len(set(asked) & set(terms_of(text, language=language)))


def quote_lines(
    passages: Sequence[Sequence[Line]], *, question: str, names: Collection[str] = (), language: str | None
) -> list[Quote]:
    """Of each passage the lines that tell most, in the order in which they were said, and what they are worth.

    A question is told with what was said to it, and an answer with what it was said to.

    Args:
        passages: each of one conversation.
        question: in words.
        names: people who may be asked about, besides those who speak.
        language: what the user speaks.

    Raises:
        ProviderError: the lines could not be embedded.
    """
    judged = [line for passage in passages for line in passage][:_MOST_JUDGED]
    if not judged:
        return [Quote([], 0.0) for _ in passages]
    [asked] = embedder().embed([question], purpose="query")
    vectors = embedder().embed([_spoken(line) for line in judged], purpose="document")
    near = [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]
    near += [0.0] * (sum(map(len, passages)) - len(near))
    languages = [language, guess_language(question)]
    measures_as_ours = embedder().name.startswith(LOCAL_ENCODER)
    found: list[Quote] = []
    at = 0
    for passage in passages:
        told = _Judge(passage, question, names, languages).worth(near[at : at + len(passage)])
        at += len(passage)
        best = max(range(len(passage)), key=told.__getitem__, default=0)
        near_enough = bool(passage) and (told[best] >= _NEAR or not measures_as_ours)
        found.append(Quote(_around(passage, best), told[best], near_enough) if passage else Quote([], 0.0))
    return found


class _Judge:
    """What the lines of a passage are worth as answers to a question.

    Its words count without the names of those who are asked about: they are asked about by what they say. What somebody
    says is about themselves, as a rule, and what they ask is about the others.
    """

    def __init__(
        self, passage: Sequence[Line], question: str, names: Collection[str], languages: Sequence[str | None]
    ) -> None:
        self._passage = passage
        self._of_oneself = _OF_ONESELF.search(question) is not None
        speakers = {line.speaker for line in passage}
        self._asked_about = {name for name in {*names, *speakers} if is_named(name, question)}
        self._for_a_figure = _FOR_A_FIGURE.search(question) is not None
        self._languages = languages
        for name in self._asked_about:
            question = without_name(name, question)
        self._words = [terms for word in content_words(question) if (terms := self._terms(word))]

    def worth(self, near: Sequence[float]) -> list[float]:
        """Of each line, from how near its meaning is to that of the question."""
        shared = [self._shared(line.text) for line in self._passage]
        around = [set().union(*shared[max(0, at - 1) : at + 2]) for at in range(len(shared))]
        count = max(1, len(self._words))
        return [
            score
            + _WORDS * len(shared[at]) / count
            + _WORDS_AROUND * len(around[at]) / count
            + (_FIGURE if self._for_a_figure and re.search(r"\d", digits(line.text)) else 0.0)
            - (0.0 if self._is_about_whom_is_asked(line) else _OF_OTHERS)
            for at, (score, line) in enumerate(zip(near, self._passage, strict=True))
        ]

    def _terms(self, text: str) -> set[int]:
        return set(terms_of_question(text, languages=self._languages))

    def _shared(self, text: str) -> set[int]:
        """Which of the question's words, by their places, stand in a text."""
        there = self._terms(text)
        return {place for place, terms in enumerate(self._words) if terms & there}

    def _is_about_whom_is_asked(self, line: Line) -> bool:
        if self._of_oneself:
            return line.is_user is not _asks(line)
        if not self._asked_about or any(is_named(name, line.text) for name in self._asked_about):
            return True
        others = {each.speaker for each in self._passage} - {line.speaker}
        return not self._asked_about.isdisjoint(others if _asks(line) else {line.speaker})


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


def _spoken(line: Line) -> str:
    return f"{line.speaker}: {line.text}" if line.speaker else line.text


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
