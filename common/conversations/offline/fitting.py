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
SAME_PART = 0.8
"""Of the frames in an overlap that are known there: from here on it is the same audio."""


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


def fit(begin: float, length: float, taken: Sequence[Interval], *, same: bool) -> Fit:
    """Where a stretch goes.

    Args:
        begin: where its time says, in seconds.
        length: seconds.
        taken: where audio of this device is already.
        same: whether what overlaps is the same audio.
    """
    whole = Interval(start=begin, end=begin + length)
    over = overlap(begin, length, taken)
    if not over:
        return Fit(begin, (whole,))
    if same:
        return Fit(begin, tuple(coverage.subtract([whole], over)))
    before = [each.end for each in coverage.union(taken) if each.start < begin < each.end]
    after = [each.start - length for each in coverage.union(taken) if each.start < begin + length < each.end]
    for moved in (*before, *after):
        if abs(moved - begin) <= NUDGE_S and moved >= 0 and not _collides(moved, length, taken):
            return Fit(moved, (Interval(start=moved, end=moved + length),))
    return Fit(begin, (whole,), apart=True)


def _collides(begin: float, length: float, taken: Sequence[Interval]) -> bool:
    return coverage.length(overlap(begin, length, taken)) > 1e-3  # noqa: PLR2004 - rounding
