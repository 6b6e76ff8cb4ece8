"""From batches to one transcript: in order, nothing twice, short pieces of one speaker joined."""

import re
from collections.abc import Collection, Iterable, Sequence

from common.conversations import coverage
from common.conversations.coverage import Timeline
from common.conversations.joining import join
from common.core.letters import UNSPACED
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment

_PIECE = re.compile(rf"\s*(?:[{UNSPACED}]|[^\s{UNSPACED}]+)")
_CONNECTION_CHARACTERS = 12
"""The sessions of one connection's channels begin alike."""


def assemble(
    compacted: Sequence[TranscriptSegment], covered: Timeline, batches: Iterable[SegmentBatch]
) -> tuple[list[TranscriptSegment], Timeline]:
    """Add what new batches say to a transcript, which stays as it is: it may have been edited.

    Two recognisers may have understood the same seconds (a live one that was slow, or stood still, and the repair); of
    those the first that is in the transcript counts, and of the other what it says beyond them. Of what a client tells
    twice, the later version does.

    Args:
        compacted: the transcript so far.
        covered: the audio it stands for.
        batches: what came since; those given up say nothing and are left as holes for a later try.

    Returns:
        The transcript in order of time, and the audio it stands for now.
    """
    given = sorted(
        (batch for batch in batches if batch.given_up is None),
        key=lambda each: (each.start, each.session_id, each.told or 0),
    )
    told = _told(given, known={segment.id for segment in compacted})
    said: dict[str, list[TranscriptSegment]] = {}
    origins: dict[str, str] = {}
    known: Timeline = {session: list(intervals) for session, intervals in covered.items()}
    for batch in given:
        taken = known.get(batch.session_id, [])
        for segment in batch.segments:
            if batch.told is None:
                new = _unknown_part(segment, taken)
            else:
                counts = told.get(segment.id) is batch and not coverage.contains(taken, batch.told)
                new = segment if counts else None
            if new is not None and new.text.strip():
                said.setdefault(batch.session_id[:_CONNECTION_CHARACTERS], []).append(new)
                origins[new.id] = batch.session_id
        known[batch.session_id] = coverage.union([*taken, batch.interval])
    joined = [segment for pieces in said.values() for segment in join(pieces, origins=origins)]
    return _merged(compacted, joined), known


def _unknown_part(segment: TranscriptSegment, known: Sequence[Interval]) -> TranscriptSegment | None:
    """What a segment says of audio that is not known; when a word of it was said is estimated by its letters.

    Args:
        segment: what a recogniser heard.
        known: the audio of its session that the transcript stands for already.
    """
    whole = Interval(start=segment.start, end=segment.end)
    length = segment.end - segment.start
    beyond = coverage.length(coverage.subtract([whole], known))
    if min(beyond, length - beyond) <= coverage.NEGLIGIBLE_S or not segment.text:
        return None if coverage.contains(known, segment.start + length / 2) else segment
    letter_s = length / len(segment.text)
    said_at = [
        (segment.start + letter_s * each.start(), segment.start + letter_s * each.end(), each.group())
        for each in _PIECE.finditer(segment.text)
    ]
    kept = [each for each in said_at if not coverage.contains(known, (each[0] + each[1]) / 2)]
    if not kept:
        return None
    text = "".join(piece for _, _, piece in kept).strip()
    bounds = {"start": round(kept[0][0], 3), "end": round(kept[-1][1], 3)}
    return segment.model_copy(update={"text": text, **bounds, "translations": []})


def _told(batches: Iterable[SegmentBatch], *, known: Collection[str]) -> dict[str, SegmentBatch]:
    """For each segment that a client has told and that is not known, the batch that counts."""
    by_time = sorted(
        (batch for batch in batches if batch.told is not None), key=lambda each: (each.heard_at, each.told or 0)
    )
    return {segment.id: batch for batch in by_time for segment in batch.segments if segment.id not in known}


def _merged(compacted: Sequence[TranscriptSegment], joined: list[TranscriptSegment]) -> list[TranscriptSegment]:
    if not joined:
        return list(compacted)
    return sorted([*compacted, *joined], key=lambda each: each.start)
