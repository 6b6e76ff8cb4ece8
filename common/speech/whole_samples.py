"""Frames of 16-bit PCM that end in the middle of a sample: the halves are joined, and what is off by a byte is noticed.

Clients cut what they have recorded as their radio or a proxy between lets them, at odd bytes too. Whether a frame goes
on with the sample that was cut is told by how it sounds: read off by a byte, PCM is noise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from common.speech.framed import Frame

_CODEC = "pcm16"
_LEAST_SAMPLES = 64
"""So few do not tell."""
_MOST_SAMPLES = 16_000
"""What so many have not told is forgotten: they were silence, or noise."""
_ROUGHER = 4.0
"""By so much. Noise at full volume is three times as smooth as the steepest sound there is, a wave of one sample."""
_VALUES = 2
"""Bytes of one value say nothing: 8-bit sound whose lower bytes are all zero reads as a faint one when it is off."""
_LOOKED_AGAIN = 256
"""Frames after which it is looked at again: a byte may be lost within a frame."""


class WholeSamples:
    """The frames of one stream, in order, cut between samples."""

    def __init__(self) -> None:
        self._half = b""
        self._doubted = True
        """Whether it is to be seen yet where samples begin."""
        self._since = 0
        self._rough, self._rough_off, self._samples = 0.0, 0.0, 0

    def feed(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        """The same audio in as many frames at most; half a sample at the end waits for the next."""
        self._since += len(frames)
        if self._since >= _LOOKED_AGAIN:
            self._since = 0
            self._doubt()
        if not self._doubted and not any(len(frame) & 1 for frame in frames):
            return frames
        return [whole for frame in frames if (whole := self._whole(frame))]

    def _whole(self, frame: bytes) -> bytes:
        data = self._half + frame
        if self._doubted and self._is_off(data):
            data = data[1:]
        size = len(data) & ~1
        self._half = data[size:]
        if self._half:
            self._doubt()
        return data[:size]

    def _doubt(self) -> None:
        self._doubted = True
        self._rough, self._rough_off, self._samples = 0.0, 0.0, 0

    def _is_off(self, data: bytes) -> bool:
        """Whether samples begin a byte later, as it seems; if either is plain, that is no question any more."""
        here, later = _roughness(data), _roughness(data[1:])
        if here is None or later is None:
            return False
        self._rough += here
        self._rough_off += later
        self._samples += len(data) // 2
        if self._samples < _LEAST_SAMPLES:
            return False
        off = self._rough > _ROUGHER * self._rough_off
        if off or self._rough_off > _ROUGHER * self._rough:
            self._doubted = False
        elif self._samples > _MOST_SAMPLES:
            self._doubt()
        return off


def whole_samples(codec: str) -> WholeSamples | None:
    """What joins the halves in streams of a codec; None where frames are what was coded, and none is cut."""
    return WholeSamples() if codec == _CODEC else None


def whole_frames(codec: str, frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same of a wearable's file, from any frame of it on; a frame of which nothing is left is not among them."""
    samples = whole_samples(codec)
    if samples is None:
        yield from frames
        return
    for frame in frames:
        for data in samples.feed([frame.data]):
            yield replace(frame, data=data)


def _roughness(data: bytes) -> float | None:
    """How far samples are from the next, all of them together; None where that does not tell anything."""
    import numpy as np

    both = np.frombuffer(data, np.uint8, count=len(data) & ~1).reshape(-1, 2)
    if len(both) < 2 or any(len(np.unique(part)) < _VALUES for part in both.T):  # noqa: PLR2004 - a step needs two
        return None
    return float(np.abs(np.diff(both.view("<i2")[:, 0].astype(np.int32))).sum())
