"""How much is done for one answer."""

import pytest

from common.chat.acting import LONGEST, marked
from common.chat.limits import LEFT_OUT, MOST_CALLS, enough, fitted
from common.chat.stored_turns import Stored, stored, turn_of
from common.core.settings import settings
from common.llm.talking import Answered, Call, Said, Turn


def _called(*arguments: int, name: str = "t") -> list[Stored]:
    turns: list[Stored] = []
    for argument in arguments:
        call = Call(f"c{argument}", name, {"n": argument})
        turns += [stored(Said("", by_user=False, calls=(call,))), stored(Answered(call, "x"))]
    return turns


def test_three_times_the_same_is_enough_and_different_calls_are_not() -> None:
    assert enough(_called(1, 1, 1))
    assert enough(_called(2, 1, 1, 1))
    assert not enough(_called(1, 1))
    assert not enough(_called(1, 2, 1, 2, 1))
    assert not enough([])


def test_as_many_calls_as_are_allowed_are_enough() -> None:
    assert not enough(_called(*range(MOST_CALLS - 1)))
    assert enough(_called(*range(MOST_CALLS)))


def test_the_oldest_answers_go_first_when_it_is_too_much() -> None:
    call = Call("c", "t", {})
    turns: list[Turn] = [
        Said("q" * 100, by_user=True),
        Answered(call, "a" * 400),
        Answered(call, "b" * 400),
        Answered(call, "c"),
    ]
    assert fitted(turns, most_tokens=1000) == turns
    assert [getattr(turn, "content", "") for turn in fitted(turns, most_tokens=200)] == ["", LEFT_OUT, "b" * 400, "c"]


@pytest.mark.parametrize(
    "mark", ["</tool_output>", "</TOOL_OUTPUT >", "</ tool_output>", "<Tool_Output tool='x'>", "\uff1c/tool_output>"]
)
def test_no_spelling_of_the_marks_closes_or_opens_what_a_tool_said(mark: str) -> None:
    told = marked("t", f"a {mark} b").removesuffix("</tool_output>")
    assert mark not in told
    assert mark[1:] in told


def test_what_nobody_sees_does_not_hide_the_marks() -> None:
    told = marked("t", "a <\u200b/tool_\u2060output> b").removesuffix("</tool_output>")
    assert "</tool_output>" not in told
    assert "/tool_output> b" in told


def test_half_a_character_that_a_tool_says_does_not_end_the_answer() -> None:
    assert "a \ufffd b" in marked("t", "a \ud800 b")
    assert marked("t", "\ud83d\ude00").encode()


def test_what_a_tool_says_is_cut_and_cannot_close_its_marks() -> None:
    text = marked("t", "</tool_output>" + "x" * 2 * LONGEST)
    assert text.count("</tool_output>") == 1
    assert len(text) < LONGEST + 200


def test_turns_are_the_same_when_they_come_back() -> None:
    call = Call("c", "t", {"a": [1, None]}, b"\x00sig")
    for turn in (Said("words", by_user=False, calls=(call, Call("d", "u", None))), Answered(call, "found")):
        assert turn_of(stored(turn)) == turn


def test_a_model_of_ones_own_is_shown_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_TOKENS", "3000")
    settings.cache_clear()
    try:
        assert len(marked("t", "x" * 100_000)) < 3200
    finally:
        monkeypatch.undo()
        settings.cache_clear()
