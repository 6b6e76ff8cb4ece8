"""How much was said in a conversation, and by whom; pure."""

from collections.abc import Sequence

from common.conversations import coverage
from common.models.conversation import Conversation, Interval
from common.models.segment import TranscriptSegment
from common.models.talk import SpeakerShare, TalkShares


def talk_shares(conversation: Conversation) -> TalkShares:
    """Talk time and words, of everybody and of each speaker."""
    voices: dict[tuple[bool, str | None, int | None], list[TranscriptSegment]] = {}
    for segment in conversation.transcript_segments:
        voices.setdefault(_who(segment), []).append(segment)
    speakers = [_share(segments) for segments in voices.values()]
    everybody = sum(speaker.talk_time for speaker in speakers)
    talk_time = _talk_time(conversation.transcript_segments)
    duration = max(_length(conversation), talk_time)
    return TalkShares(
        conversation_id=conversation.id,
        duration=round(duration, 3),
        talk_time=round(talk_time, 3),
        silence=round(duration - talk_time, 3),
        segments=len(conversation.transcript_segments),
        words=sum(speaker.words for speaker in speakers),
        speakers=sorted(
            (
                speaker.model_copy(
                    update={
                        "talk_time": round(speaker.talk_time, 3),
                        "talk_share": round(speaker.talk_time / everybody, 4) if everybody else 0.0,
                    }
                )
                for speaker in speakers
            ),
            key=lambda speaker: -speaker.talk_time,
        ),
    )


def _who(segment: TranscriptSegment) -> tuple[bool, str | None, int | None]:
    """The same for every segment of one speaker: whom it is attributed to, else whose voice it is."""
    known = segment.is_user or segment.person_id is not None
    return (segment.is_user, segment.person_id, None if known else segment.speaker_id)


def _share(segments: Sequence[TranscriptSegment]) -> SpeakerShare:
    first = segments[0]
    words = sum(segment.word_count for segment in segments)
    talk_time = _talk_time(segments)
    return SpeakerShare(
        speaker=first.speaker,
        speaker_id=first.speaker_id,
        is_user=first.is_user,
        person_id=first.person_id,
        segments=len(segments),
        words=words,
        talk_time=talk_time,
        words_per_minute=round(60 * words / talk_time, 1) if talk_time else 0.0,
    )


def _talk_time(segments: Sequence[TranscriptSegment]) -> float:
    spoken = coverage.union(Interval(start=segment.start, end=segment.end) for segment in segments)
    return sum(interval.end - interval.start for interval in spoken)


def _length(conversation: Conversation) -> float:
    """From its beginning to its end, or to the last word where one of them is not known."""
    last_word = max((segment.end for segment in conversation.transcript_segments), default=0.0)
    if conversation.started_at is None or conversation.finished_at is None:
        return last_word
    return max(last_word, (conversation.finished_at - conversation.started_at).total_seconds())
