"""Where in a conversation a stretch goes that may overlap what is there: pure logic.

Files are stamped to the second, so those that follow one another overlap, or leave a gap, by up to that much; clocks
drift, and some are set anew. A device cannot record twice at once: what overlaps is the same audio, which its frames
tell, or has been stamped wrongly, and is all kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from common.conversations import coverage
from common.models.conversation import Interval

NUDGE_S = 3.0
"""How far a stretch is moved to follow, or come before, another of its device without overlapping it."""


@dataclass(frozen=True)
class Fit:
    """Where a stretch begins, which parts of it are to be stored (seconds of the conversation), and whether apart."""

    begin: float
    kept: tuple[Interval, ...]
    apart: bool = False


def overlap(begin: float, length: float, taken: Sequence[Interval]) -> list[Interval]:
    """What of a stretch lies where something is already."""
    end = begin + length
    return [
        Interval(start=max(begin, each.start), end=min(end, each.end))
        for each in coverage.union(taken)
        if each.end > begin and each.start < end
    ]


def fit(
    begin: float, length: float, taken: Sequence[Interval], *, seen: Sequence[Interval] = (), later_s: float = 0.0
) -> Fit:
    """Where a stretch goes.

    Args:
        begin: where its time says, in seconds.
        length: seconds.
        taken: where audio of this device is already.
        seen: where its own audio is already, whoever stored it.
        later_s: by how many seconds later than its time says that shows it to be.
    """
    if seen:
        return _beside(max(0.0, begin + later_s), length, taken, seen)
    whole = Interval(start=begin, end=begin + length)
    if not overlap(begin, length, taken):
        return Fit(begin, (whole,))
    before = [each.end for each in coverage.union(taken) if each.start < begin < each.end]
    after = [each.start - length for each in coverage.union(taken) if each.start < begin + length < each.end]
    for moved in (*before, *after):
        if abs(moved - begin) <= NUDGE_S and moved >= 0 and not _collides(moved, length, taken):
            return Fit(moved, (Interval(start=moved, end=moved + length),))
    return Fit(begin, (whole,), apart=True)


def _beside(begin: float, length: float, taken: Sequence[Interval], seen: Sequence[Interval]) -> Fit:
    """What of a stretch is not there yet, apart where other audio of the device is."""
    rest = coverage.subtract([Interval(start=begin, end=begin + length)], seen)
    others = coverage.subtract(taken, seen)
    apart = any(_collides(each.start, each.end - each.start, others) for each in rest)
    return Fit(begin, tuple(rest), apart=apart)


def _collides(begin: float, length: float, taken: Sequence[Interval]) -> bool:
    return coverage.length(overlap(begin, length, taken)) > 1e-3  # noqa: PLR2004 - rounding
