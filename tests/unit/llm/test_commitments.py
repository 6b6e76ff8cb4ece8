"""Plain promises, requests and reminders are tasks; wishes, hypotheses, negations and questions are not."""

from datetime import UTC, datetime

import pytest

from common.llm.extractive.commitments import find_commitments
from common.llm.sentences import Sentence

THURSDAY = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)


def _tasks(text: str, *, is_user: bool = True, speaker: str = "Maria", knows_user: bool = True) -> list[str]:
    sentence = Sentence(text, speaker=speaker, is_user=is_user, opens=True)
    return [found.description for found in find_commitments(sentence, THURSDAY, knows_user=knows_user)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'll write the release notes", ["Write the release notes"]),
        ("okay so i need to renew my passport", ["Renew my passport"]),
        ("I will draft a proposal and share it with the team", ["Draft a proposal", "Share it with the team"]),
        ("I have to call her tonight, because she is sick", None),
        ("I'm going to book the big room, okay?", None),
        ("remind me to pick up the dry cleaning and buy milk", ["Pick up the dry cleaning", "Buy milk"]),
        ("note to self buy stamps", ["Buy stamps"]),
        ("don't forget to water the plants please", ["Water the plants"]),
        ("we should review the contract by Friday", ["Review the contract by Friday"]),
        ("Can you send me the churn report?", ["Send me the churn report"]),
        ("buy milk tomorrow", ["Buy milk tomorrow"]),
        ("I'm going to bake a cake and I need to pick up balloons", ["Bake a cake", "Pick up balloons"]),
        ("not yet I'll check the oil tonight", ["Check the oil tonight"]),
        ("can you remind me to call the bank", ["Call the bank"]),
        ("please make sure to send the invoice", ["Send the invoice"]),
        ("I'll sketch the new logo by Friday", ["Sketch the new logo by Friday"]),
        ("I also want to make a slideshow", ["Make a slideshow"]),
        ("I'd like to compare the two offers", ["Compare the two offers"]),
        ("I'd better call the landlord, he is waiting", ["Call the landlord"]),
        ("I can send you the slides", ["Send them the slides"]),
        ("I'll order the cake that you like", ["Order the cake that you like"]),
        ("I'd also like you to check the heating", ["Check the heating"]),
        ("Don't forget the dentist tomorrow at 3 pm", ["Remember the dentist tomorrow at 3 pm"]),
        ("note to self: the slides for the board", ["Remember the slides for the board"]),
        ("remind me about my passport", ["Remember my passport"]),
    ],
)
def test_plain_commitments_of_the_user(text: str, expected: list[str] | None) -> None:
    assert _tasks(text) == ([] if expected is None else expected)


@pytest.mark.parametrize(
    "text",
    [
        "I should review the contract",
        "don't forget your keys",
        "don't forget the time we went to Rome",
        "you remind me of my brother",
        "remind me the name of your dog",
        "I don't forget a face",
        "if I need to call the bank I will",
        "I don't have to write the report",
        "maybe I'll write the report",
        "do I have to write the report",
        "I thought I have to write the report",
        "I'll be late",
        "I'll see you tomorrow",
        "I'll take a look",
        "we should meet sometime and I'll call the others sometime",
        "I'll call",
        "I'll do it",
        "I'll never understand the rules",
        "I'll enjoy the silence",
        "I can write French",
        "can you do that without the key",
        "what should I buy for dinner",
        "I wrote the report yesterday",
        "buy milk",
        "people say you have to buy special flour",
        "could you believe the report?",
        "",
    ],
)
def test_everything_else_is_not(text: str) -> None:
    assert _tasks(text) == []


def test_what_others_promise_is_theirs_and_what_they_ask_for_is_the_users() -> None:
    assert _tasks("I'll fix the coupon bug by Tuesday", is_user=False) == []
    assert _tasks("Please email me your slides", is_user=False) == ["Email Maria your slides"]
    assert _tasks("Please email me the slides", is_user=False, speaker="SPEAKER_01") == ["Email them the slides"]
    assert _tasks("We need to renew the car insurance", is_user=False) == ["Renew the car insurance"]


def test_an_errand_that_somebody_asks_for_is_the_users_an_order_for_now_is_not() -> None:
    def asked(text: str) -> list[str]:
        return _tasks(text, is_user=False)

    assert asked("Ask the client about the new liability cap") == ["Ask the client about the new liability cap"]
    assert asked("Come by on Saturday and pick up the lamp") == ["Pick up the lamp"]
    assert asked("Show me the plan of the house") == []
    assert asked("Give the ball to the dog") == []


def test_where_nobody_is_known_to_be_the_user_everybody_may_be() -> None:
    assert _tasks("I'll fix the coupon bug", is_user=False, knows_user=False) == ["Fix the coupon bug"]


def test_due_dates_come_from_the_words_around() -> None:
    def due(text: str) -> datetime | None:
        sentence = Sentence(text, speaker="User", is_user=True, opens=True)
        (found,) = find_commitments(sentence, THURSDAY, knows_user=True)
        return found.due_at

    assert due("I'll call Maria tomorrow morning") == datetime(2025, 9, 19, 9, 0, tzinfo=UTC)
    assert due("Don't forget the dentist tomorrow at 3 pm") == datetime(2025, 9, 19, 15, 0, tzinfo=UTC)
    assert due("Tomorrow at five I'll call Maria") == datetime(2025, 9, 19, 17, 0, tzinfo=UTC)
    assert due("I'll call Maria right away, it's urgent") == datetime(2025, 9, 18, 12, 0, tzinfo=UTC)
    assert due("I'll call Maria about last Friday") is None


def test_a_description_has_15_words_at_most() -> None:
    (task,) = _tasks("I'll write " + " ".join(f"word{n}" for n in range(40)))
    assert len(task.split()) == 15
