"""Listening to a voice again: the last seconds of a connection's audio, and the embedder that is asked about them."""

import asyncio
from collections import deque

from common.conversations.live.gathering import Gathering
from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.logs import get_logger
from common.speech.companding import compressed, expanded
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voices import Vector, VoiceEmbedder

KEPT_S = 30.0
"""Seconds; half a megabyte, in half the room. What is heard later than that is not listened to again."""
_SAMPLES_PER_SECOND = BYTES_PER_SECOND // 2
_ROOM = round(KEPT_S * _SAMPLES_PER_SECOND)
_TOGETHER_S = 0.5
_LEFT_ALONE_S = 30.0
"""Real seconds for which an embedder that failed is not asked."""
_REFUSALS = 8
"""One that could make nothing of so many pieces in a row, as of a telephone's sound, is asked less and less."""


class Ear:
    """Audio by when it was said on the connection's clock, and what it sounds like."""

    def __init__(self, embedder: VoiceEmbedder) -> None:
        self._embedder = embedder
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._fresh = Gathering(self._keep, seconds=_TOGETHER_S)
        self._size = 0
        self._ask_from = float("-inf")
        self._refusals = 0
        self.hear = self._fresh.add
        """Given a frame's moment and its audio, puts it behind the others; the oldest make room."""

    def cut(self, begin: float, end: float) -> bytes:
        """What there is between two moments."""
        self._fresh.flush()
        parts = []
        for start, small in self._pieces:
            first = max(0, round((begin - start) * _SAMPLES_PER_SECOND))
            last = max(0, round((end - start) * _SAMPLES_PER_SECOND))
            parts.append(small[first:last])
        return expanded(b"".join(parts))

    def _keep(self, begin: float, pcm: bytes) -> None:
        piece = compressed(pcm)
        self._pieces.append((begin, piece))
        self._size += len(piece)
        while self._size > _ROOM:
            self._size -= len(self._pieces.popleft()[1])

    async def voice(self, begin: float, end: float) -> Vector | None:
        """The voice that is heard between two moments; None where that cannot be said, or not now."""
        if clock.monotonic() < self._ask_from:
            return None
        try:
            vector = await asyncio.to_thread(self._embedder.embed, self.cut(begin, end))
        except ProviderRefusedError:
            self._refusals += 1
            self._ask_from = clock.monotonic() + _LEFT_ALONE_S * max(0, self._refusals - _REFUSALS + 1)
            return None
        except ProviderError as error:
            self._ask_from = clock.monotonic() + _LEFT_ALONE_S
            get_logger().warning("voice_not_embedded", embedder=self._embedder.name, error=type(error).__name__)
            return None
        self._refusals = 0
        return vector
