"""Without a language model, what the user plainly says of themselves becomes a fact, and nothing else does."""

from collections.abc import Callable

import pytest

from common.llm.first_person import FirstPersonRememberer
from common.llm.own_words.statements import statements
from common.llm.ports import Background, Dialogue

Build = Callable[..., Dialogue]


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ("I live in Lisbon with my two daughters.", ["Ann lives in Lisbon with their two daughters"]),
        ("I'm a nurse at the children's hospital.", ["Ann is a nurse at the children's hospital"]),
        ("Yeah, I've been playing the piano for ten years.", ["Ann has been playing the piano for ten years"]),
        ("I don\u2019t eat meat.", ["Ann does not eat meat"]),
        ("My favorite food is sushi, by the way.", ["Ann's favorite food is sushi"]),
        ("I moved to Berlin last year.", ["Ann moved to Berlin"]),
        ("I work as a carpenter and I really hate mornings.", ["Ann works as a carpenter", "Ann hates mornings"]),
        ("I have two kids and a dog", ["Ann has two kids and a dog"]),
        ("I study law and teach yoga every Tuesday.", ["Ann studies law", "Ann teaches yoga every Tuesday"]),
        ("I usually run five kilometers before work.", ["Ann usually runs five kilometers before work"]),
        ("You can call me Bea.", ["Ann is called Bea"]),
        ("My son plays football on Saturdays.", ["Ann's son plays football on Saturdays"]),
        ("We live near the station, so it is loud.", ["Ann lives near the station"]),
        ("I decided to quit my job.", ["Ann decided to quit their job"]),
        ("I'm German.", ["Ann is German"]),
        (
            "I've got two cats, and our son Tom is allergic to them.",
            ["Ann has two cats", "Ann's son Tom is allergic to them"],
        ),
        ("I'll always take tea over coffee.", ["Ann always takes tea over coffee"]),
        ("I'm the treasurer of our tennis club.", ["Ann is the treasurer of their tennis club"]),
        ("Since I lead the team I'd rather not wait.", ["Ann leads the team"]),
        (
            "I've supported them since I was six and I've supported United since I was ten.",
            ["Ann has supported United"],
        ),
    ],
)
def test_a_plain_statement_becomes_a_fact_in_the_third_person(said: str, facts: list[str]) -> None:
    assert [content for _, content in statements(said, user="Ann")] == facts


@pytest.mark.parametrize(
    "said",
    [
        "I love it.",
        "I'm tired today.",
        "I think I live in the wrong city.",
        "If I had a dog I would be happy.",
        "I have a meeting at three.",
        "I'm going to buy a car.",
        "I'll work from home.",
        "I had pizza yesterday.",
        "I'm a bit worried.",
        "I like how you did that.",
        "She said I am allergic to work.",
        "My dog is sick.",
        "You live in Porto.",
        "Maybe I am a vegetarian.",
        "I wish I lived in Rome.",
        "I have left my car there.",
        "As a kid I was afraid of it.",
        "I've needed one for years.",
        "",
    ],
)
def test_what_is_not_plain_or_does_not_last_becomes_none(said: str) -> None:
    assert list(statements(said, user="Ann")) == []


def test_only_the_user_is_listened_to_and_a_question_states_nothing(dialogue: Build) -> None:
    said = dialogue(
        "Speaker 1: I live in Rome and I am allergic to nuts.",
        "User: I live in Oslo?",
        "User: I am a teacher.",
        "Photo: I live in Paris.",
    )
    [fact] = FirstPersonRememberer().remember(said, Background("Ann"))
    assert (fact.content, fact.turns) == ("Ann is a teacher", (2,))


def test_a_voice_that_is_alone_is_the_users_and_two_that_nobody_knows_are_not(dialogue: Build) -> None:
    alone = dialogue("Speaker 0: I am a teacher.", "Photo: a classroom")
    assert [fact.content for fact in FirstPersonRememberer().remember(alone, Background())] == ["User is a teacher"]
    two = dialogue("Speaker 0: I am a teacher.", "Speaker 1: Nice.")
    assert FirstPersonRememberer().remember(two, Background()) == []


def test_the_weightiest_come_first_and_no_more_than_wanted(dialogue: Build) -> None:
    said = dialogue("User: I love old films.", "User: I live in Oslo.", "User: I'm allergic to peanuts.")
    facts = FirstPersonRememberer().remember(said, Background("Ann"))
    assert [fact.content for fact in facts] == ["Ann is allergic to peanuts", "Ann lives in Oslo"]
    assert len(FirstPersonRememberer().remember(said, Background("Ann", most_facts=5))) == 3


def test_what_a_weightier_fact_says_already_is_left_out(dialogue: Build) -> None:
    said = dialogue("User: My wife is a vet.", "User: Ask my wife.", "User: I love old films.")
    facts = FirstPersonRememberer().remember(said, Background("Ann", most_facts=5))
    assert [fact.content for fact in facts] == ["Ann's wife is a vet", "Ann loves old films"]


def test_of_a_question_only_what_leads_up_to_it_is_stated(dialogue: Build) -> None:
    said = dialogue("User: I'm lactose intolerant, is there milk in it?", "User: Should I move to Spain?")
    [fact] = FirstPersonRememberer().remember(said, Background("Ann"))
    assert fact.content == "Ann is lactose intolerant"


def test_what_is_known_is_not_said_again(dialogue: Build) -> None:
    said = dialogue("User: I live in Oslo.")
    assert FirstPersonRememberer().remember(said, Background("Ann", known=("Ann lives in Oslo.",))) == []


def test_it_says_what_it_is() -> None:
    assert FirstPersonRememberer().name == "extractive"


def test_a_long_dialogue_takes_no_time(dialogue: Build) -> None:
    lines = [
        f"User: I have {'very ' * 30}nice things and my {'big ' * 20}dog and I live {'near ' * 30}" for _ in range(300)
    ]
    assert FirstPersonRememberer().remember(dialogue(*lines), Background()) is not None
