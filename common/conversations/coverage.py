"""Arithmetic on stretches of audio: what is stored, what is understood, and the holes between the two."""

from collections.abc import Iterable

from common.models.conversation import Interval

Timeline = dict[str, list[Interval]]
"""Per capture session, disjoint intervals in order, seconds since `started_at`."""

NEGLIGIBLE_S = 0.3
"""A hole shorter than this holds no word; rounding and frame borders make such slivers."""


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same seconds as disjoint intervals in order; those that nearly touch become one."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: (each.start, each.end)):
        if interval.end <= interval.start:
            continue
        if joined and interval.start <= joined[-1].end + 1e-3:
            joined[-1] = Interval(start=joined[-1].start, end=max(joined[-1].end, interval.end))
        else:
            joined.append(Interval(start=interval.start, end=interval.end))
    return joined


def subtract(
    whole: Iterable[Interval], taken: Iterable[Interval], *, negligible_s: float = NEGLIGIBLE_S
) -> list[Interval]:
    """What of `whole` is not in `taken`, without negligible slivers."""
    rest: list[Interval] = []
    holes = union(taken)
    for interval in union(whole):
        at = interval.start
        for hole in holes:
            if hole.end <= at or hole.start >= interval.end:
                continue
            if hole.start - at > negligible_s:
                rest.append(Interval(start=at, end=hole.start))
            at = max(at, hole.end)
        if interval.end - at > negligible_s:
            rest.append(Interval(start=at, end=interval.end))
    return rest


def split(intervals: Iterable[Interval], *, longest_s: float) -> list[Interval]:
    """The same seconds in pieces of `longest_s` at most."""
    pieces: list[Interval] = []
    for interval in intervals:
        at = interval.start
        while interval.end - at > longest_s:
            pieces.append(Interval(start=at, end=at + longest_s))
            at += longest_s
        pieces.append(Interval(start=at, end=interval.end))
    return pieces


def later(intervals: Iterable[Interval], by_s: float) -> list[Interval]:
    """The same, `by_s` seconds later."""
    return [
        Interval(start=round(each.start + by_s, 3), end=round(each.end + by_s, 3)) if by_s else each
        for each in intervals
    ]


def length(intervals: Iterable[Interval]) -> float:
    """Seconds in total."""
    return sum(interval.end - interval.start for interval in union(intervals))


def contains(intervals: Iterable[Interval], moment: float) -> bool:
    """Whether `moment` lies in one of them."""
    return any(interval.start <= moment < interval.end for interval in intervals)


def first(timeline: Timeline, seconds: float) -> Timeline:
    """As much of them as comes first, session by session."""
    taken: Timeline = {}
    for session, intervals in timeline.items():
        for interval in union(intervals):
            if seconds > NEGLIGIBLE_S:
                end = min(interval.end, interval.start + seconds)
                taken.setdefault(session, []).append(Interval(start=interval.start, end=end))
                seconds -= end - interval.start
    return taken


def merge(*timelines: Timeline) -> Timeline:
    """All of them as one."""
    sessions = {session for timeline in timelines for session in timeline}
    return {
        session: union(interval for timeline in timelines for interval in timeline.get(session, []))
        for session in sorted(sessions)
    }
