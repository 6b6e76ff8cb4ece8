"""The PCM of stored blocks, from one moment to another."""

from collections.abc import Sequence

from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.speech.blocks import decode_block
from common.speech.codecs import FrameDecoder, frame_decoder
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

_RUN_UP_S = 0.2
"""What comes before is decoded as well: without it codecs garble a beginning."""
_HELD_BACK = BYTES_PER_SECOND // 20
"""Bytes: what a decoder may hold back until it hears more. More that is missing is a gap."""


def decoded(blocks: Sequence[AudioBlock], *, start: float, end: float) -> bytes:
    """What blocks hold between two seconds; what lies between them is silence.

    Args:
        blocks: in order of time, without overlaps.
        start: the first second, on the clock that the blocks go by.
        end: the last.
    """
    blocks = [block for block in blocks if block.end > start - _RUN_UP_S and block.start < end]
    origin = blocks[0].start if blocks else start
    first, last = (round((moment - origin) * SAMPLE_RATE) * 2 for moment in (start, end))
    window, position = bytearray(max(0, -first)), 0

    def follow(pcm: bytes) -> None:
        nonlocal window, position
        window += pcm[max(0, first - position) : max(0, last - position)]
        position += len(pcm)

    decoder: FrameDecoder | None = None
    coding: tuple[str, int] | None = None
    for block in blocks:
        begin = round((block.start - origin) * SAMPLE_RATE) * 2
        if decoder is None or coding != (block.codec, block.sample_rate) or begin - position > _HELD_BACK:
            follow(decoder.flush() if decoder is not None else b"")
            follow(bytes(max(0, begin - position)))
            coding = (block.codec, block.sample_rate)
            decoder = frame_decoder(block.codec, block.sample_rate)
        follow(decoder.decode_many(decode_block(audio_blocks.read(block))))
    follow(decoder.flush() if decoder is not None else b"")
    return bytes(window)
