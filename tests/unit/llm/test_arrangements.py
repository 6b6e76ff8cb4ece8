"""What two people agree on, a turn at a time, is an event; what only one of them proposes is none."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from common.llm.extractive.arrangements import find_arrangements
from common.llm.ports import Dialogue
from common.llm.sentences import sentences

THURSDAY = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)
Build = Callable[..., Dialogue]


def _events(dialogue: Dialogue) -> list[tuple[str, str]]:
    found = find_arrangements(sentences(dialogue), THURSDAY)
    return [(event.title, event.start.strftime("%m-%d %H:%M")) for event in found]


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (("Ben: Shall we say Monday, half past four?", "User: Works for me."), "09-22 16:30"),
        (("Ben: I have Tuesday the seventh at eleven.", "User: Eleven is fine."), "10-07 11:00"),
        (("Ben: The ninth of October would suit me. Is two okay?", "User: Two's good."), "10-09 14:00"),
        (("User: When does the ferry leave?", "Ben: Wednesday. Six fifteen."), "09-24 18:15"),
        (("Ben: It moved to Saturday, quarter to nine.", "User: Saturday, quarter to nine."), "09-20 08:45"),
        (("Ben: Could you do Friday night, say ten o'clock?", "User: Friday at ten, yes."), "09-19 22:00"),
        (
            ("Ben: We open at six in the morning.", "User: Okay.", "Ben: Monday?", "User: Six on Monday, I'm there."),
            "09-22 06:00",
        ),
        (("Ben: Twentieth of October, seven, I already booked it.", "User: What shall I bring?"), "10-20 19:00"),
        (("Ben: Next Thursday, same time? Six?", "User: Six works."), "09-25 18:00"),
    ],
)
def test_day_and_hour_that_both_agree_on(dialogue: Build, lines: tuple[str, ...], start: str) -> None:
    assert [when for _, when in _events(dialogue(*lines))] == [start]


@pytest.mark.parametrize(
    "lines",
    [
        ("Ben: Shall we say Monday at four?", "User: No, I can't."),
        ("Ben: Shall we say Monday at four?", "User: Is it raining?"),
        ("Ben: Monday at four or Tuesday at five.", "User: Okay."),
        ("Ben: We were there on Monday at four.", "User: Good."),
        ("Ben: The shop closes on Monday at four every week.", "User: Okay."),
        ("Ben: It's four hundred on Monday.", "User: Fine."),
        ("Ben: Maybe Monday at four.", "User: Good."),
        ("Ben: That's twenty people.", "User: Twenty, okay, see you Monday."),
    ],
)
def test_what_nobody_agreed_on(dialogue: Build, lines: tuple[str, ...]) -> None:
    assert _events(dialogue(*lines)) == []


def test_what_is_changed_at_once_stands_as_it_was_changed(dialogue: Build) -> None:
    said = dialogue(
        "Ben: Can you come on Monday at four?",
        "User: Monday at four, yes. No, wait, could we say five?",
        "Ben: Monday at five. Sure.",
        "User: Good.",
    )
    assert [when for _, when in _events(said)] == ["09-22 17:00"]


def test_it_is_called_what_was_spoken_of_or_after_who_is_met(dialogue: Build) -> None:
    named = dialogue("Ben: So the flat viewing.", "User: When's that?", "Ben: Monday at four.", "User: Good.")
    assert _events(named) == [("Flat Viewing", "09-22 16:00")]
    unnamed = dialogue("Ben: Monday at four, then?", "User: Perfect.")
    assert _events(unnamed) == [("Meeting with Ben", "09-22 16:00")]
