"""Long conversations are understood part by part, bounded in size, number and time."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from common.core import clock, metering
from common.core.errors import ProviderError
from common.core.metering import Meter, Used, estimate
from common.llm.parts import Limits, parts_of, together
from common.llm.ports import Dialogue, T
from common.llm.structuring import PromptedStructurer, StructureAnswer, WholeAnswer

Build = Callable[..., Dialogue]
LIMITS = Limits(tokens=200, parallel=3, seconds=20.0)


class Noting:
    """Notes one task for each part, and chooses the first and the last of what it is shown."""

    name = "noting"

    def __init__(self, *, fails: bool = False, pause_s: float = 0.0) -> None:
        self.asked: list[tuple[type[Any], str]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._fails = fails
        self._pause_s = pause_s
        self._lock = threading.Lock()

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        del system
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.asked.append((response, prompt))
            number = len(self.asked)
        metering.count("language_model", self.name, Used(calls=1, tokens_in=1))
        threading.Event().wait(self._pause_s)
        with self._lock:
            self._at_once -= 1
        if self._fails and number > 2:
            raise ProviderError("away")
        answer: dict[str, Any] = {"title": "Talk", "overview": "They talked. " * 25, "emoji": "🗣️", "category": "work"}
        if response is WholeAnswer:
            count = prompt.count("\ntask ")
            return response.model_validate({**answer, "tasks": [1, count, count, 0, 99], "appointments": [7]})
        task = {"description": f"Visit town {chr(65 + number)}", "due_at": None}
        return response.model_validate({**answer, "action_items": [task]})


def _long(build: Build, turns: int = 60) -> Dialogue:
    return build(*(f"User: The turbine number {place} was inspected by the crew." for place in range(turns)))


def test_every_word_is_in_exactly_one_part_and_no_part_is_too_long(dialogue: Build) -> None:
    whole = _long(dialogue)
    parts = parts_of(whole, 200)
    assert [turn for part in parts for turn in part.turns] == list(whole.turns)
    assert all(sum(estimate(turn.text) for turn in part.turns) <= 200 for part in parts)
    assert len(parts) > 3


@pytest.mark.parametrize("text", ["word " * 2000, "x" * 9000, "好" * 3000])
def test_a_turn_that_is_too_long_alone_is_cut_and_nothing_of_it_lost(dialogue: Build, text: str) -> None:
    parts = parts_of(dialogue(f"User: {text}"), 200)
    said = "".join(turn.text for part in parts for turn in part.turns)
    assert said.replace(" ", "") == text.replace(" ", "")
    assert all(estimate(turn.text) <= 200 for part in parts for turn in part.turns)


def test_what_fits_is_one_question(dialogue: Build) -> None:
    model = Noting()
    PromptedStructurer(model, limits=LIMITS).structure(dialogue("User: We met and talked."))
    [(response, prompt)] = model.asked
    assert response is StructureAnswer
    assert "part 1 of" not in prompt


def test_parts_are_noted_beside_each_other_and_joined_to_one(dialogue: Build) -> None:
    model = Noting(pause_s=0.05)
    structured = PromptedStructurer(model, limits=LIMITS).structure(_long(dialogue))
    noted = [prompt for response, prompt in model.asked if response is StructureAnswer]
    joined = [prompt for response, prompt in model.asked if response is WholeAnswer]
    assert len(noted) == len(parts_of(_long(dialogue), LIMITS.tokens))
    assert 1 < model.most_at_once <= LIMITS.parallel
    assert any(f"part 1 of {len(noted)}" in prompt for prompt in noted)
    assert len(joined) > 1, "more notes than are shown at once are joined group by group"
    assert structured.title == "Talk"
    # The model chooses by number, so it can't make up a task, and what it counts wrongly is nothing.
    assert 1 <= len(structured.action_items) <= 2
    assert all(item.description.startswith("Visit town") for item in structured.action_items)
    assert structured.events == []


def test_a_part_that_fails_fails_the_whole_and_the_rest_is_not_asked(dialogue: Build) -> None:
    model = Noting(fails=True, pause_s=0.02)
    with pytest.raises(ProviderError, match="away"):
        PromptedStructurer(model, limits=LIMITS).structure(_long(dialogue, turns=400))
    assert len(model.asked) < 20


def test_all_parts_together_have_one_deadline(dialogue: Build) -> None:
    limits = Limits(tokens=200, parallel=2, seconds=0.3)
    before = clock.monotonic()
    with pytest.raises(ProviderError, match="took longer"):
        PromptedStructurer(Noting(pause_s=0.2), limits=limits).structure(_long(dialogue))
    assert clock.monotonic() - before < 1.0


def test_what_is_used_beside_each_other_is_counted_for_the_same_user(dialogue: Build) -> None:
    written: dict[str, int] = {}
    meter = Meter(lambda uid, lines: written.update({uid: sum(used.calls for used in lines.values())}), uid="u1")
    model = Noting()
    with metering.metered(meter):
        PromptedStructurer(model, limits=LIMITS).structure(_long(dialogue))
    meter.close()
    assert written == {"u1": len(model.asked)}


def test_groups_are_of_two_at_least_so_that_joining_ends() -> None:
    with together(Limits(tokens=1, parallel=1, seconds=5.0)) as work:
        assert work.grouped(["long " * 50] * 5, cost=str) == [["long " * 50] * 2, ["long " * 50] * 2, ["long " * 50]]
