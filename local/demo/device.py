"""A client as the wearable is one: 20 ms Opus packets over /v4/listen, as fast as they are spoken or faster."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from common.core import clock
from common.speech.files import decode_file
from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND

PACKET_S = 0.02
_PACKET_BYTES = int(PACKET_S * BYTES_PER_SECOND)

OnMessage = Callable[[Any], Awaitable[None]]
"""Told every message: a list is segments, a dict is an event, a str is the keep-alive."""


def opus_packets(path: Path) -> list[bytes]:
    """A recording of any format as the device's packets.

    Raises:
        UnsupportedAudioError: it is no audio.
    """
    encoder = OpusEncoder(frame_seconds=PACKET_S)
    with path.open("rb") as file:
        return [encoder.encode(piece) for piece in _pieces(decode_file(file))]


@asynccontextmanager
async def listening(
    url: str, token: str, *, on_message: OnMessage, parameters: str = "codec=opus_fs320&sample_rate=16000"
) -> AsyncIterator[ClientConnection]:
    """A listen socket; every message goes to `on_message` until the block ends.

    Args:
        url: the cloud's http address.
        token: an ID token.
        on_message: told what the server says.
        parameters: the query string.
    """
    address = f"{url.replace('http', 'ws', 1)}/v4/listen?{parameters}"
    async with connect(address, additional_headers={"Authorization": f"Bearer {token}"}, max_size=None) as socket:
        reading = asyncio.create_task(_read(socket, on_message))
        try:
            yield socket
        finally:
            await socket.close()
            await reading


async def stream(socket: ClientConnection, packets: Iterable[bytes], *, speed: float = 1.0) -> None:
    """Send packets at `speed` times the pace at which they were spoken."""
    started = clock.monotonic()
    for number, packet in enumerate(packets):
        await socket.send(packet)
        ahead = number * PACKET_S / speed - (clock.monotonic() - started)
        if ahead > PACKET_S / 2:
            await asyncio.sleep(ahead)


async def _read(socket: ClientConnection, on_message: OnMessage) -> None:
    async for message in socket:
        await on_message("ping" if message == "ping" else json.loads(message))


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """PCM in packets of equal length; silence fills the last."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= _PACKET_BYTES:
            yield bytes(waiting[:_PACKET_BYTES])
            del waiting[:_PACKET_BYTES]
    if waiting:
        yield bytes(waiting).ljust(_PACKET_BYTES, b"\0")
