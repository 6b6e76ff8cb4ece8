"""Arithmetic on stretches of audio agrees with counting milliseconds one by one."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from common.conversations import coverage
from common.models.conversation import Interval

# Multiples of a second: well above what counts as a sliver, so that every second is either in or out.
SECOND = st.integers(0, 40)


@st.composite
def _intervals(draw: st.DrawFn) -> list[Interval]:
    bounds = draw(st.lists(st.tuples(SECOND, SECOND), max_size=8))
    return [Interval(start=min(pair), end=max(pair)) for pair in bounds]


INTERVALS = _intervals()


def _seconds(intervals: list[Interval]) -> set[int]:
    """The brute-force model: the set of whole seconds."""
    return {second for interval in intervals for second in range(int(interval.start), int(interval.end))}


def _in_order_and_disjoint(intervals: list[Interval]) -> bool:
    return all(interval.start < interval.end for interval in intervals) and all(
        first.end < second.start for first, second in pairwise(intervals)
    )


@settings(deadline=None)
@given(INTERVALS)
def test_a_union_holds_the_same_seconds_in_order_and_apart(intervals: list[Interval]) -> None:
    joined = coverage.union(intervals)
    assert _seconds(joined) == _seconds(intervals)
    assert _in_order_and_disjoint(joined)
    assert coverage.union(joined) == joined


@settings(deadline=None)
@given(INTERVALS, INTERVALS)
def test_what_is_left_is_what_was_not_taken(whole: list[Interval], taken: list[Interval]) -> None:
    rest = coverage.subtract(whole, taken)
    assert _seconds(rest) == _seconds(whole) - _seconds(taken)
    assert _in_order_and_disjoint(rest) or not rest


@settings(deadline=None)
@given(INTERVALS, st.sampled_from([1.0, 3.0, 7.5]))
def test_pieces_are_the_same_seconds_and_none_is_too_long(intervals: list[Interval], longest_s: float) -> None:
    pieces = coverage.split(coverage.union(intervals), longest_s=longest_s)
    assert all(piece.end - piece.start <= longest_s for piece in pieces)
    assert coverage.union(pieces) == coverage.union(intervals)


@settings(deadline=None)
@given(INTERVALS)
def test_length_counts_no_second_twice(intervals: list[Interval]) -> None:
    assert coverage.length(intervals) == len(_seconds(intervals))


@settings(deadline=None)
@given(INTERVALS, SECOND)
def test_a_moment_is_in_it_when_its_second_is(intervals: list[Interval], moment: int) -> None:
    assert coverage.contains(intervals, moment) == (moment in _seconds(intervals))


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), INTERVALS), max_size=3),
)
def test_merging_is_the_union_session_by_session(timelines: list[dict[str, list[Interval]]]) -> None:
    merged = coverage.merge(*timelines)
    for session in "abc":
        everywhere = [interval for timeline in timelines for interval in timeline.get(session, [])]
        assert _seconds(merged.get(session, [])) == _seconds(everywhere)


def test_a_sliver_is_no_hole() -> None:
    whole = [Interval(start=0, end=10)]
    assert coverage.subtract(whole, [Interval(start=0.2, end=9.8)]) == []
    assert coverage.subtract(whole, [Interval(start=0.5, end=10)]) == [Interval(start=0, end=0.5)]


def test_neighbours_within_a_millisecond_are_one() -> None:
    assert coverage.union([Interval(start=0, end=1), Interval(start=1.0005, end=2)]) == [Interval(start=0, end=2)]
