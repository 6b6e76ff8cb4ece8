"""What was said up to where a connection broke off gives way to what is heard of it anew."""

import pytest

from common.conversations.seams import shortened
from common.conversations.words_said import words_of
from tests.support.making import a_segment


def kept(said: str, anew: str, *, pause: float, end: float = 10.0) -> str:
    segment = a_segment(said, 0, end, id="said")
    heard = words_of([a_segment(anew, pause, pause + len(anew) / 12)])
    changed = shortened([segment], heard, pause=pause)
    if "said" not in changed:
        return said
    assert changed["said"].end <= max(pause, 0)
    again = shortened([changed["said"]], heard, pause=pause)
    assert again == {}, "done again it changes nothing"
    return changed["said"].text


@pytest.mark.parametrize("pause", [7.9, 8.7, 9.2])
def test_half_a_word_gives_way_wherever_the_estimate_lies(pause: float) -> None:
    said = "we are going to meet our friends at the tele"
    assert kept(said, "telephone box in the morning", pause=pause) == "we are going to meet our friends at the"


def test_whole_words_that_are_heard_again_are_not_doubled() -> None:
    said = "we are going to meet our friends at the tele"
    assert kept(said, "at the telephone box", pause=8.6) == "we are going to meet our friends"


def test_what_half_a_word_was_taken_for_gives_way_by_its_time() -> None:
    assert kept("we are going to meet our friends at the dally", "telephone box", pause=8.9) == (
        "we are going to meet our friends at the"
    )


def test_words_before_the_pause_stay_although_one_of_them_comes_again() -> None:
    said = "the more we are together the more we are"
    assert kept(said, "we argue", pause=8.8) == "the more we are together the more"


def test_half_of_a_segment_that_was_nothing_else_leaves_none_of_it() -> None:
    assert kept("tele", "telephone box", pause=0.0, end=0.4) == ""


def test_what_ends_before_the_pause_is_left_alone() -> None:
    segment = a_segment("we are going", 0, 3)
    assert shortened([segment], words_of([a_segment("going home", 4, 5)]), pause=3.99) == {}
