"""Which lines of a passage are quoted."""

import pytest

from common.chat import passages
from common.chat.passages import LONGEST_QUOTE, Line, lines_of, quote_lines, shared_terms
from tests.support.making import a_segment
from tests.support.providers import WordEmbedder

TALK = [
    Line("You", "Good morning", is_user=True),
    Line("Anna", "The neighbours were loud"),
    Line("You", "What does the flat cost?", is_user=True),
    Line("Anna", "Nine hundred a month"),
    Line("You", "I promise to call the landlord", is_user=True),
    Line("Anna", "I promise to come along"),
]


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = WordEmbedder()
    monkeypatch.setattr(passages, "embedder", lambda: embedder)


def _quoted(question: str, talk: list[Line] | None = None) -> list[str]:
    [lines] = quote_lines([TALK if talk is None else talk], question=question, language="en")
    return [line.text for line in lines]


def test_a_question_is_told_with_its_answer() -> None:
    assert _quoted("What did the flat cost?")[:2] == ["What does the flat cost?", "Nine hundred a month"]


def test_a_figure_is_told_where_one_is_asked_for() -> None:
    talk = [Line("Ann", "rather dear"), Line("Bob", "x" * 290), Line("Ann", "seventy euros")]
    assert _quoted("How much is it?", talk) == ["seventy euros"]


def test_what_one_said_oneself_is_told_where_that_is_asked_for() -> None:
    assert "I promise to call the landlord" in _quoted("What did I promise Anna?")[:1]
    assert _quoted("What did Anna promise?")[:1] == ["I promise to come along"]


def test_a_quote_is_short_whatever_is_said() -> None:
    said = " ".join(f"Sentence number {number} is about the flat." for number in range(200))
    lines = lines_of([("Ann", a_segment(said, 0, 900)), ("Ann", a_segment("word " * 500, 900, 950))])
    for question in ("the flat", "word"):
        [quoted] = quote_lines([lines], question=question, language="en")
        assert 0 < sum(len(line.text) for line in quoted) <= LONGEST_QUOTE


def test_nothing_is_quoted_of_nothing() -> None:
    assert quote_lines([[], []], question="the flat", language="en") == [[], []]
    assert quote_lines([], question="the flat", language="en") == []


def test_words_are_shared_by_their_stems_and_not_by_the_smallest() -> None:
    assert shared_terms("Did I promise that to you?", "she promised it to you", language="en") == 1
    assert shared_terms("What did you say?", "what you did say", language="en") == 0
