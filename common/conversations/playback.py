"""Stored audio made playable: any part of a recording as PCM.

A recording is laid out by the times of its blocks, not by what they decode to, so that its length is known before a
block is read and any part of it can be made alone: hours of audio in the memory of one block.
"""

from collections.abc import Iterator

from common.conversations.playlist import Recording, pcm_bytes
from common.core.errors import InvalidInputError
from common.core.logs import get_logger
from common.database import audio_blocks, refusals
from common.database.audio_blocks import AudioBlock
from common.speech.blocks import decode_block
from common.speech.codecs import FrameDecoder, frame_decoder

_SILENCE = bytes(64 * 1024)


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
            return self._decoder.decode_many(decode_block(audio_blocks.read(block))) + self._decoder.flush()
        except (refusals.NotFound, InvalidInputError) as error:
            get_logger().warning("audio_block_unplayable", error=type(error).__name__)
            return b""


def _layout(recording: Recording) -> Iterator[tuple[AudioBlock, int, int, int]]:
    """Each block, where its bytes begin and end, and where the next one's begin."""
    begins = [pcm_bytes(block.start - recording.start) for block in recording.blocks]
    for block, begin, next_begin in zip(recording.blocks, begins, [*begins[1:], recording.size], strict=True):
        yield block, begin, min(pcm_bytes(block.end - recording.start), next_begin), next_begin
