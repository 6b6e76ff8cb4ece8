"""What one asks for is a task where the other doesn't decline; an answer adds its day, and is no second task."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from common.llm.extractive.exchanges import find_tasks
from common.llm.ports import Dialogue
from common.llm.sentences import sentences

THURSDAY = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)
Build = Callable[..., Dialogue]


def _tasks(dialogue: Dialogue) -> list[tuple[str, str | None]]:
    found = find_tasks(sentences(dialogue), THURSDAY, knows_user=True)
    return [(task.description, None if task.due_at is None else task.due_at.strftime("%m-%d")) for _, task in found]


@pytest.mark.parametrize(
    ("lines", "task", "due"),
    [
        (("Ben: Bring your own boots.", "User: Will do."), "Bring your own boots", None),
        (("Ben: You should water the ferns.", "User: Okay, on Saturday."), "Water the ferns", "09-20"),
        (("Ben: Can you send me the plan?", "User: Sure, by Friday."), "Send Ben the plan", "09-19"),
        (("User: Could you call the printer?", "Ben: Yes, tomorrow."), "Have Ben call the printer", "09-19"),
        (("User: I'll send you the address.", "Ben: Thanks."), "Send Ben the address", None),
        (("User: Let me talk to my sister about the car.", "Ben: Good."), "Talk to my sister about the car", None),
        (("User: I'll ask the owner if dogs are allowed.", "Ben: Hm."), "Ask the owner whether dogs are allowed", None),
    ],
)
def test_what_is_agreed_to_is_a_task(dialogue: Build, lines: tuple[str, ...], task: str, due: str | None) -> None:
    assert _tasks(dialogue(*lines)) == [(task, due)]


@pytest.mark.parametrize(
    "lines",
    [
        ("Ben: Bring your own boots.", "User: It's raining again."),
        ("Ben: Can you send me the plan?", "User: No, I can't."),
        ("User: Could you call the printer?", "Ben: Sorry, no."),
        ("User: I'll call the printer.", "Ben: They're closed.", "User: Right, scrap that."),
        ("Ben: Look at this.", "User: Okay."),
        ("Ben: Repair is expensive.", "User: Yes."),
        ("User: Can you hand me the salt a second?", "Ben: Sure."),
        ("Ben: Can you open Saturday?", "User: Yeah."),
    ],
)
def test_what_is_declined_taken_back_or_over_at_once_is_none(dialogue: Build, lines: tuple[str, ...]) -> None:
    assert _tasks(dialogue(*lines)) == []


def test_an_answer_is_not_a_second_task(dialogue: Build) -> None:
    said = dialogue("Ben: Send me the name of the wine.", "User: I'll text it to you when I'm home on Sunday.")
    assert _tasks(said) == [("Send Ben the name of the wine", "09-21")]


def test_who_has_no_name_is_not_named(dialogue: Build) -> None:
    said = dialogue("Speaker 1: Anything else?", "User: Could you check the brakes?", "Speaker 1: Of course.")
    assert _tasks(said) == [("Check the brakes", None)]


def test_a_request_is_not_taken_back_by_what_is_said_later(dialogue: Build) -> None:
    said = dialogue(
        "User: I'll call the printer.", "Ben: Good.", "User: Nice hat.", "Ben: Thanks.", "User: Never mind."
    )
    assert _tasks(said) == [("Call the printer", None)]


@pytest.mark.parametrize(
    ("before", "promise", "task"),
    [
        ("Ben: Your jerseys are with Ann.", "I'll collect them tomorrow", "Collect my jerseys tomorrow"),
        ("Ben: Anna has some keys.", "I'll pick them up on Monday", "Pick the keys up on Monday"),
        ("Ben: I need two references.", "I'll send them tomorrow", "Send two references tomorrow"),
        ("Ben: The box is at the office.", "I'll collect it from Ann", "Collect it from Ann"),
        ("Ben: The slides look fine.", "I'll email them the numbers tomorrow", "Email them the numbers tomorrow"),
        ("Ben: A few days are left.", "I'll call them about Ann", "Call them about Ann"),
    ],
)
def test_things_that_were_just_named_stand_in_the_task(dialogue: Build, before: str, promise: str, task: str) -> None:
    assert [described for described, _ in _tasks(dialogue(before, f"User: {promise}."))] == [task]
