"""Audio in small pieces, put together where they follow one another: many small things cost more than the work."""

from collections.abc import Callable

from common.speech.transcriber import BYTES_PER_SECOND

_ROUNDING_S = 1e-3


class Gathering:
    """Takes frames and gives larger pieces.

    Args:
        keep: given each piece, and where it begins on the connection's clock.
        seconds: how long a piece is, or up to a frame longer.
    """

    def __init__(self, keep: Callable[[float, bytes], None], *, seconds: float) -> None:
        self._keep = keep
        self._enough = round(seconds * BYTES_PER_SECOND)
        self._frames: list[bytes] = []
        self._size = 0
        self._begin = self._end = 0.0

    def add(self, begin: float, pcm: bytes) -> None:
        """Take a frame. Called for every one."""
        if self._size >= self._enough or abs(begin - self._end) >= _ROUNDING_S:
            self.flush()
        if not self._frames:
            self._begin = begin
        self._frames.append(pcm)
        self._size += len(pcm)
        self._end = begin + len(pcm) / BYTES_PER_SECOND

    def flush(self) -> None:
        """Give what there is."""
        if self._frames:
            piece = b"".join(self._frames)
            self._frames.clear()
            self._size = 0
            self._keep(self._begin, piece)
