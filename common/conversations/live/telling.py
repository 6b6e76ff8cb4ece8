"""A client recognises by itself and tells what was said: its words go the way of those that we recognise.

Its times count from the beginning of its stream, which is the beginning of the connection, as a provider's would.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.core import clock
from common.core.ids import derived_id
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.segment import TranscriptSegment
from common.models.suggested_transcript import SuggestedSegment, SuggestedTranscript

PROVIDER = "custom"
"""What segments name as their recogniser where the client does not say."""
_BATCH = 200
"""Segments of one batch, which is one document."""
_MOST_NAMED = 64
_NUMBERED = re.compile(r"SPEAKER_[0-9]{1,6}")


class Teller:
    """Writes what one connection's client tells.

    Args:
        uid: the owner.
        told: given a take and the batch that was stored in its conversation.
    """

    def __init__(self, *, uid: str, told: Callable[[Take, SegmentBatch], None]) -> None:
        self._uid = uid
        self._told = told
        self._numbers = count()
        self._labels: dict[str, str] = {}

    async def write(self, said: SuggestedTranscript, takes: Sequence[Take], *, now: float) -> None:
        """Store what was told, then tell.

        Args:
            said: the message.
            takes: the connection's, in order; the last one is open.
            now: the connection's moment, in seconds.
        """
        homes = [(segment, _home(segment, takes, now=now)) for segment in said.said]
        for take in takes:
            segments = [segment for segment, home in homes if home is take]
            for first in range(0, len(segments), _BATCH):
                batch = self.batch(
                    take,
                    segments[first : first + _BATCH],
                    provider=said.stt_provider,
                    now=now + first / 1000,
                    heard_at=clock.now(),
                )
                await until_done(segment_batches.put, batch, uid=self._uid, conversation_id=take.conversation_id)
                self._told(take, batch)

    def batch(
        self,
        take: Take,
        said: Sequence[SuggestedSegment],
        *,
        provider: str | None,
        now: float,
        heard_at: datetime,
    ) -> SegmentBatch:
        """What was told of one take, as segments of its conversation; there must be some."""
        label = (provider or "").strip() or PROVIDER
        told = [self._segment(each, place, take, provider=label, now=now) for place, each in enumerate(said)]
        segments = list({segment.id: segment for segment in told}.values())
        return SegmentBatch(
            session_id=segment_batches.told_in(take.session_id),
            start=min(segment.start for segment in segments),
            end=max(segment.end for segment in segments),
            segments=segments,
            heard_at=heard_at,
            told=next(self._numbers),
        )

    def _segment(
        self, said: SuggestedSegment, place: int, take: Take, *, provider: str, now: float
    ) -> TranscriptSegment:
        # What has no time was said just now, in the order in which it is told.
        start, end = said.span or (now + place / 1000, now + place / 1000)
        named = (said.id,) if said.id else (take.session_id, start, end, self._label(said), said.text)
        return TranscriptSegment(
            id=derived_id("told", take.conversation_id, *named),
            text=said.text.strip(),
            speaker=self._label(said),
            is_user=said.is_user,
            person_id=said.person_id or None,
            start=round(max(0.0, take.at(start)), 3),
            end=round(max(0.0, take.at(end)), 3),
            stt_provider=provider,
        )

    def _label(self, said: SuggestedSegment) -> str:
        """One that clients can read, the same for the same speaker throughout the connection."""
        if said.speaker is not None and _NUMBERED.fullmatch(said.speaker):
            return said.speaker
        if said.speaker_id is not None:
            return f"SPEAKER_{said.speaker_id:02d}"
        name = said.speaker or ""
        if name not in self._labels and len(self._labels) < _MOST_NAMED:
            self._labels[name] = f"SPEAKER_{len(self._labels):02d}"
        return self._labels.get(name, "SPEAKER_00")


def _home(said: SuggestedSegment, takes: Sequence[Take], *, now: float) -> Take:
    """The take it was said in, if that still takes words; else the one that is open."""
    start, end = said.span or (now, now)
    holding = (take for take in takes if not take.left and take.holds((start + end) / 2))
    return next(holding, takes[-1])


def first_moment(said: SuggestedTranscript, *, now: float) -> float:
    """The connection's moment at which the first of what is told was said: where a take must begin that holds all."""
    return min([now, *(segment.span[0] for segment in said.said if segment.span is not None)])
