"""How a client counts its channels shows by the numbers it uses."""

import pytest

from common.conversations.live.numbering import Numbering


def frames(*numbers: int) -> list[bytes]:
    return [bytes([number, 1, 2]) for number in numbers]


@pytest.mark.parametrize(
    ("seen", "channels"),
    [((1, 0), {0: 0, 1: 1, 2: None}), ((1, 2), {1: 0, 2: 1, 0: None}), ((0,), {0: 0, 1: 1}), ((2,), {1: 0, 2: 1})],
)
def test_the_lowest_or_the_highest_number_tells(seen: tuple[int, ...], channels: dict[int, int | None]) -> None:
    numbering = Numbering(2)
    assert numbering.decide(frames(*seen))
    assert {number: numbering.channel_of(bytes([number])) for number in channels} == channels


def test_a_number_between_tells_nothing_until_there_is_no_more_waiting() -> None:
    numbering = Numbering(3)
    assert not numbering.decide(frames(1, 2, 2))
    assert not numbering.known
    assert numbering.decide(frames(1, 2, 2), at_once=True)
    assert [numbering.channel_of(bytes([number])) for number in (1, 2, 3)] == [0, 1, 2]
    assert [numbering.name_of(channel) for channel in range(3)] == [1, 2, 3]


def test_fifty_frames_are_waiting_enough() -> None:
    assert not Numbering(2).decide(frames(*[1] * 49))
    assert Numbering(2).decide(frames(*[1] * 50))


def test_who_counts_from_zero_after_all_loses_nothing() -> None:
    numbering = Numbering(2)
    numbering.decide(frames(1), at_once=True)
    assert [numbering.channel_of(bytes([number])) for number in (1, 0, 1, 2)] == [0, 1, 0, None]
    assert [numbering.name_of(channel) for channel in (0, 1)] == [1, 0], "named as the client does"


def test_once_it_is_sure_a_stray_number_is_no_channel() -> None:
    numbering = Numbering(2)
    numbering.decide(frames(1, 2))
    assert numbering.channel_of(bytes([0])) is None
    assert numbering.channel_of(bytes([255])) is None


def channels(numbering: Numbering, *numbers: int) -> list[int | None]:
    return [numbering.channel_of(frame) for frame in frames(*numbers)]


@pytest.mark.parametrize(("before", "after", "places"), [((1, 2), (0, 1), (0, 1)), ((0, 1), (2, 1), (1, 0))])
def test_who_begins_to_count_the_other_way_is_believed_from_there(
    before: tuple[int, ...], after: tuple[int, ...], places: tuple[int, ...]
) -> None:
    numbering = Numbering(2)
    numbering.decide(frames(*before))
    counted = [*before, *after * 5]
    assert numbering.decide(frames(*counted))
    assert channels(numbering, *counted) == [0, 1, *places * 5]
    assert [numbering.name_of(channel) for channel in range(2)] == sorted(after)
    assert numbering.decide(frames(*before * 5))
    assert channels(numbering, *before * 5)[-2:] == [0, 1], "and back"


@pytest.mark.parametrize(("before", "stray"), [((1, 2), 0), ((0, 1), 2)])
def test_a_wrong_number_now_and_then_changes_nothing(before: tuple[int, int], stray: int) -> None:
    numbering = Numbering(2)
    numbering.decide(frames(*before))
    assert not numbering.decide(frames(stray)), "what comes next tells"
    for _ in range(20):
        counted = (stray, *before, *before, stray, stray, stray, *before)
        assert numbering.decide(frames(*counted))
        assert channels(numbering, *counted) == [None, 0, 1, 0, 1, None, None, None, 0, 1]


def test_so_it_is_while_the_channel_that_would_tell_is_silent() -> None:
    numbering = Numbering(2)
    numbering.decide(frames(1, 2))
    seen = [0, *[1] * 9] * 5
    assert not numbering.decide(frames(*seen[:49]))
    assert numbering.decide(frames(*seen))
    assert channels(numbering, *seen) == [None, *[0] * 9] * 5


def test_who_counted_from_one_for_sure_in_the_end_is_not_confused_by_a_wrong_number() -> None:
    numbering = Numbering(2)
    numbering.decide(frames(1), at_once=True)
    assert channels(numbering, 1, 2, 0, 2) == [0, 1, None, 1]
