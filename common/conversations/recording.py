"""What is known of a conversation's audio: the stored blocks, what was understood of them, what is still missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from common.conversations import coverage
from common.conversations.coverage import Timeline
from common.core import clock, room
from common.database import audio_blocks, photos, segment_batches
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation, Interval

_SEGMENT_S = 4.0
"""How long one is, as a rule."""
PROBE_S = 60.0
"""Seconds of voices without words that are heard again, to see whether there are any."""
_AHEAD = timedelta(minutes=1)
"""What is said to have come so much later than now was noted by a clock that is wrong."""


@dataclass(frozen=True)
class Recording:
    """A conversation with its stored audio and the batches that are not compacted yet.

    `batches` are as they are stored; `said` is what they say, in the times of the conversation.
    """

    conversation: Conversation
    blocks: tuple[AudioBlock, ...]
    batches: tuple[SegmentBatch, ...]
    photographed_at: datetime | None = None
    """When the last picture came; one is as good a sign of life as a word."""
    versions: Mapping[str, datetime] = field(default_factory=dict)
    """Of each batch by its id, as it was read."""

    @property
    def said(self) -> tuple[SegmentBatch, ...]:
        """The batches in the times of the conversation."""
        return in_its_times(self.batches, self.conversation)

    @property
    def stored(self) -> Timeline:
        """The audio that is safe."""
        whole = ((block.session_id, (Interval(start=block.start, end=block.end),)) for block in self.blocks)
        return coverage.merge(_by_session(whole))

    @property
    def covered(self) -> Timeline:
        """The audio that was heard, is known to be silent, or was given up."""
        return self._covered(self._doubted())

    def _covered(self, doubted: Timeline) -> Timeline:
        from_blocks = _by_session((block.session_id, block.covered) for block in self.blocks)
        from_batches = _by_session((batch.session_id, (batch.interval,)) for batch in self.said)
        from_sessions = covered_by_sessions(self.conversation)
        believed = {
            name: coverage.subtract(each, doubted[name]) if name in doubted else each
            for name, each in coverage.merge(from_sessions, from_blocks).items()
        }
        return coverage.merge(self.conversation.covered, believed, from_batches)

    @property
    def unheard(self) -> Timeline:
        """The audio with voices in which nobody has understood a word, as far as that is known by now."""
        unheard = {name: list(each) for name, each in self.conversation.unheard.items()}
        for batch in self.said:
            if batch.told is None and batch.given_up is None:
                unheard[batch.session_id] = coverage.subtract(unheard.get(batch.session_id, []), [batch.interval])
        for batch in self.said:
            if batch.unheard:
                unheard.setdefault(batch.session_id, []).append(batch.interval)
        return {name: each for name, each in coverage.merge(unheard).items() if each}

    def _doubted(self) -> Timeline:
        """What was settled without a word, and is not believed for that.

        Of voices without words a first part is. Where somebody else has understood words in it, all of them are. What a
        session that was killed has passed over stands with its blocks.
        """
        from_blocks = _by_session((block.session_id, block.wordless) for block in self.blocks)
        wordless = coverage.merge(covered_by_sessions(self.conversation, wordless=True), from_blocks)
        deaf = any(
            coverage.contains(wordless.get(batch.session_id, []), (segment.start + segment.end) / 2)
            for batch in self.said
            for segment in batch.segments
        )
        return coverage.merge(wordless if deaf else coverage.first(wordless, PROBE_S), self.conversation.unheard)

    @property
    def holes(self) -> Timeline:
        """The stored audio that nobody has understood."""
        covered = self.covered
        holes = {name: coverage.subtract(stored, covered.get(name, [])) for name, stored in self.stored.items()}
        return {name: missing for name, missing in holes.items() if missing}

    @property
    def leftovers(self) -> tuple[SegmentBatch, ...]:
        """Batches with words that the compacted transcript does not contain, or not all of them."""
        return tuple(batch for batch in self.batches if batch.segments and not self._compacted(batch))

    @property
    def gaps(self) -> bool:
        """Whether audio was given up on."""
        return any(batch.given_up is not None for batch in self.batches)

    @property
    def end(self) -> float:
        """Where stored audio and words end, seconds since `started_at`."""
        return max([*(block.end for block in self.blocks), *(batch.end for batch in self.said)], default=0.0)

    def _photographed(self) -> list[datetime]:
        return [] if self.photographed_at is None else [self.photographed_at]

    def _compacted(self, batch: SegmentBatch) -> bool:
        """Whether the transcript stands for all of a batch's audio; even one of less than a sliver may be a word."""
        known = self.conversation.covered.get(batch.session_id, [])
        [interval] = coverage.later([batch.interval], self.conversation.capture.moved.get(batch.session_id, 0.0))
        return coverage.contains(known, interval.start) and not coverage.subtract([interval], known)

    def last_audio_at(self) -> datetime:
        """When audio, or a picture, last arrived."""
        stored = [block.stored_at for block in self.blocks if block.stored_at is not None]
        return max([*stored, *self._photographed()], default=self.conversation.created_at)

    def last_speech_at(self) -> datetime:
        """When speech last arrived, as far as it is understood, or a picture."""
        heard = [
            self._stored_at(batch) if is_ahead(batch.heard_at) else batch.heard_at
            for batch in self.batches
            if batch.segments
        ]
        return max([*heard, *self._photographed()], default=self.conversation.created_at)

    def by_the_stores_clock(self) -> "Recording":
        """The same, with words as old as the audio that they were said in, whatever the clock of whoever heard them."""
        return replace(
            self,
            batches=tuple(batch.model_copy(update={"heard_at": self._stored_at(batch)}) for batch in self.batches),
        )

    def _stored_at(self, batch: SegmentBatch) -> datetime:
        """When the audio was stored at whose end a batch lies; of words without audio, when the last audio was."""
        end = batch.end + self.conversation.capture.moved.get(batch.captured_in, 0.0) - coverage.NEGLIGIBLE_S
        stored = [
            block.stored_at
            for block in self.blocks
            if block.session_id == batch.session_id and block.end >= end and block.stored_at is not None
        ]
        return min(stored, default=self.last_audio_at())

    def understood_until(self) -> datetime:
        """When the audio arrived up to which we know whether somebody spoke; voices without words are nobody."""
        newest = max(
            self.blocks, key=lambda block: (block.stored_at or self.conversation.created_at, block.end), default=None
        )
        if newest is None or newest.stored_at is None:
            return self.conversation.created_at
        known = self._covered({}).get(newest.session_id, [])
        behind = max(0.0, newest.end - (known[-1].end if known else 0.0))
        return newest.stored_at - timedelta(seconds=behind)


def is_ahead(moment: datetime) -> bool:
    """Whether something cannot have happened at a moment that was noted for it, because that is still to come."""
    return moment > clock.now() + _AHEAD


def load(conversation: Conversation, *, uid: str) -> Recording:
    """Read what is stored beside a conversation.

    Every batch is a read that is billed, and there is one every few seconds of talk: `load_newest` is for whoever
    needs no words, and whoever has loaded them hands them on.
    """
    room.hold(_most_segments(conversation), of=f"words beside {conversation.id}")
    found = segment_batches.list_versions(uid=uid, conversation_id=conversation.id)
    known = _load(conversation, [batch for batch, _ in found], uid=uid)
    return replace(known, versions={batch.id: version for batch, version in found})


def _by_session(stretches: Iterable[tuple[str, Iterable[Interval]]]) -> Timeline:
    timeline: Timeline = {}
    for session_id, each in stretches:
        timeline.setdefault(session_id, []).extend(each)
    return timeline


def _most_segments(conversation: Conversation) -> int:
    """How many lie beside it as a rule: one every few seconds of what its sessions have settled, and it has not yet."""
    settled = coverage.merge(covered_by_sessions(conversation))
    lacking = [coverage.subtract(each, conversation.covered.get(name, [])) for name, each in settled.items()]
    return int(sum(map(coverage.length, lacking)) / _SEGMENT_S)


def load_newest(conversation: Conversation, newest: SegmentBatch, *, uid: str) -> Recording:
    """The same as far as one batch tells: all the audio, and of what was understood what stands with the audio.

    Exact about the end of speech where words are in the newest batch. Where a recogniser that has left understood more
    than the blocks say, the rest seems to be not understood yet, which is the careful side.
    """
    return _load(conversation, [newest], uid=uid)


def end_of(conversation: Conversation, *, uid: str) -> float:
    """Where stored audio and words end, seconds since `started_at`; of the words only the furthest are read.

    Asked whenever a connection comes back, which some devices do every few seconds for hours.
    """
    if conversation.capture.moved:  # not all of its sessions count from the same moment
        return load(conversation, uid=uid).end
    blocks = audio_blocks.list_blocks(uid=uid, conversation_id=conversation.id)
    furthest = segment_batches.find_furthest(uid=uid, conversation_id=conversation.id)
    return max([*(block.end for block in blocks), furthest.end if furthest is not None else 0.0])


def _load(conversation: Conversation, batches: Sequence[SegmentBatch], *, uid: str) -> Recording:
    beside = {"uid": uid, "conversation_id": conversation.id}
    return Recording(
        conversation=conversation,
        blocks=placed(audio_blocks.list_blocks(**beside), conversation),
        batches=tuple(batches),
        photographed_at=photos.newest_at(**beside) if conversation.capture.photographed else None,
    )


def placed(blocks: Iterable[AudioBlock], conversation: Conversation) -> tuple[AudioBlock, ...]:
    """Stored blocks in the times of the conversation; how their sessions count is a matter of `capture.moved`."""
    moved = conversation.capture.moved
    return tuple(
        replace(
            block,
            start=round(block.start + by_s, 3),
            end=round(block.end + by_s, 3),
            covered=tuple(coverage.later(block.covered, by_s)),
            wordless=tuple(coverage.later(block.wordless, by_s)),
        )
        if (by_s := moved.get(block.session_id, 0.0))
        else block
        for block in blocks
    )


def in_its_times(batches: Iterable[SegmentBatch], conversation: Conversation) -> tuple[SegmentBatch, ...]:
    """Stored batches in the times of the conversation."""
    moved = conversation.capture.moved
    return tuple(
        batch.model_copy(
            update={
                "start": round(batch.start + by_s, 3),
                "end": round(batch.end + by_s, 3),
                "segments": [
                    each.model_copy(update={"start": round(each.start + by_s, 3), "end": round(each.end + by_s, 3)})
                    for each in batch.segments
                ],
            }
        )
        if (by_s := moved.get(batch.captured_in, 0.0))
        else batch
        for batch in batches
    )


def covered_by_sessions(conversation: Conversation, *, wordless: bool = False) -> Timeline:
    """What the sessions' recognisers had settled when they left; or only what was voiced for long without a word."""
    moved = conversation.capture.moved
    return {
        name: coverage.later(session.wordless if wordless else session.covered, moved.get(name, 0.0))
        for name, session in conversation.capture.sessions.items()
    }
