"""What of a stretch is stored already: told by its frames, which nobody else's are.

It was handed in before, or captured live by a connection that broke off. Clocks are off by seconds, and a file's stamp
is in whole ones, so what is the same also tells where the stretch really lies. Of audio that was deleted when it had
been understood there are marks, which tell as much (docs/decisions/0052).
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from struct import Struct

from common.conversations import coverage
from common.conversations.offline.fitting import overlap
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Interval
from common.speech.blocks import decode_block
from common.speech.codecs import frame_decoder
from common.speech.marks import mark_of, read_marks

SAME_PART = 0.8
"""Of the frames in an overlap that are known there: from here on it is the same audio."""
_OFF_S = 30.0
"""By so much audio may lie beside its time and is told again: who connects slowly sends what is some seconds old."""
_COMPARED_S = 120.0
"""So much of an overlap tells whether it is the same audio."""
_ROUNDING_S = 1e-3
_LEAST_MARKS = 3
"""A second of audio has about three."""
_SHORT = Struct("<I")

Timed = tuple[float, float, bytes]
"""A frame, and from when to when it lasts in the conversation, in seconds."""


@dataclass(frozen=True)
class Recognised:
    """By how many seconds later than its time says a stretch lies, and what of it is stored, as it lies then."""

    seen: tuple[Interval, ...] = ()
    later_s: float = 0.0


def recognise(
    frames: Callable[[], Iterator[Timed]],
    blocks: Sequence[AudioBlock],
    gone: Sequence[AudioBlock] = (),
    *,
    begin: float,
    length: float,
) -> Recognised:
    """Find the same audio among blocks that are stored, or were.

    Args:
        frames: reads the stretch, from its beginning each time.
        blocks: of its conversation, in its times.
        gone: the same of those that were deleted, and left their marks.
        begin: where the time of the stretch says that it begins, in seconds of the conversation.
        length: seconds.
    """
    contents: set[bytes] = set()
    most, later_s = 0, 0.0
    for session in _near(blocks, begin=begin, length=length):
        count, off_s = _same(frames(), session, _timed, begin=begin)
        if count:
            contents.update(frame for block in session for frame in decode_block(audio_blocks.read(block)))
        if count > most:
            most, later_s = count, off_s
    marked: list[AudioBlock] = []
    for session in _near(gone, begin=begin, length=length):
        count, off_s = _same(_marks(frames()), session, _marked, begin=begin)
        if count >= _LEAST_MARKS:
            marked += session
            if count > most:
                most, later_s = count, off_s
    seen = list(_runs(frames(), contents, later_s=later_s)) if contents else []
    if marked:
        seen += _stretches(_marks(frames()), marked, begin=begin, length=length, later_s=later_s)
    return Recognised(tuple(coverage.union(seen)), later_s) if seen else Recognised()


def _near(blocks: Sequence[AudioBlock], *, begin: float, length: float) -> Iterator[list[AudioBlock]]:
    """By session the blocks around a stretch, of sessions that overlap it."""
    sessions: dict[str, list[AudioBlock]] = {}
    for block in blocks:
        if overlap(block.start, block.end - block.start, [_around(begin, length)]):
            sessions.setdefault(block.session_id, []).append(block)
    for session in sessions.values():
        if overlap(begin, length, [Interval(start=each.start, end=each.end) for each in session]):
            yield session


def _stretches(
    marks: Iterable[Timed], gone: Sequence[AudioBlock], *, begin: float, length: float, later_s: float
) -> Iterator[Interval]:
    """Where marks follow one another that are known, and what lies between them and around them, as far as that was."""
    moments: dict[bytes, list[float]] = {}
    for block in gone:
        for moment, _, mark in _marked(block):
            moments.setdefault(mark, []).append(moment)
    there = coverage.union(Interval(start=block.start, end=block.end) for block in gone)
    since = begin
    run: list[tuple[float, float]] = []
    """Of each mark of this run when it is in the stretch, and when it was."""
    for start, end, mark in (*marks, (begin + length, begin + length, b"")):
        if mark in moments:
            run.append((start, min(moments[mark], key=lambda moment: abs(moment - start - later_s))))
            continue
        if run:
            before, after = _reach(run[0][1], there)[0], _reach(run[-1][1], there)[1]
            yield Interval(start=max(since, run[0][0] - before) + later_s, end=min(start, run[-1][0] + after) + later_s)
        since, run = end, []


def _reach(moment: float, there: Sequence[Interval]) -> tuple[float, float]:
    """How far what was there goes back, and on, from a moment in it; seconds."""
    return next(
        ((moment - each.start, each.end - moment) for each in there if each.start <= moment <= each.end), (0.0, 0.0)
    )


def _runs(frames: Iterable[Timed], contents: Container[bytes], *, later_s: float) -> Iterator[Interval]:
    """Where frames follow one another that are stored: one that was lost on its way is not among them."""
    since = until = 0.0
    for start, end, frame in frames:
        if frame not in contents:
            continue
        if start > until + _ROUNDING_S:
            if until > since:
                yield Interval(start=since + later_s, end=until + later_s)
            since = start
        until = end
    if until > since:
        yield Interval(start=since + later_s, end=until + later_s)


def _same(
    frames: Iterable[Timed],
    blocks: Sequence[AudioBlock],
    timed: Callable[[AudioBlock], Iterator[Timed]],
    *,
    begin: float,
) -> tuple[int, float]:
    """How many frames of a stretch are known in a session's blocks near it, if that is most, and how far they are."""
    first = max(begin, min(block.start for block in blocks))
    compared = _around(first, _COMPARED_S)
    near = [block for block in blocks if overlap(block.start, block.end - block.start, [compared])]
    known = [frame for block in near for frame in timed(block)]
    asked: list[Timed] = []
    for frame in frames:
        if frame[0] >= compared.end:
            break
        if frame[0] >= compared.start:
            asked.append(frame)
    off_s = _off(asked, known)
    there = [Interval(start=block.start - off_s, end=block.end - off_s) for block in near]
    overlapping = [frame for start, end, frame in asked if coverage.contains(there, (start + end) / 2)]
    contents = {frame for _, _, frame in known}
    count = sum(frame in contents for frame in overlapping)
    return (count, off_s) if count >= SAME_PART * len(overlapping) else (0, 0.0)


def _off(asked: Sequence[Timed], known: Sequence[Timed]) -> float:
    """How much later frames are known than they are asked for; those that occur twice (silence) say nothing."""
    counts = Counter(frame for _, _, frame in known)
    moments = {frame: start for start, _, frame in known if counts[frame] == 1}
    gaps = [moments[frame] - start for start, _, frame in asked if frame in moments]
    off_s = round(median(gaps), 3) if gaps else 0.0
    return off_s if abs(off_s) <= _OFF_S else 0.0


def _around(begin: float, length: float) -> Interval:
    return Interval(start=begin - _OFF_S, end=begin + length + _OFF_S)


def _timed(block: AudioBlock) -> Iterator[Timed]:
    decoder = frame_decoder(block.codec, block.sample_rate)
    at = block.start
    for frame in decode_block(audio_blocks.read(block)):
        end = at + decoder.frame_seconds(frame)
        yield at, end, frame
        at = end


def _marks(frames: Iterable[Timed]) -> Iterator[Timed]:
    """The frames that something stands for, by that."""
    return ((start, end, _SHORT.pack(mark)) for start, end, frame in frames if (mark := mark_of(frame)) is not None)


def _marked(block: AudioBlock) -> Iterator[Timed]:
    """The same of a block that is gone."""
    return ((block.start + at, block.start + at, _SHORT.pack(mark)) for at, mark in read_marks(block.marks))
