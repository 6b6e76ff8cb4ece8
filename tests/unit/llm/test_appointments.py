"""Confirmed appointments with a day and an hour are events; proposals, pasts and hypotheses are not."""

from datetime import UTC, datetime

import pytest

from common.llm.extractive.appointments import find_appointment
from common.llm.sentences import Sentence
from common.models.structured import Event

THURSDAY = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)


def _event(text: str) -> Event | None:
    return find_appointment(Sentence(text, speaker="User", is_user=True, opens=True), THURSDAY)


@pytest.mark.parametrize(
    ("text", "title", "start", "minutes"),
    [
        ("The launch meeting is on September twenty sixth at ten in the morning", "Launch Meeting", "09-26 10:00", 30),
        ("dinner with sarah on friday", "Dinner with Sarah", "09-19 19:00", 30),
        ("Lisa's birthday party is Sunday at three o'clock", "Lisa's Birthday Party", "09-21 15:00", 30),
        ("The board call is tomorrow at nine for an hour", "Board Call", "09-19 09:00", 60),
        ("The workshop is on Monday from two to four", "Workshop", "09-22 14:00", 120),
        ("the conference is on monday at nine for 300 minutes", "Conference", "09-22 09:00", 180),
        ("My dinner is on may fourth at six", "Dinner", "05-04 18:00", 30),
        ("Okay, the next book club is on September 29 at 7 pm", "Book Club", "09-29 19:00", 30),
        ("There's a viewing of the flat tomorrow at 5 pm", "Viewing of the Flat", "09-19 17:00", 30),
        ("my follow up appointment is on October third at two thirty pm", "Follow Up Appointment", "10-03 14:30", 30),
    ],
)
def test_confirmed_appointments(text: str, title: str, start: str, minutes: int) -> None:
    event = _event(text)
    assert event is not None
    assert (event.title, event.start.strftime("%m-%d %H:%M"), event.duration) == (title, start, minutes)


@pytest.mark.parametrize(
    "text",
    [
        "You'll have the sheet tomorrow, before lunch.",
        "Is the meeting on Friday at ten?",
        "The meeting might be on Friday at ten",
        "If the meeting is on Friday at ten we can go",
        "The meeting was on Friday at ten",
        "The meeting is on Friday",
        "The meeting is at ten",
        "The meeting isn't on Friday at ten",
        "I'd love to have dinner on Friday but I can't",
        "Call Maria tomorrow at nine",
        "Tomorrow at nine it will rain",
        "It is on Friday at ten",
        "The shop is open on Friday at ten",
        "Everything is on Friday at ten",
        "The meeting on Friday at ten is cancelled",
    ],
)
def test_everything_else_is_not(text: str) -> None:
    assert _event(text) is None
