"""A label is found by an answer that has its share of the label's words, each answer for one label only."""

import pytest

from bench import scoring

LABEL = "User works night shifts as a nurse"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("User is on night shifts at the hospital", True),
        ("The hard part is that I'm on night shifts at the hospital, and then my husband does the bedtime", True),
        ("User is a nurse", False),
        ("User likes the night", False),
        ("", False),
        (f"{'word ' * 40}{LABEL}", False),
    ],
)
def test_half_of_the_words_of_a_label_find_it_whoever_says_them(answer: str, *, found: bool) -> None:
    assert bool(scoring.matches([LABEL], [answer], share=0.5)) is found


def test_an_answer_stands_for_one_label_and_a_label_is_found_once() -> None:
    assert scoring.matches(["User plays bass"], ["User plays bass", "User plays the bass"], share=0.5) == [(0, 0)]
    both = scoring.matches(["User plays bass", "User plays bass in a band"], ["User plays bass in a band"], share=0.5)
    assert len(both) == 1


def test_what_is_too_much_costs_precision_and_f1_but_no_recall() -> None:
    one, many = (1, 1, 1), (1, 9, 1)
    assert scoring.recall(*one) == scoring.recall(*many)
    assert scoring.total([scoring.precision(*many)]) < scoring.total([scoring.precision(*one)])
    assert scoring.total([scoring.f1(*many)]) < scoring.total([scoring.f1(*one)])
