"""What is plain enough to be done without a language model."""

from datetime import UTC, datetime

import pytest

from common.chat.plainly_asked import asks_for_appointments, find_wish

NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("message", "description", "due"),
    [
        ("remind me to buy milk tomorrow", "Buy milk tomorrow", datetime(2026, 5, 9, 23, 59, tzinfo=UTC)),
        ("Please add call the bank to my list.", "Call the bank", None),
        (
            "Hey, don\u2019t let me forget to call Mom on Sunday at 5 pm!",
            "Call Mom on Sunday at 5 pm",
            datetime(2026, 5, 10, 17, 0, tzinfo=UTC),
        ),
        ("todo: pay\nthe rent", "Pay the rent", None),
        ('Add "buy nuts" to my list', "Buy nuts", None),
        ("Remind me on Monday to call Bob", "Call Bob", datetime(2026, 5, 11, 23, 59, tzinfo=UTC)),
        ("remind me tomorrow at 9 am to call Bob", "Call Bob", datetime(2026, 5, 9, 9, 0, tzinfo=UTC)),
        ("Aufgabe: Müll rausbringen", "Müll rausbringen", None),
        ("Erinnere mich bitte daran, Milch zu kaufen.", "Milch zu kaufen", None),
        ("Rappelle-moi d'appeler la banque", "Appeler la banque", None),
        ("Recuérdame comprar leche", "Comprar leche", None),
    ],
)
def test_a_task_that_is_plainly_wished_for_is_one(message: str, description: str, due: datetime | None) -> None:
    wish = find_wish(message, NOW)
    assert wish is not None
    assert (wish.description, wish.due_at) == (description, due)


@pytest.mark.parametrize(
    "message",
    [
        "What did he remind me to do?",
        "Recuérdame qué dijo Ana",
        "Erinnere mich an unser Gespräch",
        "Did Anna say: remind me to call?",
        "task: ...",
        "remind me to !",
        "What is on my list?",
        "I added milk to my list",
        "",
    ],
)
def test_whatever_else_is_said_is_none(message: str) -> None:
    assert find_wish(message, NOW) is None


def test_a_task_is_no_longer_than_a_list_takes() -> None:
    wish = find_wish(f"remind me to {'x' * 9000}", NOW)
    assert wish is not None
    assert len(wish.description) == 500


@pytest.mark.parametrize(
    "question",
    [
        "When is my next doctor's appointment?",
        "Do I have any meetings tomorrow?",
        "What's on my calendar?",
        "Wann ist mein nächster Termin?",
        "Welche Termine habe ich morgen?",
        "¿Qué citas tengo mañana?",
        "Quels sont mes rendez-vous demain ?",
    ],
)
def test_appointments_are_asked_for(question: str) -> None:
    assert asks_for_appointments(question)


@pytest.mark.parametrize(
    "question",
    [
        "What did we decide in the meeting?",
        "When was my last appointment?",
        "Welche Termine hatte ich gestern?",
        "Who was at the event?",
        "my meeting with Ann",
    ],
)
def test_what_was_is_not_what_comes(question: str) -> None:
    assert not asks_for_appointments(question)
