"""The passages that a conversation is found by."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.conversations.stretches import LONGEST, MOST, SHARES, shared, stretches
from tests.support.making import a_segment


def _said(*texts: str) -> list[tuple[str, int]]:
    made = stretches([a_segment(text, number, number + 1) for number, text in enumerate(texts)])
    return [(each.text, len(each.segments)) for each in made]


def test_each_turn_is_a_passage() -> None:
    assert _said("We signed the lease today.", "How much do they want for it?") == [
        ("We signed the lease today.", 1),
        ("How much do they want for it?", 1),
    ]


def test_an_interjection_goes_with_what_it_is_said_to() -> None:
    assert _said("Will you come on Friday?", "Yes.", "I do.", "Then bring the cake with you.") == [
        ("Will you come on Friday?\nYes.\nI do.", 3),
        ("Then bring the cake with you.", 1),
    ]
    assert _said("Yes.", "Shall we go there now?") == [("Yes.", 1), ("Shall we go there now?", 1)]


def test_what_says_nothing_is_none() -> None:
    assert _said("", "  ") == []


def test_a_long_turn_is_cut_where_sentences_end() -> None:
    sentence = "This is a sentence of exactly eight words. "
    made = stretches([a_segment(sentence * 25, 0, 60)])
    assert all(each.text.endswith("words.") for each in made)
    assert {each.segment_ids for each in made} == {made[0].segment_ids}
    assert len(made) == 3


_MANDARIN = "我们明天早上九点在车站附近的咖啡馆见面，然后一起去看那套公寓。"


def test_turns_without_blanks_are_as_long_as_they_are() -> None:
    assert _said(_MANDARIN, _MANDARIN, "好的。") == [(_MANDARIN, 1), (f"{_MANDARIN}\n好的。", 2)]
    made = stretches([a_segment(_MANDARIN * 30, 0, 60)])
    assert "".join(each.text for each in made) == _MANDARIN * 30
    assert all(each.text.endswith("。") and len(each.text) <= 2 * LONGEST for each in made)


def test_what_is_cut_without_blanks_keeps_those_that_there_are() -> None:
    text = "我说 hello world， GPT-4！！" * 40
    [first, *rest] = [each.text for each in stretches([a_segment(text, 0, 60)])]
    assert rest
    assert first.startswith("我说 hello world， GPT-4！！我说 hello world，")


@settings(deadline=None)
@given(st.lists(st.integers(0, 300), max_size=30))
def test_every_word_is_in_one_passage_in_its_order(counts: list[int]) -> None:
    texts = [" ".join(f"w{number}x{n}" for n in range(count)) for number, count in enumerate(counts)]
    made = stretches([a_segment(text, number, number + 1) for number, text in enumerate(texts)])
    assert " ".join(each.text for each in made).split() == " ".join(texts).split()
    assert all(0 < len(each.text.split()) <= LONGEST for each in made)
    assert all(each.start <= each.end for each in made)


def test_a_passage_is_near_to_what_its_neighbours_mean_but_nearest_to_its_own() -> None:
    axes = [[float(row == column) for column in range(5)] for row in range(5)]
    mixed = shared(axes)[2]
    assert [value / mixed[2] for value in mixed] == pytest.approx([SHARES[1], SHARES[0], 1, SHARES[0], SHARES[1]])
    assert math.hypot(*mixed) == pytest.approx(1)


def test_neighbours_that_cancel_each_other_leave_the_passage_as_it_is() -> None:
    assert shared([[-2.0, 0.0], [1.0, 0.0]])[1] == [1.0, 0.0]
    assert shared([]) == []


def test_of_a_day_of_talk_neighbouring_turns_are_joined() -> None:
    segments = [a_segment(f"This is turn number {number} of very many.", number, number + 1) for number in range(4000)]
    made = stretches(segments)
    assert len(made) <= MOST
    assert [segment for each in made for segment in each.segments] == segments
    assert all(len(each.text.split()) <= LONGEST for each in made)
    assert len(stretches(segments[:MOST])) == MOST
