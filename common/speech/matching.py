"""Whose voice is it? Pure: a voice against those that are known, by the rules of the model that embedded them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from common.speech.voices import LONGEST_CLIP_S, Rules, Vector, average, distance

MOST_CLIPS = 3
ENOUGH_S = 5.0
"""Seconds of speech before anybody is named."""
_WORTH_S = 1.0
"""By how much longer a clip must be than the shortest that is kept, to take its place."""
_MOST_EMBEDDED = 12
"""Clips that are listened to in all, for a voice that nobody knows."""

K = TypeVar("K")


class Evidence:
    """What was heard of one voice: its few longest clips, of all that were `added`."""

    def __init__(self) -> None:
        self.clips: list[tuple[float, Vector]] = []
        self.added = 0

    def wants(self, seconds: float) -> bool:
        """Whether another clip of this length would say more than those there are."""
        if self.added >= _MOST_EMBEDDED:
            return False
        if len(self.clips) < MOST_CLIPS:
            return True
        return min(seconds, LONGEST_CLIP_S) > min(kept for kept, _ in self.clips) + _WORTH_S

    def add(self, seconds: float, vector: Sequence[float]) -> None:
        """Hear another clip."""
        self.added += 1
        self.clips.append((seconds, tuple(vector)))
        self._keep_longest()

    def merge(self, other: "Evidence") -> None:
        """What was heard of what turns out to be the same voice."""
        self.clips += other.clips
        self.added += other.added
        self._keep_longest()

    def _keep_longest(self) -> None:
        self.clips = sorted(self.clips, key=lambda clip: clip[0], reverse=True)[:MOST_CLIPS]

    @property
    def seconds(self) -> float:
        """Of speech in the clips."""
        return sum(seconds for seconds, _ in self.clips)

    @property
    def enough(self) -> bool:
        """Whether somebody may be named by it."""
        return self.seconds >= ENOUGH_S

    @property
    def vector(self) -> Vector | None:
        """The voice, as far as it is known."""
        return average([vector for _, vector in self.clips]) if self.clips else None


@dataclass(frozen=True)
class Match(Generic[K]):
    """Who it may be; `sure` where nobody else comes near."""

    known: K
    distance: float
    sure: bool


def nearest(vector: Sequence[float], known: Iterable[tuple[K, Sequence[float]]], rules: Rules) -> Match[K] | None:
    """The nearest of those whom the voice may belong to; None where it is nobody's.

    Args:
        vector: the voice.
        known: whom there is, and how they sound; a vector of another length is of another model and passed over.
        rules: of the model.
    """
    ranked = sorted(
        ((distance(vector, theirs), who) for who, theirs in known if len(theirs) == len(vector)),
        key=lambda each: each[0],
    )
    if not ranked or ranked[0][0] > rules.largest_distance:
        return None
    (best, who), *others = ranked
    return Match(who, best, sure=not others or others[0][0] - best >= rules.smallest_margin)
