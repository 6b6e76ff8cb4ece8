"""A take maps the connection's clock to the conversation's, and takes divide a connection's audio without overlap."""

from common.conversations.live.take import Take
from common.models.conversation import Interval


def _take(begin: float, offset: float, end: float | None = None) -> Take:
    return Take(conversation_id="c", session_id="s", begin=begin, offset=offset, end=end)


def test_a_moment_is_shifted_by_where_the_take_lies_in_its_conversation() -> None:
    assert _take(begin=100, offset=7).at(103) == 10


def test_neighbouring_takes_share_no_moment_and_leave_none_out() -> None:
    first, second = _take(0, 0, end=10), _take(10, 0)
    assert [take.holds(moment) for moment in (9.999, 10.0) for take in (first, second)] == [True, False, False, True]


def test_intervals_are_cut_at_the_takes_borders() -> None:
    heard = [Interval(start=0, end=12), Interval(start=15, end=40)]
    assert _take(10, 100, end=20).clip(heard) == [Interval(start=100, end=102), Interval(start=105, end=110)]
    assert _take(10, 100).clip(heard) == [Interval(start=100, end=102), Interval(start=105, end=130)]


def test_nothing_is_left_of_what_lies_outside() -> None:
    assert _take(10, 0, end=20).clip([Interval(start=0, end=10), Interval(start=20, end=30)]) == []
