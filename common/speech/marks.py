"""Marks: by which audio is told again when its frames are gone.

Of a block some frames are kept in mind, by a checksum and by where they lie: those whose checksum says so, one of
sixteen on average. Whoever meets the same audio later picks the same frames, wherever it begins. That is about three
marks a second, six bytes each.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from zlib import crc32

_ONE_OF = 16
_MARK = struct.Struct("<HI")
_MOST = 700
"""Of one block: they are stored as metadata of an object, of which there may be 8 KiB."""
_LONGEST_S = 65.0


def mark_of(frame: bytes) -> int | None:
    """What stands for a frame, None for those that nothing stands for."""
    checksum = crc32(frame)
    return checksum if checksum % _ONE_OF == 0 else None


def marks_of(frames: Sequence[bytes], *, length_s: float) -> str:
    """The marks of a block, as text; none of one that is too large for it.

    Args:
        frames: all of them, of about the same duration each.
        length_s: how long they are together, in seconds.
    """
    each_ms = 1000 * length_s / max(1, len(frames))
    found = [(round(at * each_ms), mark) for at, mark in enumerate(map(crc32, frames)) if mark % _ONE_OF == 0]
    if length_s > _LONGEST_S or len(found) > _MOST:
        return ""
    return b64encode(b"".join(_MARK.pack(*each) for each in found)).decode()


def read_marks(text: str) -> list[tuple[float, int]]:
    """From when in their block on, in seconds, there are which marks; nothing for what are none."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return []
    return [(at / 1000, mark) for at, mark in _MARK.iter_unpack(data[: len(data) - len(data) % _MARK.size])]
