"""Questions as they are understood without a language model."""

from datetime import UTC, datetime

import pytest

from common.chat.asked import follows_up, understand

NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)  # a Friday
NAMES = ("Anna", "Dr. Weber", "Mom", "Tom")


@pytest.mark.parametrize(
    ("question", "said", "named"),
    [
        ("What did I do yesterday?", "yesterday", ()),
        ("Summarize my week", "this week", ()),
        ("How was my day?", "today", ()),
        ("Give me a recap of Monday", "monday", ()),
        ("Was habe ich gestern gemacht?", "gestern", ()),
        ("Was war diese Woche los?", "diese woche", ()),
        ("¿Qué hice ayer?", "ayer", ()),
        ("What did I talk about with Tom?", None, ("Tom",)),
        ("When did I meet Dr. Weber last week?", "last week", ("Dr. Weber",)),
        ("When did I last talk to Tom?", None, ("Tom",)),
        ("What was the last thing Anna told me?", None, ("Anna",)),
        ("Show me Monday's conversations", "monday", ()),
    ],
)
def test_a_time_or_somebody_alone_asks_for_conversations(
    question: str, said: str | None, named: tuple[str, ...]
) -> None:
    asked = understand(question, earlier=(), names=NAMES, now=NOW)
    assert (asked.lists, asked.counts, asked.named) == (True, False, named)
    assert (asked.period.said if asked.period else None) == said
    assert asked.says_something


@pytest.mark.parametrize(
    "question",
    [
        "How often did I talk to Mom this week?",
        "How many conversations did I have today?",
        "Wie oft habe ich mit Tom geredet?",
    ],
)
def test_conversations_are_counted(question: str) -> None:
    asked = understand(question, earlier=(), names=NAMES, now=NOW)
    assert (asked.lists, asked.counts) == (True, True)


@pytest.mark.parametrize(
    "question",
    [
        "What did Anna say about Lisbon yesterday?",
        "How often did I go running this week?",
        "What did we decide on Wednesday?",
        "What is the name of the dog?",
    ],
)
def test_whatever_else_is_asked_is_looked_for(question: str) -> None:
    asked = understand(question, earlier=(), names=NAMES, now=NOW)
    assert (asked.lists, asked.counts, asked.says_something) == (False, False, True)


@pytest.mark.parametrize("text", ["hi", "thanks!", "how are you?", "What can you do?", "ok, great", ""])
def test_small_talk_asks_for_nothing(text: str) -> None:
    assert not understand(text, earlier=["What did Tom say about the flat?"], names=NAMES, now=NOW).says_something


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("When can we see it?", True),
        ("How much does he owe me?", True),
        ("And the car?", True),
        ("What about Anna?", True),
        ("How much is it?", True),
        ("Was there a talk about bicycles and helmets?", False),
        ("Who is Anna?", False),
        ("What is the name of the tomato?", False),
        ("that's great", False),
    ],
)
def test_a_question_that_points_back_is_one_with_what_it_points_to(question: str, *, back: bool) -> None:
    assert follows_up(question) is back
    asked = understand(question, earlier=["Who is Tom?", "What does the flat cost?"], names=NAMES, now=NOW)
    assert asked.text == (f"What does the flat cost? {question}" if back else question)


def test_several_may_follow_one_another_and_no_more_than_a_few() -> None:
    earlier = ["Who is Anna?", *(f"And {number}?" for number in range(9))]
    assert understand("And him?", earlier=earlier[:2], names=NAMES, now=NOW).text == "Who is Anna? And 0? And him?"
    assert understand("And him?", earlier=earlier, names=NAMES, now=NOW).text == "And 6? And 7? And 8? And him?"


def test_a_name_is_a_whole_word() -> None:
    assert understand("What about tomatoes, tom?", earlier=(), names=NAMES, now=NOW).named == ("Tom",)
    assert understand("What about tomatoes?", earlier=(), names=("", " ", "Tom"), now=NOW).named == ()
