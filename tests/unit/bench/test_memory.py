"""What counts as too much memory, and that work is known only of functions there are."""

from collections import Counter

import pytest

from bench.memory import Peak
from bench.memory_work import WORK, works_of
from local.manifest import load

MIB = 2**20


@pytest.mark.parametrize(
    ("most", "answers", "may_be_busy", "met"),
    [
        (85, {200: 16}, False, True),
        (86, {200: 16}, False, False),
        (50, {200: 15, 500: 1}, True, False),
        (50, {200: 15, 0: 1}, True, False),
        (50, {200: 15, 503: 1}, True, True),
        (50, {200: 15, 503: 1}, False, False),
        (50, {422: 16}, False, True),
    ],
)
def test_room_must_be_left_and_nobody_told_of_an_error(
    most: int, answers: dict[int, int], *, may_be_busy: bool, met: bool
) -> None:
    peak = Peak(10 * MIB, most * MIB, 100 * MIB, Counter(answers), 1.0, may_be_busy)
    assert peak.met is met
    assert ("MISSED" in peak.line("function: work")) is not met


def test_work_is_known_of_functions_that_there_are() -> None:
    assert WORK.keys() <= load().functions.keys()
    assert works_of("note_conversation") == [("note_conversation", "10 hours"), ("note_conversation", "30 hours")]
    assert works_of("api:exports") == [("api", "exports")]
    assert works_of("nobody") == works_of("api:nothing") == []
