"""Pictures that are made for a test."""

from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

_CODECS = {"jpg": ("mjpeg", "yuvj420p"), "png": ("png", "rgb24"), "png16": ("png", "rgb48be"), "rgba": ("png", "rgba")}


def noise(width: int, height: int) -> NDArray[np.uint8]:
    """What nothing makes smaller; red, green and blue of each pixel, row by row."""
    return np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)


def drawn(pixels: NDArray[np.uint8], kind: str) -> bytes:
    """A file of these pixels: `jpg`, `png`, `png16` or `rgba`."""
    codec, form = _CODECS[kind]
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt, encoder.time_base, encoder.qmin, encoder.qmax = form, Fraction(1), 2, 2
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=form)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def turned(jpeg: bytes, orientation: int) -> bytes:
    """The same with the tag that says how it was held (EXIF 2.32, 4.6.4: 1, 3, 6 or 8)."""
    tags = b"II*\0\x08\0\0\0\x01\0" + b"\x12\x01\x03\0\x01\0\0\0" + bytes([orientation, 0, 0, 0]) + bytes(4)
    segment = b"Exif\0\0" + tags
    return jpeg[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + jpeg[2:]
