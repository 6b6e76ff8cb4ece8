"""From batches to one transcript: in order, nothing twice, short pieces of one speaker joined."""

from collections.abc import Iterable, Sequence

from common.conversations import coverage
from common.conversations.coverage import Timeline
from common.database.segment_batches import SegmentBatch
from common.models.segment import TranscriptSegment

JOIN_GAP_S = 3.0
JOIN_CHARACTERS = 125


def assemble(
    compacted: Sequence[TranscriptSegment], covered: Timeline, batches: Iterable[SegmentBatch]
) -> tuple[list[TranscriptSegment], Timeline]:
    """Add what new batches say to a transcript.

    Two recognisers may have understood the same seconds (a live one that was slow, and the repair); of those the
    first that is in the transcript counts.

    Args:
        compacted: the transcript so far.
        covered: the audio it stands for.
        batches: what came since; those given up say nothing and are left as holes for a later try.

    Returns:
        The transcript in order of time, and the audio it stands for now.
    """
    batches = list(batches)
    if not batches:
        return list(compacted), dict(covered)  # as it was written, or handed over: not joined again
    segments = list(compacted)
    known: Timeline = {session: list(intervals) for session, intervals in covered.items()}
    for batch in sorted(batches, key=lambda each: (each.start, each.session_id)):
        if batch.given_up is not None:
            continue
        taken = known.get(batch.session_id, [])
        segments += [
            segment
            for segment in batch.segments
            if segment.text.strip() and not coverage.contains(taken, (segment.start + segment.end) / 2)
        ]
        known[batch.session_id] = coverage.union([*taken, batch.interval])
    return join(segments), known


def join(segments: Iterable[TranscriptSegment]) -> list[TranscriptSegment]:
    """Sort by time and join short neighbours of one speaker; ids are those of the first of the joined."""
    joined: list[TranscriptSegment] = []
    for segment in sorted(segments, key=lambda each: (each.start, each.end)):
        last = joined[-1] if joined else None
        if last is not None and _belong_together(last, segment):
            joined[-1] = last.model_copy(
                update={"text": f"{last.text} {segment.text}", "end": max(last.end, segment.end)}
            )
        else:
            joined.append(segment)
    return joined


def _belong_together(last: TranscriptSegment, segment: TranscriptSegment) -> bool:
    return (
        (last.speaker, last.is_user, last.person_id) == (segment.speaker, segment.is_user, segment.person_id)
        and last.stt_provider == segment.stt_provider
        and last.speech_profile_processed == segment.speech_profile_processed
        and segment.start - last.end < JOIN_GAP_S
        and len(last.text) < JOIN_CHARACTERS
        and not (last.translations or segment.translations)
    )
