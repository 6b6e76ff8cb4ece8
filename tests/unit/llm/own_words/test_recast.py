"""What is put in many ways is put in one: the subject first, the common word, the fragment in its place."""

import pytest

from common.llm.first_person import FirstPersonRememberer
from common.llm.own_words.clauses import unquoted
from common.llm.own_words.fragments import joined, with_ones
from common.llm.own_words.statements import statements
from common.llm.ports import Background
from tests.support.told import Told, told_dialogues


def _told(said: str) -> list[str]:
    return [content for _, content in statements(said, user="Ann")]


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("What I really love is gardening.", "Ann loves gardening"),
        ("It's cats I'm allergic to, not dogs.", "Ann is allergic to cats"),
        ("Working for a newspaper, I'm never off.", "Ann works for a newspaper"),
        ("That's the trouble with having four kids.", "Ann has four kids"),
        ("Fifteen years I've been at this school.", "Ann has been at this school for Fifteen years"),
        ("I'll be fifty in December.", "Ann is turning fifty in December"),
        ("Grew up in Leeds, moved here later.", "Ann grew up in Leeds"),
        ("In my twenties I lived in Mumbai.", "Ann lived in Mumbai in their twenties"),
        ("We're moving to Oslo next summer.", "Ann is moving to Oslo"),
        ("I'm a lefty.", "Ann is left-handed"),
        ("I don't smoke any more.", "Ann stopped smoking"),
        ("The doctor put me on statins in spring.", "Ann takes statins in spring"),
    ],
)
def test_a_statement_is_heard_however_it_is_put(said: str, fact: str) -> None:
    assert fact in _told(said)


@pytest.mark.parametrize(
    "said",
    [
        "He said, I'm moving to Canada and I bought a farm.",
        "And then she goes, my girlfriend has two hundred sheep.",
        "If I had a farm I'd sleep in the barn and never talk to anybody.",
        "After that I'm a very educated unemployed person.",
    ],
)
def test_what_others_say_and_what_is_not_so_is_nothing(said: str) -> None:
    assert _told(unquoted(said)) == []


def test_what_only_says_when_belongs_to_the_sentence_before() -> None:
    assert joined(["I'm up at five.", "Every day, even on Sundays.", "Really?", "Every day."]) == [
        "I'm up at five every day, even on Sundays.",
        "Really?",
        "Every day.",
    ]


def test_one_is_what_was_spoken_of() -> None:
    assert with_ones("I don't even own one.", "Close the street for cars.") == "I don't even own a car."
    assert with_ones("I don't own one.", "What now?") == "I don't own one."


def test_a_weak_fact_is_not_told_beside_a_strong_one() -> None:
    sale: Told = next(each for each in told_dialogues() if each.name == "flat-viewing")
    facts = [fact.content for fact in FirstPersonRememberer().remember(sale.dialogue, Background("Ann"))]
    assert "Ann works from home" in facts
    assert "Ann has a boyfriend" not in facts
