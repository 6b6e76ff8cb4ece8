"""What was spoken becomes segments of the conversation it belongs to: stored first, then told."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from common.conversations import spans
from common.conversations.live.channel import Channel
from common.conversations.live.hearing import Spoken
from common.conversations.live.recognition import SpeakerRecognition
from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment
from common.speech.transcriber import Utterance


class Scribe:
    """Writes one connection's segments.

    Args:
        uid: the owner.
        channels: how many tracks the connection has; with several each is a speaker, and the first is the owner.
        recognition: knows voices; None where nobody is to be recognised.
        owner_alone: whether it is known that nobody but the owner speaks.
        stored: given a take and its new batch once that is stored.
    """

    def __init__(
        self,
        *,
        uid: str,
        channels: int,
        recognition: SpeakerRecognition | None,
        owner_alone: bool = False,
        stored: Callable[[Take, SegmentBatch], None],
    ) -> None:
        self._uid = uid
        self._by_channel = channels > 1
        self._recognition = recognition
        self._owner_alone = owner_alone
        self._stored = stored

    async def write(self, channel: Channel, spoken: Spoken) -> None:
        """Store what became certain, batch by batch of the takes it belongs to."""
        for take in list(channel.takes):
            said = [utterance for utterance in spoken.utterances if _belongs(utterance, take)]
            stretch = take.clip(list(spoken.settled))
            if not said or not stretch:
                continue
            heard = self._segments(channel, take, said, provider=spoken.provider)
            labelled = self._labelled(heard, stream=spoken.stream)
            for interval, segments in _by_interval(labelled, stretch):
                batch = SegmentBatch(
                    session_id=take.session_id,
                    start=interval.start,
                    end=interval.end,
                    segments=segments,
                    heard_at=channel.arrived_at(said[-1].end),
                )
                await until_done(segment_batches.put, batch, uid=self._uid, conversation_id=take.conversation_id)
                self._stored(take, batch)
            if self._recognition is not None:
                self._recognition.said(heard, take=take, stream=spoken.stream)

    def sketch(self, channel: Channel, spoken: Spoken) -> list[tuple[Take, list[TranscriptSegment]]]:
        """What seems to be being said, as segments of every take that may still get words; nothing is stored."""
        sketched = []
        for take in channel.takes:
            if not take.left:
                said = [utterance for utterance in spoken.utterances if _belongs(utterance, take)]
                heard = self._segments(channel, take, said, provider=spoken.provider)
                sketched.append((take, self._labelled(heard, stream=spoken.stream)))
        return sketched

    def _segments(
        self, channel: Channel, take: Take, said: Sequence[Utterance], *, provider: str
    ) -> list[TranscriptSegment]:
        placed = tuple(replace(each, start=max(0.0, take.at(each.start)), end=take.at(each.end)) for each in said)
        segments = spans.to_segments(
            placed, offset=0.0, conversation_id=take.conversation_id, session_id=take.session_id, provider=provider
        )
        if self._by_channel:
            return [segment.model_copy(update=spans.speaker_of_channel(channel.number)) for segment in segments]
        if self._owner_alone:
            return [segment.model_copy(update={"is_user": True}) for segment in segments]
        return segments

    def _labelled(self, segments: list[TranscriptSegment], *, stream: int) -> list[TranscriptSegment]:
        return segments if self._recognition is None else self._recognition.label(segments, stream=stream)


def _by_interval(
    segments: Sequence[TranscriptSegment], stretch: Sequence[Interval]
) -> list[tuple[Interval, list[TranscriptSegment]]]:
    """Each stretch of settled audio with what was said in it; a batch stands for no audio that is not settled."""

    def away(segment: TranscriptSegment, interval: Interval) -> float:
        middle = (segment.start + segment.end) / 2
        return max(interval.start - middle, middle - interval.end, 0.0)

    homes = [min(range(len(stretch)), key=lambda place: away(segment, stretch[place])) for segment in segments]
    said = [
        (interval, [segment for segment, home in zip(segments, homes, strict=True) if home == place])
        for place, interval in enumerate(stretch)
    ]
    return [(interval, own) for interval, own in said if own]


def _belongs(utterance: Utterance, take: Take) -> bool:
    return take.holds((utterance.start + utterance.end) / 2)
