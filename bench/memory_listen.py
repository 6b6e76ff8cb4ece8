"""Live capture at its fullest: as many streams as an instance takes, all of which speak."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import websockets

from bench.listen_client import Crowd
from bench.memory_world import said
from common.conversations.live.ear import KEPT_S
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.stores import Stores

_SPEED = 0.5
"""Of a person's: what is kept is counted in what was said, and devices, stores and recogniser share a core here."""
_TALKS_S = KEPT_S + 15.0
_UPGRADED = 101


@dataclass(frozen=True)
class Streams:
    """Devices with these tokens, which connect and talk for as long as anything is kept, and longer."""

    tokens: Sequence[str]

    def run(self, port: int) -> Counter[int]:
        """Have them do so; how many stayed, under the status of their upgrade, and how many were lost, under 0."""
        crowd = Crowd(port, list(self.tokens))
        try:
            crowd.grow(len(self.tokens))
            crowd.begin()
            crowd.talk(_TALKS_S / _SPEED, speed=_SPEED)
            return Counter({_UPGRADED: len(self.tokens) - crowd.lost, **({0: crowd.lost} if crowd.lost else {})})
        finally:
            crowd.close()


class _Recogniser:
    """Speaks Deepgram's protocol: hears words every second, or takes everything and says nothing."""

    def __init__(self, *, hears: bool) -> None:
        self._hears = hears
        self._ready = threading.Event()
        self.port = 0
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        async with websockets.serve(self._stream, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await asyncio.get_running_loop().create_future()

    async def _stream(self, connection: websockets.ServerConnection) -> None:
        heard, told = 0, 0
        async for message in connection:
            if isinstance(message, bytes):
                heard += len(message)
            elif "CloseStream" in message:
                await connection.send(json.dumps({"type": "Metadata", "duration": heard / BYTES_PER_SECOND}))
                return
            while self._hears and heard - told >= BYTES_PER_SECOND:
                await connection.send(json.dumps(_results(told // BYTES_PER_SECOND)))
                told += BYTES_PER_SECOND


def _results(second: int) -> dict[str, object]:
    words = said()[second].split()[:3]
    heard = [
        {
            "word": word,
            "punctuated_word": word,
            "start": second + number / 4,
            "end": second + (number + 1) / 4,
            "speaker": second // 10 % 3,
        }
        for number, word in enumerate(words)
    ]
    alternatives = [{"transcript": " ".join(words), "words": heard}]
    return {
        "type": "Results",
        "start": float(second),
        "duration": 1.0,
        "is_final": True,
        "channel": {"alternatives": alternatives},
    }


def _streams(*, hears: bool) -> Callable[[Stores, int], Streams]:
    def prepare(stores: Stores, count: int) -> Streams:
        recogniser = _Recogniser(hears=hears)
        stores.environment |= {
            "STREAMING_TRANSCRIBERS": "deepgram",
            "DEEPGRAM_URL": f"http://127.0.0.1:{recogniser.port}",
            "DEEPGRAM_API_KEY": "none",
        }
        return Streams([stores.identity.id_token(f"user{number}", expires_in_s=3600) for number in range(count)])

    return prepare


LISTEN: Mapping[str, Mapping[str, Callable[[Stores, int], Streams]]] = {
    "listen": {
        "streams that are understood": _streams(hears=True),
        "streams that nobody understands": _streams(hears=False),
    },
}
