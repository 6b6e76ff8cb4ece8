"""Voices of which a recogniser makes no word: noise as a rule, and now and then a recogniser that does not hear.

What the voice gate has let pass since the last word is counted. Once it is more than anybody keeps noises up for, it is
not believed that nothing was said: the stretches are noted, and heard once more from the stored audio
(docs/decisions/0058-voices-without-words.md).
"""

from collections.abc import Iterable, Sequence

from common.conversations import coverage
from common.models.conversation import Interval
from common.speech.activity import SOMEBODY_S
from common.speech.gate import AROUND_S
from common.speech.transcriber import Utterance

_BESIDE_A_WORD_S = 0.5
"""Of what lies so near to a word the word is taken to be all that was said."""
_LATE_S = 1.0
"""So much later than audio is settled it may be told that somebody seems to speak in it: where none is kept back."""
_TOGETHER_S = 10.0
"""Silence between two such stretches up to which they are heard as one."""
_MOST = 200
"""Stretches that are told apart; of more those that are nearest to one another become one."""


class Wordless:
    """What one track of audio holds of voices without words; all in seconds of the connection's clock."""

    def __init__(self) -> None:
        self._voiced: list[list[float]] = []
        self._lately_settled: list[Interval] = []
        self._lately_said: list[Interval] = []
        self._open: list[Interval] = []
        self._found: list[Interval] = []

    @property
    def found(self) -> list[Interval]:
        """The stretches of which it is not believed that nothing was said in them."""
        return _few(coverage.union([*self._found, *self._whole()]))

    def voice(self, begin: float, end: float) -> None:
        """Somebody seems to speak between two moments, which follow on what was told before."""
        last = self._voiced[-1] if self._voiced else None
        if last is not None and begin <= last[1] + 1e-3:
            last[1] = max(last[1], end)
        else:
            self._voiced.append([begin, end])

    def settle(self, settled: Sequence[Interval], utterances: Iterable[Utterance]) -> list[Interval]:
        """Take what a recogniser has made of some audio.

        Args:
            settled: the audio, which follows on what was told before.
            utterances: all that it has heard in it.

        Returns:
            What of the audio its words stand for: without what is voiced for long beside them.
        """
        if not settled:
            return []
        said = coverage.union(
            Interval(start=each.start - _BESIDE_A_WORD_S, end=each.end + _BESIDE_A_WORD_S) for each in utterances
        )
        known = coverage.union([*self._lately_settled, *settled])
        words = [*self._lately_said, *said]
        self._found = _few(self._found)
        voiced = [Interval(start=begin, end=end) for begin, end in self._voiced]
        waiting = _without(voiced, known)
        for piece in _without(voiced, [*waiting, *words]):
            while said and said[0].start < piece.start:
                del said[0]
                self._close()
            self._open = coverage.union([*self._open, piece])
        if said:
            self._close()
        since = settled[-1].end - _LATE_S
        self._voiced = [[max(each.start, since), each.end] for each in waiting if each.end > since]
        self._lately_settled = [each for each in known if each.end > since]
        self._lately_said = [each for each in words if each.end > since]
        begin = settled[0].start
        return coverage.subtract(settled, [*(each for each in self._found if each.end > begin), *self._long()])

    def _close(self) -> None:
        """A word was heard."""
        self._found += self._whole()
        self._open = []

    def _long(self) -> list[Interval]:
        return [each for each in self._open if each.end - each.start > AROUND_S]

    def _whole(self) -> list[Interval]:
        """What is voiced since the last word, if that is much: with the silences in between, where they are short."""
        if sum(each.end - each.start - AROUND_S for each in self._long()) < SOMEBODY_S:
            return []
        return _joined(self._open, _TOGETHER_S)


def _without(whole: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """What of `whole` is not in `taken`; to the sliver, for a recogniser may settle slivers."""
    return coverage.subtract(whole, taken, negligible_s=0.0)


def _joined(intervals: Sequence[Interval], gap_s: float) -> list[Interval]:
    """Those in order that lie so near to one another become one."""
    joined: list[Interval] = []
    for each in intervals:
        if joined and each.start - joined[-1].end <= gap_s:
            joined[-1] = Interval(start=joined[-1].start, end=each.end)
        else:
            joined.append(each)
    return joined


def _few(intervals: list[Interval]) -> list[Interval]:
    gap_s = _TOGETHER_S
    while len(intervals) > _MOST:
        gap_s *= 2
        intervals = _joined(intervals, gap_s)
    return intervals
