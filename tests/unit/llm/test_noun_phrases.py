"""What names a thing is told from what is done by how both are used in a talk."""

import pytest

from common.llm.extractive.noun_phrases import noun_phrases


def _texts(*said: str) -> list[str]:
    return [phrase.text for phrase in noun_phrases(said)]


def test_a_run_ends_with_a_thing() -> None:
    assert "second quote" in _texts("we need a second quote by friday")
    assert not {"second", "friday", "quote friday"} & set(_texts("we need a second quote by friday"))


def test_what_is_done_begins_no_phrase() -> None:
    found = _texts("i need to cut the slides", "they paint the kitchen wall")
    assert {"slides", "kitchen wall"} <= set(found)
    assert not any(phrase.startswith(("cut", "paint")) for phrase in found)


def test_the_same_word_is_a_thing_where_it_is_told_like_one() -> None:
    assert "call" in _texts("the call was long", "my call again")
    assert "call" not in _texts("i call the bank", "you call the bank")


def test_a_compound_is_not_cut_in_the_middle() -> None:
    found = _texts("the event horizon is a border")
    assert "event horizon" in found
    assert "event" not in found


def test_things_are_joined_as_they_were() -> None:
    assert "price of the flights" in _texts("the price of the flights went up")


def test_what_is_said_twice_in_a_row_is_a_stutter() -> None:
    assert "budget" in _texts("the the budget budget is tight")
    assert not any("budget budget" in phrase for phrase in _texts("the the budget budget is tight"))


def test_the_most_frequent_comes_first() -> None:
    first = noun_phrases(["the boxes came", "where are the boxes", "the desk"])[0]
    assert (first.text, first.count) == ("boxes", 2)
    assert 0.5 < first.certainty < 1


@pytest.mark.parametrize("said", ["", "yes no okay", "i'll", "12345", "...", "the the the"])
def test_nothing_is_named(said: str) -> None:
    assert _texts(said) == []
