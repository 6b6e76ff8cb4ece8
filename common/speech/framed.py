"""Reading a wearable's file, which has the layout of an audio block (speech/blocks.py), as a stream of any length."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LARGEST_FRAME = 256 * 1024
"""Bytes; what claims to be larger is no frame: the file is damaged there."""
_CHUNK = 1024 * 1024
_LENGTH = struct.Struct("<I")
_IN_A_ROW = 8
"""So many lengths, each leading to the next, that none of them is there by chance."""
_USUAL_FRAME = 16 * 1024
"""Bytes; after a damaged place what is larger is not taken for a frame."""
_USUAL_LENGTH = re.compile(rb"(?=..\0\0)", re.DOTALL)
_LOOKED_AHEAD = _IN_A_ROW * (_LENGTH.size + _USUAL_FRAME)
_MOST_SEARCHED = 4 * 1024 * 1024
"""Bytes after a damaged place in which frames are looked for."""
_MOST_GAPS = 1000
"""What is damaged in more places is no recording."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame and the bytes [begin, end) in the file that it takes with its length."""

    data: bytes
    begin: int
    end: int


class FrameReader:
    """The frames of a file from byte `at` on; those without content, and damaged places, are passed over.

    `damage` says afterwards why not everything to the end could be read, `gaps` how many places were passed over.
    """

    def __init__(self, stream: BinaryIO, *, at: int = 0, until: int | None = None) -> None:
        self._stream = stream
        self._at = at
        self._until = until
        self._buffer = b""
        self.damage: str | None = None
        self.gaps = 0

    def __iter__(self) -> Iterator[Frame]:
        """Read on."""
        self._stream.seek(self._at)
        while (self._until is None or self._at < self._until) and self._more():
            position = 0
            while position + _LENGTH.size <= len(self._buffer):
                (length,) = _LENGTH.unpack_from(self._buffer, position)
                if length > LARGEST_FRAME:
                    self._drop(position)
                    if not self._pass_over():
                        self.damage = "the file is damaged"
                        return
                    position = 0
                    continue
                end = position + _LENGTH.size + length
                if end > len(self._buffer):
                    break
                if self._until is not None and self._at + position >= self._until:
                    return
                if length:
                    yield Frame(self._buffer[position + _LENGTH.size : end], self._at + position, self._at + end)
                position = end
            self._drop(position)

    def _more(self) -> bool:
        """Have more to read frames from; whether there is any."""
        if self._fill():
            return True
        # What claims to reach past the end may be no frame.
        if not self._buffer or self._pass_over():
            return bool(self._buffer)
        self.damage = "the file is cut off"
        return False

    def _fill(self) -> bool:
        """Read more; whether there was any."""
        chunk = self._stream.read(_CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _drop(self, count: int) -> None:
        self._buffer = self._buffer[count:]
        self._at += count

    def _pass_over(self) -> bool:
        """Go on to where frames can be read again, after a place where they cannot; whether there is one."""
        searched = 0
        while searched < _MOST_SEARCHED and self.gaps < _MOST_GAPS:
            more = True
            while more and len(self._buffer) < _CHUNK + _LOOKED_AHEAD:
                more = self._fill()
            found = _first_frame(self._buffer, until=min(len(self._buffer), _CHUNK))
            if found is not None:
                self._drop(found)
                self.gaps += 1
                return True
            searched += min(len(self._buffer), _CHUNK)
            self._drop(min(len(self._buffer), _CHUNK))
            if not more and not self._buffer:
                return False
        return False


def _first_frame(data: bytes, *, until: int) -> int | None:
    """Where, before `until`, the first of several frames in a row begins."""
    likely = (found.start() for found in _USUAL_LENGTH.finditer(data, 0, until + _LENGTH.size - 1))
    return next((at for at in likely if _leads_on(data, at)), None)


def _leads_on(data: bytes, at: int) -> bool:
    for _ in range(_IN_A_ROW):
        if at + _LENGTH.size > len(data):
            return False
        (length,) = _LENGTH.unpack_from(data, at)
        if not 0 < length <= _USUAL_FRAME:
            return False
        at += _LENGTH.size + length
    return at <= len(data)
