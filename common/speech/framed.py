"""Reading a wearable's file, which has the layout of an audio block (speech/blocks.py), as a stream of any length."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LARGEST_FRAME = 256 * 1024
"""Bytes; what claims to be larger is no frame, and nothing after it can be found."""
_CHUNK = 1024 * 1024
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame and the bytes [begin, end) in the file that it takes with its length."""

    data: bytes
    begin: int
    end: int


class FrameReader:
    """The frames of a file from byte `at` on; those without content are passed over.

    `damage` says afterwards why not everything could be read.
    """

    def __init__(self, stream: BinaryIO, *, at: int = 0, until: int | None = None) -> None:
        self._stream = stream
        self._at = at
        self._until = until
        self.damage: str | None = None

    def __iter__(self) -> Iterator[Frame]:
        """Read on."""
        self._stream.seek(self._at)
        buffer = b""
        while self._until is None or self._at < self._until:
            chunk = self._stream.read(_CHUNK)
            if not chunk:
                if buffer:
                    self.damage = "the file is cut off"
                return
            buffer += chunk
            position = 0
            while position + _LENGTH.size <= len(buffer):
                (length,) = _LENGTH.unpack_from(buffer, position)
                if length > LARGEST_FRAME:
                    self.damage = "the file is damaged"
                    return
                end = position + _LENGTH.size + length
                if end > len(buffer):
                    break
                if self._until is not None and self._at + position >= self._until:
                    return
                if length:
                    yield Frame(buffer[position + _LENGTH.size : end], self._at + position, self._at + end)
                position = end
            buffer = buffer[position:]
            self._at += position
