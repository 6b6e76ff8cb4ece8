"""From what was heard at first and what was heard again to one transcript; what the user has said stays. Pure."""

from collections.abc import Collection, Sequence

from common.conversations.joining import in_order
from common.conversations.labels import CARRIED, MANUAL
from common.models.second_hearing import SentAudio
from common.models.segment import TranscriptSegment

LEAST_PART = 0.85
"""Of the letters that were understood at first; what has fewer has missed something."""
MOST_PER_S = 40
"""Letters that anybody says in a second, twice as many as fast talkers do. A model that repeats itself says more."""
_MOST_OF_A_MOMENT = 120
"""Letters of a segment besides, for its times may be rough."""
_SHARE = 0.5
"""Of a segment's time that must be the user's own word for it to count there."""


def heard_at_first(segments: Sequence[TranscriptSegment], audio: SentAudio) -> list[TranscriptSegment]:
    """Those of a transcript's segments that were understood from what was sent."""
    return [
        segment for segment in segments if any(piece.start <= _middle(segment) < piece.end for piece in audio.pieces)
    ]


def unusable(before: Sequence[TranscriptSegment], again: Sequence[TranscriptSegment], *, seconds: float) -> str | None:
    """Why what was heard again, of so many seconds, does not replace what was heard before; None where it may."""
    if has_missed(before, again):
        return "much less was understood than at first"
    if has_invented(before, again, seconds=seconds):
        return "more was understood than can be said in the time"
    return None


def has_missed(before: Sequence[TranscriptSegment], again: Sequence[TranscriptSegment]) -> bool:
    """Whether the second hearing has understood much less than the first."""
    return _letters(again) < LEAST_PART * _letters(before)


def has_invented(before: Sequence[TranscriptSegment], again: Sequence[TranscriptSegment], *, seconds: float) -> bool:
    """Whether the second hearing says more than anybody can in so many seconds, or in those of one segment."""
    if _letters(again) > max(MOST_PER_S * seconds, 2 * _letters(before)):
        return True
    return any(_letters([segment]) > MOST_PER_S * _length(segment) + _MOST_OF_A_MOMENT for segment in again)


def merge(
    segments: Sequence[TranscriptSegment],
    again: Sequence[TranscriptSegment],
    *,
    audio: SentAudio,
    corrected: Collection[str],
) -> list[TranscriptSegment]:
    """The transcript with what was heard again in place of what was heard at first.

    Args:
        segments: the transcript as it is.
        again: what was heard again, in the times of the conversation.
        audio: what was sent; what was said outside of it stays.
        corrected: ids of segments whose words are the user's own; they stay, and nothing is said twice.
            What was heard again together with them stays away, and what it would have replaced beside them stays, too.
    """
    own = [segment for segment in segments if segment.id in corrected]
    fresh = [segment for segment in again if not _within(segment, own)]
    away = [segment for segment in again if _within(segment, own)]
    replaced = {
        segment.id
        for segment in heard_at_first(segments, audio)
        if segment.id not in corrected and (_within(segment, fresh) or not _within(segment, away))
    }
    kept = [segment for segment in segments if segment.id not in replaced]
    attributed = [segment for segment in segments if segment.speaker_label_source == MANUAL]
    return sorted([*kept, *_attributed(fresh, attributed)], key=in_order)


def says_the_same(one: Sequence[TranscriptSegment], other: Sequence[TranscriptSegment]) -> bool:
    """Whether two transcripts read the same."""
    return [_gist(segment) for segment in one] == [_gist(segment) for segment in other]


def _attributed(
    segments: Sequence[TranscriptSegment], attributed: Sequence[TranscriptSegment]
) -> list[TranscriptSegment]:
    """Segments with the speakers that the user has named for most of their time, and for the voice elsewhere."""
    by_hand: dict[str, TranscriptSegment] = {}
    for segment in segments:
        source = max(attributed, key=lambda each: _shared(segment, [each]), default=None)
        if source is not None and _within(segment, [source]):
            by_hand[segment.id] = source
    named: dict[int, dict[tuple[bool, str | None], float]] = {}
    for segment in segments:
        if (source := by_hand.get(segment.id)) is not None:
            votes = named.setdefault(segment.speaker_id or 0, {})
            who = (source.is_user, source.person_id)
            votes[who] = votes.get(who, 0.0) + _length(segment)
    result = []
    for segment in segments:
        source, found = by_hand.get(segment.id), named.get(segment.speaker_id or 0, {})
        label: dict[str, object] = {}
        if source is not None:
            label = {"is_user": source.is_user, "person_id": source.person_id, "speaker_label_source": MANUAL}
        elif len(found) == 1:
            [(is_user, person_id)] = found
            label = {"is_user": is_user, "person_id": person_id, "speaker_label_source": CARRIED}
        result.append(segment.model_copy(update=label))
    return result


def _letters(segments: Sequence[TranscriptSegment]) -> int:
    return sum(len("".join(segment.text.split())) for segment in segments)


def _shared(segment: TranscriptSegment, others: Sequence[TranscriptSegment]) -> float:
    """Seconds of a segment in which the others are said, too."""
    return sum(max(0.0, min(segment.end, each.end) - max(segment.start, each.start)) for each in others)


def _within(segment: TranscriptSegment, others: Sequence[TranscriptSegment]) -> bool:
    """Whether most of a segment is said in the others, too."""
    return _shared(segment, others) >= _SHARE * _length(segment)


def _length(segment: TranscriptSegment) -> float:
    return max(segment.end - segment.start, 0.01)


def _middle(segment: TranscriptSegment) -> float:
    return (segment.start + segment.end) / 2


def _gist(segment: TranscriptSegment) -> tuple[object, ...]:
    return segment.text, segment.speaker_id, segment.is_user, segment.person_id
