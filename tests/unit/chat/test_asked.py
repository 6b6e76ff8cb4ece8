"""Questions as they are understood without a language model."""

from datetime import UTC, datetime

import pytest

from common.chat.asked import continued, follows_up, understand

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


@pytest.mark.parametrize(
    ("before", "text", "day", "counts"),
    [
        ("What did I do yesterday?", "and on Monday?", 4, False),
        ("How many conversations did I have yesterday?", "What about Tuesday?", 5, True),
        ("Was habe ich gestern gemacht?", "Und am Montag?", 4, False),
        ("¿Qué hice ayer?", "¿Y el lunes?", 4, False),
        ("Qu'est-ce que j'ai fait hier ?", "Et lundi ?", 4, False),
    ],
)
def test_the_same_may_be_asked_of_another_day(before: str, text: str, day: int, *, counts: bool) -> None:
    asked = understand(text, earlier=[before], names=NAMES, now=NOW)
    assert asked.period is not None
    assert (asked.lists, asked.counts, asked.period.since.day) == (True, counts, day)


def test_the_same_may_be_asked_of_somebody_else() -> None:
    asked = understand("and with Anna?", earlier=["What did I talk about with Tom yesterday?"], names=NAMES, now=NOW)
    assert (asked.lists, asked.named) == (True, ("Anna",))


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuántas conversaciones tuve la semana pasada?",
        "Combien de conversations ai-je eues la semaine dernière ?",
        "Wie viele Gespräche hatte ich letzte Woche?",
    ],
)
def test_conversations_of_a_week_are_counted_in_other_languages(question: str) -> None:
    asked = understand(question, earlier=(), names=NAMES, now=NOW)
    assert asked.period is not None
    assert (asked.lists, asked.counts, asked.period.since.day) == (True, True, 27)


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        ("What are my tasks for tomorrow?", "and on Friday?", "what are my tasks for ? and on Friday?"),
        ("Welche Aufgaben habe ich morgen?", "und am Freitag?", "welche aufgaben habe ich ? und am Freitag?"),
        ("What are my tasks?", "and the car?", None),
        ("What are my tasks?", "and then?", None),
        ("What are my tasks?", "Friday was nice", None),
    ],
)
def test_a_list_may_be_asked_for_of_another_day(before: str, text: str, whole: str | None) -> None:
    found = continued(text, [before], NOW)
    assert (found and " ".join(found.split())) == whole
