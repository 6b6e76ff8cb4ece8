"""Which lines of a passage are quoted."""

import pytest

from common.chat import passages
from common.chat.passages import LONGEST_QUOTE, Line, Quote, lines_of, quote_lines, shared_terms
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
    [quote] = quote_lines([TALK if talk is None else talk], question=question, language="en")
    return [line.text for line in quote.lines]


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
        assert 0 < sum(len(line.text) for line in quoted.lines) <= LONGEST_QUOTE


def _worth(question: str, *talk: Line, names: tuple[str, ...] = ()) -> float:
    [quote] = quote_lines([talk], question=question, names=names, language="en")
    return quote.worth


def test_what_somebody_says_is_about_themselves_and_what_they_ask_about_the_other() -> None:
    said, asked = Line("Tom", "My knee hurts"), Line("Ann", "Does the knee hurt?")
    for line in (said, asked):
        about_tom = _worth("Why does Tom's knee hurt?", line, Line("Tom", "x"), Line("Ann", "y"))
        about_ann = _worth("Why does Ann's knee hurt?", line, Line("Tom", "x"), Line("Ann", "y"))
        assert about_tom - about_ann == pytest.approx(0.25, abs=0.05)


def test_who_is_named_in_a_line_is_told_of_by_anybody() -> None:
    line = Line("Ann", "Rosa moved to Porto")
    assert _worth("Where did Rosa move?", line, names=("Rosa", "Paul")) > 0.2 + _worth(
        "Where did Paul move?", line, names=("Rosa", "Paul")
    )


def test_a_name_is_no_word_that_is_shared() -> None:
    line = Line("Anna", "Anna is here")
    assert _worth("What does Anna drive?", line) < 0.55


@pytest.mark.parametrize(("name", "near"), [("all-MiniLM-L6-v2 (local model)", False), ("another", True)])
def test_what_is_near_is_known_of_the_built_in_encoder_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, *, near: bool
) -> None:
    made = WordEmbedder()
    monkeypatch.setattr(made, "name", name, raising=False)
    monkeypatch.setattr(passages, "embedder", lambda: made)
    [far, close] = quote_lines([TALK[:1], TALK[2:4]], question="What does the flat cost?", language="en")
    assert (far.near, close.near) == (near, True)


def test_nothing_is_quoted_of_nothing() -> None:
    assert quote_lines([[], []], question="the flat", language="en") == [Quote([], 0.0)] * 2
    assert quote_lines([], question="the flat", language="en") == []


def test_words_are_shared_by_their_stems_and_not_by_the_smallest() -> None:
    assert shared_terms("Did I promise that to you?", "she promised it to you", language="en") == 1
    assert shared_terms("What did you say?", "what you did say", language="en") == 0
