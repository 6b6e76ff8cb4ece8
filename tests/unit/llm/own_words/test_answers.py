"""A question and its answer state something together; what is no answer, or agrees to nothing lasting, doesn't."""

from collections.abc import Callable

import pytest

from common.llm.first_person import FirstPersonRememberer
from common.llm.ports import Background, Dialogue

Build = Callable[..., Dialogue]


def _facts(said: Dialogue) -> list[str]:
    return [fact.content for fact in FirstPersonRememberer().remember(said, Background("Ann"))]


@pytest.mark.parametrize(
    ("asked", "answered", "fact"),
    [
        ("Where do you live?", "In Oslo, since May.", "Ann lives in Oslo"),
        ("Where do you work?", "At the harbour.", "Ann works at the harbour"),
        ("And what do you do for a living?", "Carpenter, mostly roofs.", "Ann is a carpenter"),
        ("What do you study?", "Law.", "Ann studies Law"),
        ("How old are you?", "Thirty four.", "Ann is Thirty four years old"),
        ("What's your name?", "Ada Brandt.", "Ann is called Ada Brandt"),
        ("Any allergies I should know about?", "Just penicillin.", "Ann is allergic to penicillin"),
        ("Do you have any kids?", "Yes, two.", "Ann has two kids"),
        ("Do you play an instrument?", "The cello, badly.", "Ann plays the cello"),
        ("Are you on any medication?", "Blood pressure tablets.", "Ann takes Blood pressure tablets"),
        ("Do you smoke?", "Not any more.", "Ann does not smoke"),
        ("Do you still play the violin?", "Yeah, every week.", "Ann plays the violin"),
        ("How long have you lived in this house?", "Eleven years.", "Ann has lived in this house for eleven years"),
        ("You live in Porto, don't you?", "Exactly.", "Ann lives in Porto"),
        ("So you're the vegetarian, right?", "Yes.", "Ann is the vegetarian"),
        ("Is your daughter coming too?", "Sure, at seven.", "Ann has a daughter"),
        ("You live in Porto.", "No, in Lisbon by now.", "Ann lives in Lisbon"),
        ("You live in Antwerp, right?", "No, not any more. Ghent.", "Ann lives in Ghent"),
        (
            "Do you have siblings? You never say.",
            "Yeah, two brothers, both in Leeds.",
            "Ann has two brothers, both in Leeds",
        ),
        ("What do you do up there?", "Structural engineering.", "Ann works in structural engineering"),
        ("Why did you become a nurse?", "Because of my aunt.", "Ann became a nurse"),
        ("Why don't you eat meat?", "I never liked it.", "Ann does not eat meat"),
        ("How often do you swim?", "Twice a week.", "Ann swims twice a week"),
        ("Do you drive a lot?", "For a living.", "Ann drives for a living"),
        ("You keep bees?", "Three hives, yes.", "Ann keeps bees"),
        ("Is there anything you don't eat?", "Mushrooms.", "Ann does not eat Mushrooms"),
    ],
)
def test_what_was_asked_and_answered_is_a_fact(dialogue: Build, asked: str, answered: str, fact: str) -> None:
    assert _facts(dialogue(f"Ben: {asked}", f"User: {answered}")) == [fact]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Where do you live?", "Why do you ask?"),
        ("What do you do?", "I just wait."),
        ("What do you do?", "Nothing."),
        ("How old are you?", "Old enough to know better than that."),
        ("What's your favourite part?", "Hard to say."),
        ("Do you have the keys?", "Yes."),
        ("Do you have time on Friday?", "Yes."),
        ("Are you ready?", "Yes."),
        ("Are you a member?", "No, sorry."),
        ("Have you seen Tom?", "Yes, just now."),
        ("You look tired.", "Yes."),
        ("You have to call them.", "Yes, I will."),
        ("You should see a doctor.", "True."),
        ("You live in Porto.", "What about it?"),
        ("Is your husband coming too?", "Sure, at seven."),
        ("Why did you become so quiet?", "No, I'm fine."),
        ("Is your wife coming too?", "No, there is none."),
        ("I live in Rome.", "Me too."),
    ],
)
def test_what_is_no_answer_or_passes_is_none(dialogue: Build, asked: str, answered: str) -> None:
    assert _facts(dialogue(f"Ben: {asked}", f"User: {answered}")) == []


def test_what_others_say_of_the_user_rests_on_the_users_turn(dialogue: Build) -> None:
    said = dialogue("Ben: You live in Porto, don't you?", "User: Yes, I do.")
    [fact] = FirstPersonRememberer().remember(said, Background("Ann"))
    assert fact.turns == (0, 1)


def test_a_question_that_somebody_else_answers_is_not_the_users(dialogue: Build) -> None:
    assert _facts(dialogue("Ben: Where do you live?", "Cleo: In Oslo.", "User: Nice.")) == []
