"""Pictures made smaller: a model looks at no more of them, and takes no more bytes within a request."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from common.core.logs import get_logger
from common.core.pictures import size_of_image
from common.core.room import Room

if TYPE_CHECKING:
    from av import VideoFrame

LONGEST_SIDE = 2048
MOST_PIXELS = 51_000_000
"""Of what is read: the largest a telephone makes by itself. What says that it has more may be a trap."""
_READING = Room(MOST_PIXELS)
"""While they are whole: up to six bytes for each (bench/memory.py)."""
_QUALITY = 4
"""FFmpeg's scale for JPEG, from 2, the best, to 31."""


def shrunk(data: bytes, *, within_s: float) -> bytes | None:
    """A picture as a JPEG of 2048 pixels a side at most, upright, the first where it moves.

    Args:
        data: JPEG, PNG or WebP.
        within_s: real seconds to wait for others that are being read.

    Returns:
        None where it cannot be read, has too many pixels, or has found no room.
    """
    import av

    width, height = size_of_image(data) or (0, 0)
    pixels = width * height
    if not 0 < pixels <= MOST_PIXELS or not _READING.take(pixels, within_s=within_s):
        return None
    try:
        return _as_jpeg(_small(data))
    except (av.FFmpegError, StopIteration) as error:
        get_logger().info("picture_not_read", error=type(error).__name__)
        return None
    finally:
        _READING.give_back(pixels)


def _small(data: bytes) -> VideoFrame:
    """Its first frame, scaled and turned as it is to be looked at."""
    import av
    import numpy as np

    with av.open(BytesIO(data), "r") as container:
        whole = next(container.decode(video=0))
        part = min(1.0, LONGEST_SIDE / max(whole.width, whole.height))
        width, height = (max(1, round(side * part)) for side in (whole.width, whole.height))
        upright = np.rot90(whole.to_ndarray(width=width, height=height, format="rgb24"), whole.rotation // 90)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(upright, np.uint8), format="rgb24")


def _as_jpeg(frame: VideoFrame) -> bytes:
    import av

    made = BytesIO()
    with av.open(made, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuvj420p"
        stream.codec_context.qmin = stream.codec_context.qmax = _QUALITY
        container.mux([*stream.encode(frame.reformat(format="yuvj420p")), *stream.encode()])
    return made.getvalue()
