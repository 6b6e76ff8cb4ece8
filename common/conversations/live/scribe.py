"""What was spoken becomes segments of the conversation it belongs to: stored first, then told."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from common.conversations import spans
from common.conversations.live.channel import Channel
from common.conversations.live.hearing import Spoken
from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.segment import TranscriptSegment
from common.speech.transcriber import Utterance


class Scribe:
    """Writes one connection's segments.

    Args:
        uid: the owner.
        channels: how many tracks the connection has; with several each is a speaker, and the first is the owner.
        told: given a take's new segments once they are stored.
    """

    def __init__(self, *, uid: str, channels: int, told: Callable[[list[TranscriptSegment]], None]) -> None:
        self._uid = uid
        self._by_channel = channels > 1
        self._told = told

    async def write(self, channel: Channel, spoken: Spoken) -> None:
        """Store what became certain, batch by batch of the takes it belongs to."""
        for take in list(channel.takes):
            said = [utterance for utterance in spoken.utterances if _belongs(utterance, take)]
            stretch = take.clip(list(spoken.settled))
            if not said or not stretch:
                continue
            segments = self.segments(channel, take, said, provider=spoken.provider)
            batch = SegmentBatch(
                session_id=take.session_id,
                start=stretch[0].start,
                end=stretch[-1].end,
                segments=segments,
                heard_at=channel.arrived_at(said[-1].end),
            )
            await until_done(segment_batches.put, batch, uid=self._uid, conversation_id=take.conversation_id)
            self._told(segments)

    def segments(
        self, channel: Channel, take: Take, said: Sequence[Utterance], *, provider: str
    ) -> list[TranscriptSegment]:
        """Utterances of a connection as segments of the conversation they belong to."""
        placed = tuple(replace(each, start=max(0.0, take.at(each.start)), end=take.at(each.end)) for each in said)
        segments = spans.to_segments(
            placed, offset=0.0, conversation_id=take.conversation_id, session_id=take.session_id, provider=provider
        )
        if not self._by_channel:
            return segments
        speaker = {
            "speaker": f"SPEAKER_{channel.number:02d}",
            "speaker_id": channel.number,
            "is_user": channel.number == 0,
        }
        return [segment.model_copy(update=speaker) for segment in segments]


def _belongs(utterance: Utterance, take: Take) -> bool:
    return take.holds((utterance.start + utterance.end) / 2)
