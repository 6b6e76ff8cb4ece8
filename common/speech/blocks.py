"""The stored audio block: the frames of a client exactly as received, each behind its length.

Layout: `[uint32 little-endian length][that many bytes]`, repeated; nothing before, between or after.
"""

import struct
from collections.abc import Sequence

from common.core.logs import get_logger

_LENGTH = struct.Struct("<I")


def encode_block(frames: Sequence[bytes]) -> bytes:
    """The block that holds `frames` in their order."""
    parts = [b""] * (2 * len(frames))
    parts[::2] = [_LENGTH.pack(len(frame)) for frame in frames]
    parts[1::2] = frames
    return b"".join(parts)


def decode_block(data: bytes) -> list[bytes]:
    """The frames of a block.

    A tail that is not whole (an upload cut off) is left out and logged: what came before it is still good audio.
    """
    frames: list[bytes] = []
    position = 0
    while position + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, position)
        end = position + _LENGTH.size + length
        if end > len(data):
            break
        frames.append(data[position + _LENGTH.size : end])
        position = end
    if position < len(data):
        get_logger().warning("audio_block_truncated", frames=len(frames), bytes_left_out=len(data) - position)
    return frames
