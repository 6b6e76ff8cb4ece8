"""Which recordings a conversation has, from how its stored blocks of audio lie in time; nothing is decoded here."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from common.conversations.recording import placed
from common.core.ids import derived_id
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.models.attachments import AudioFile
from common.models.conversation import Conversation
from common.speech.transcriber import SAMPLE_RATE

LONGEST_GAP_S = 90.0
CHUNK_S = 60.0
"""The most audio that clients are told of as one chunk."""
_OVERLAP_S = 0.5
"""Blocks of two connections may overlap by this much and still follow one another."""
_SAMPLE = 2


@dataclass(frozen=True)
class Recording:
    """Blocks that follow one another with at most LONGEST_GAP_S between them; never empty."""

    id: str
    blocks: tuple[AudioBlock, ...]

    @property
    def start(self) -> float:
        """Seconds since the conversation's `started_at`."""
        return self.blocks[0].start

    @property
    def duration(self) -> float:
        """Seconds."""
        return max(block.end for block in self.blocks) - self.start

    @property
    def size(self) -> int:
        """Bytes of PCM (16 kHz mono s16le)."""
        return pcm_bytes(self.duration)


def list_recordings(conversation: Conversation, *, uid: str) -> list[Recording]:
    """What of a conversation can be played, in order of time."""
    blocks = audio_blocks.list_blocks(uid=uid, conversation_id=conversation.id)
    return arrange(placed(blocks, conversation), conversation_id=conversation.id)


def arrange(blocks: Sequence[AudioBlock], *, conversation_id: str) -> list[Recording]:
    """Blocks as recordings: connections that follow one another are one, those at the same time are several."""
    chains: list[list[AudioBlock]] = []
    for stretch in sorted(_stretches(blocks), key=lambda each: (each[0].start, each[0].session_id)):
        begins = stretch[0].start
        before = [
            chain
            for chain in chains
            if chain[-1].end - _OVERLAP_S <= begins <= chain[-1].end + LONGEST_GAP_S and chain[-1].start < begins
        ]
        if before:
            max(before, key=lambda chain: chain[-1].end).extend(stretch)
        else:
            chains.append(list(stretch))
    return [
        Recording(
            id=derived_id("audio_file", conversation_id, chain[0].session_id, round(chain[0].start * 1000)),
            blocks=tuple(chain),
        )
        for chain in chains
    ]


def describe(recording: Recording, conversation: Conversation, *, uid: str) -> AudioFile:
    """A recording as clients know it."""
    began = conversation.began
    return AudioFile(
        id=recording.id,
        uid=uid,
        conversation_id=conversation.id,
        chunk_timestamps=[(began + timedelta(seconds=start)).timestamp() for start in _chunks(recording)],
        started_at=began + timedelta(seconds=recording.start),
        duration=round(recording.duration, 3),
    )


def audio_files(blocks: Sequence[AudioBlock], conversation: Conversation, *, uid: str) -> list[AudioFile]:
    """What of a conversation can be played, as clients know it."""
    return [describe(each, conversation, uid=uid) for each in arrange(blocks, conversation_id=conversation.id)]


def pcm_bytes(seconds: float) -> int:
    """Bytes of PCM (16 kHz mono s16le)."""
    return round(seconds * SAMPLE_RATE) * _SAMPLE


def _chunks(recording: Recording) -> Iterator[float]:
    """Where the chunks of a recording begin: after every pause, and after CHUNK_S without one.

    Every block would be too many: a conversation's document names them all, and some last for days.
    """
    begins = ends = -math.inf
    for block in recording.blocks:
        if block.start - ends > _OVERLAP_S or block.end - begins > CHUNK_S:
            begins = block.start
            yield begins
        ends = block.end


def _stretches(blocks: Sequence[AudioBlock]) -> Iterator[list[AudioBlock]]:
    """Each session's blocks in order, cut where too long nothing was stored."""
    sessions: dict[str, list[AudioBlock]] = {}
    for block in blocks:
        sessions.setdefault(block.session_id, []).append(block)
    for session in sessions.values():
        stretch: list[AudioBlock] = []
        for block in sorted(session, key=lambda each: (each.start, each.end)):
            if stretch and block.start - stretch[-1].end > LONGEST_GAP_S:
                yield stretch
                stretch = []
            stretch.append(block)
        yield stretch
