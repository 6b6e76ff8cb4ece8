"""Thoughts that begin an answer are not read by anybody; what only looks like one is part of the answer."""

import pytest

from common.llm.talking import Call, Piece
from common.llm.thoughts import after_thoughts, without_thoughts

CALL = Call("c", "search", {})


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (["<think>Hm.</think>\n\nHere", " it is."], "Here it is."),
        (["<th", "ink>", "Hm. </th", "ing> ", "</thi", "nk>", "\n", "\nHere."], "Here."),
        (["\n<think>", "a" * 1000, "</think>", " Here."], "Here."),
        (["<think></think>Here."], "Here."),
        (["Here <think>is</think> it."], "Here <think>is</think> it."),
        (["<", "b>Here"], "<b>Here"),
        (["<thin"], "<thin"),
        (["  Here."], "  Here."),
        (["<think>for ever", " and ever"], ""),
        ([], ""),
    ],
)
def test_only_the_answer_is_said(pieces: list[Piece], said: str) -> None:
    assert "".join(each for each in without_thoughts(pieces) if isinstance(each, str)) == said


def test_the_first_words_are_said_at_once() -> None:
    pieces = iter(["<think>Hm.</think>Here", " it is."])
    assert next(iter(without_thoughts(pieces))) == "Here"
    assert next(pieces) == " it is."


def test_calls_are_made_after_thoughts() -> None:
    assert list(without_thoughts(["<think>", "Hm.", CALL])) == [CALL]


@pytest.mark.parametrize("answer", ["<think>a {b}</think>{}", "a {b}</think>{}", "{}"])
def test_an_answer_follows_its_thoughts(answer: str) -> None:
    assert after_thoughts(answer) == "{}"
