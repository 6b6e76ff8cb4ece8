"""Whatever a model makes up, what is stored is bounded, and nothing is there twice or was there before."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from common.llm.checks import checked
from common.llm.ports import Dialogue
from common.models.structured import ActionItem, Event, Structured
from tests.unit.llm.conftest import BEGAN

Build = Callable[..., Dialogue]


def _tasks(dialogue: Dialogue, *descriptions: str) -> list[str]:
    items = [ActionItem(description=description) for description in descriptions]
    return [item.description for item in checked(Structured(action_items=items), dialogue).action_items]


def test_a_task_that_the_list_holds_already_is_left_out(dialogue: Build) -> None:
    known = replace(dialogue(), known_tasks=("Send the quarterly report to Ana", "Buy milk"))
    assert _tasks(known, "send the quarterly report to Anna.", "Buy milk and bread") == ["Buy milk and bread"]


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("Send the invoice to the accountant", "Send the invoice to the accountants", 1),
        ("Pay the invoice number 1234 of March", "Pay the invoice number 1235 of March", 2),
        ("Call Ana", "Call Anna", 2),
        ("买牛奶", "买牛奶。", 1),
    ],
)
def test_the_same_task_in_almost_the_same_words_is_one(dialogue: Build, first: str, second: str, count: int) -> None:
    assert len(_tasks(dialogue(), first, second)) == count


def test_a_task_is_of_fifteen_words_and_names_no_numbered_speaker(dialogue: Build) -> None:
    assert _tasks(dialogue(), "Call Speaker 2 back") == ["Call them back"]
    [long] = _tasks(dialogue(), " ".join(["Write"] + ["very"] * 20))
    assert long == " ".join(["Write"] + ["very"] * 14) + "…"


def test_what_a_model_writes_without_end_is_cut(dialogue: Build) -> None:
    endless = "x" * 100_000
    made = checked(
        Structured(
            title=endless,
            overview=endless,
            action_items=[ActionItem(description=f"{number} {endless}") for number in range(500)],
            events=[Event(title=f"{number} {endless}", description=endless, start=BEGAN) for number in range(500)],
        ),
        dialogue(),
    )
    assert (len(made.action_items), len(made.events)) == (30, 30)
    assert len(made.model_dump_json(exclude={"events": {"__all__": {"description"}}})) < 50_000
    assert all(len(event.description) <= 6000 for event in made.events)
