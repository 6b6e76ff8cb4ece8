"""Stored audio made playable: which recordings a conversation has, and any part of one as PCM.

A recording is laid out by the times of its blocks, not by what they decode to, so that its length is known before a
block is read and any part of it can be made alone: hours of audio in the memory of one block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from google.api_core.exceptions import NotFound

from common.core.errors import InvalidInputError
from common.core.ids import derived_id
from common.core.logs import get_logger
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.models.attachments import AudioFile
from common.models.conversation import Conversation
from common.speech.blocks import decode_block
from common.speech.codecs import FrameDecoder, frame_decoder
from common.speech.transcriber import SAMPLE_RATE

LONGEST_GAP_S = 90.0
_OVERLAP_S = 0.5
"""Blocks of two connections may overlap by this much and still follow one another."""
_SAMPLE = 2
_SILENCE = bytes(64 * 1024)


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
        return _bytes(self.duration)


def list_recordings(*, uid: str, conversation_id: str) -> list[Recording]:
    """What of a conversation can be played, in order of time."""
    return arrange(audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id), conversation_id=conversation_id)


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
    began = conversation.started_at or conversation.created_at
    return AudioFile(
        id=recording.id,
        uid=uid,
        conversation_id=conversation.id,
        chunk_timestamps=[(began + timedelta(seconds=block.start)).timestamp() for block in recording.blocks],
        started_at=began + timedelta(seconds=recording.start),
        duration=round(recording.duration, 3),
    )


def audio_files(blocks: Sequence[AudioBlock], conversation: Conversation, *, uid: str) -> list[AudioFile]:
    """What of a conversation can be played, as clients know it."""
    return [describe(each, conversation, uid=uid) for each in arrange(blocks, conversation_id=conversation.id)]


def read_pcm(recording: Recording, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of a recording's PCM; what lies between blocks, or is gone, is silence."""
    position = start
    reader = _BlockReader()
    for number, (block, begin, ends, next_begin) in enumerate(_layout(recording)):
        if next_begin <= position:
            continue
        if begin >= end:
            break
        if position < ends:
            if number and not reader.used:
                reader.read(recording.blocks[number - 1])  # a decoder needs a run-up to sound right
            pcm = reader.read_exactly(block, ends - begin)
            yield pcm[position - begin : end - begin]
            position = min(ends, end)
        while position < min(next_begin, end):
            silence = _SILENCE[: min(next_begin, end) - position]
            yield silence
            position += len(silence)


class _BlockReader:
    """Decodes blocks, those of one Opus stream with one decoder, which needs to know what came before."""

    def __init__(self) -> None:
        self.used = False
        self._decoder: FrameDecoder | None = None
        self._stream: tuple[str, str, int] | None = None

    def read_exactly(self, block: AudioBlock, size: int) -> bytes:
        """As many bytes as there is room for."""
        pcm = self.read(block)[:size]
        return pcm + bytes(size - len(pcm))

    def read(self, block: AudioBlock) -> bytes:
        """The block's PCM; nothing if it cannot be had."""
        self.used = True
        stream = (block.session_id, block.codec, block.sample_rate)
        try:
            if self._decoder is None or self._stream != stream or not block.codec.startswith("opus"):
                self._decoder, self._stream = frame_decoder(block.codec, block.sample_rate), stream
            frames = decode_block(audio_blocks.read(block))
            return b"".join(self._decoder.decode(frame) for frame in frames if frame) + self._decoder.flush()
        except (NotFound, InvalidInputError) as error:
            get_logger().warning("audio_block_unplayable", error=type(error).__name__)
            return b""


def _layout(recording: Recording) -> Iterator[tuple[AudioBlock, int, int, int]]:
    """Each block, where its bytes begin and end, and where the next one's begin."""
    begins = [_bytes(block.start - recording.start) for block in recording.blocks]
    for block, begin, next_begin in zip(recording.blocks, begins, [*begins[1:], recording.size], strict=True):
        yield block, begin, min(_bytes(block.end - recording.start), next_begin), next_begin


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


def _bytes(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE) * _SAMPLE
