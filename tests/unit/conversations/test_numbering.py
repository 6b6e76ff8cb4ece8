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
