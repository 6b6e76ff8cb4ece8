"""What live capture adds to a provider's latency: from a frame's arrival to the provider, from its word to the client.

    python -m bench.listen_latency [--streams 50] [--seconds 20]

The provider is a server in a process of its own that speaks Deepgram's protocol over real sockets. The audio itself
says when it was sent, in its first samples; the provider's words say when they were said. A word is stored in Firestore
before it is told, so that is part of the second figure. Real time, one core for the capture service.
"""

import argparse
import asyncio
import json
import math
import os
import struct
import sys
import time
from typing import Any

import uvloop
import websockets

from bench.child import Child, questions
from bench.listen_client import FRAME_S, nice
from common.entry.listening.server import ListenServer, never_stand_still
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.http import bound_socket

_SERVER_CORE, _OTHERS_CORE = (0, 0) if (os.cpu_count() or 1) == 1 else (0, 1)
_FRAME_BYTES = round(FRAME_S * BYTES_PER_SECOND)
_SAID_EVERY_S = 1.0
_HUM = struct.pack("<316h", *(round(8000 * math.sin(2 * math.pi * 100 * at / SAMPLE_RATE)) for at in range(316)))
"""The rest of a frame: silence behind four samples of noise would seem to be off by a byte."""
_KEY = "bench"


class Provider:
    """Notes how old each frame is when it arrives, and says the time once a second."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, connection: websockets.ServerConnection) -> None:
        """Serve one stream."""
        heard, told = bytearray(), 0.0
        seconds = 0.0
        async for message in connection:
            now = time.perf_counter()
            if isinstance(message, str):
                if json.loads(message).get("type") == "CloseStream":
                    break
                continue
            heard += message
            seconds += len(message) / BYTES_PER_SECOND
            while len(heard) >= _FRAME_BYTES:
                (sent,) = struct.unpack_from("<d", heard)
                del heard[:_FRAME_BYTES]
                self.waits.append(now - sent)
            if seconds - told >= _SAID_EVERY_S:
                await connection.send(json.dumps(_final(told, seconds)))
                told = seconds


def _final(start: float, end: float) -> dict[str, Any]:
    word = {"start": start + 0.1, "end": end - 0.1, "confidence": 1.0, "speaker": 0}
    said = f"{time.perf_counter():.6f}"
    words = [word | {"word": said, "punctuated_word": said}]
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "start": start,
        "duration": end - start,
        "is_final": True,
        "speech_final": True,
        "channel": {"alternatives": [{"transcript": said, "confidence": 1.0, "words": words}]},
    }


async def serve_provider() -> None:
    """Serve; every line on standard input is answered with the waits since the last one, in seconds."""
    provider = Provider()
    async with websockets.serve(provider, "127.0.0.1", 0, compression=None) as server:
        print(json.dumps({"port": next(iter(server.sockets)).getsockname()[1]}), flush=True)
        async for _ in questions():
            waits, provider.waits = provider.waits, []
            print(json.dumps(waits), flush=True)


async def serve_ours() -> None:
    """Serve the product until standard input ends."""
    listener = bound_socket("127.0.0.1", 0)
    listener.listen(1024)
    server = ListenServer()
    await server.start(listener)
    never_stand_still()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    async for _ in questions():
        continue
    await server.stop()


async def talk(port: int, token: str, *, begin_s: float, seconds: float, waits: list[float]) -> None:
    """One device in real time; notes how old words are when they arrive."""
    url = f"ws://127.0.0.1:{port}/v4/listen?codec=pcm16&sample_rate={SAMPLE_RATE}&vad_gate=disabled"
    headers = {"Authorization": f"Bearer {token}"}
    async with websockets.connect(url, additional_headers=headers, compression=None, proxy=None) as device:

        async def listen() -> None:
            newest = ""
            async for message in device:
                now = time.perf_counter()
                said = json.loads(message) if message != "ping" else None
                if isinstance(said, list) and said:
                    word = max(said, key=lambda segment: float(segment["end"]))["text"].split()[-1]
                    if word != newest:
                        newest = word
                        waits.append(now - float(word))

        listening = asyncio.create_task(listen())
        await asyncio.sleep(begin_s)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(round(seconds / FRAME_S)):
            await asyncio.sleep(max(0.0, began + number * FRAME_S - loop.time()))
            await device.send(struct.pack("<d", time.perf_counter()) + _HUM)
        await asyncio.sleep(1.0)
        listening.cancel()


async def crowd(port: int, tokens: list[str], *, seconds: float) -> list[float]:
    """All devices, begun one after the other; how old words were after the first seconds."""
    waits: list[float] = []
    spread_s = _SAID_EVERY_S / max(1, len(tokens))
    await asyncio.gather(
        *(
            talk(port, token, begin_s=3.0 + number * spread_s, seconds=seconds, waits=waits)
            for number, token in enumerate(tokens)
        )
    )
    return waits[len(waits) // 5 :]


def _told(name: str, waits: list[float]) -> tuple[str, float]:
    ordered = sorted(1000 * wait for wait in waits)
    p99 = ordered[int(len(ordered) * 0.99)]
    middle = ordered[len(ordered) // 2]
    return f"{name}: p50 {middle:.1f} ms  p99 {p99:.1f} ms  longest {ordered[-1]:.1f} ms  ({len(ordered)})", p99


def main() -> int:
    """Measure and print; 1 if either is 20 ms or more at the 99th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    nice()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {_OTHERS_CORE})
    stores = Child("bench.listen_servers", "stores", core=_OTHERS_CORE)
    provider = Child("bench.listen_latency", "provider", core=_OTHERS_CORE)
    environment = {
        **stores.said["environment"],
        "STREAMING_TRANSCRIBERS": "deepgram",
        "DEEPGRAM_API_KEY": _KEY,
        "DEEPGRAM_URL": f"http://127.0.0.1:{provider.said['port']}",
    }
    ours = Child("bench.listen_latency", "ours", core=_SERVER_CORE, environment=environment)
    try:
        tokens = stores.said["tokens"][: options.streams]
        words = asyncio.run(crowd(ours.said["port"], tokens, seconds=options.seconds))
        frames = provider.ask()
        frames = frames[len(frames) // 5 :]  # after everybody has begun
    finally:
        for child in (ours, provider, stores):
            child.stop()
    to_provider, first = _told("frame in -> provider's socket", frames)
    to_client, second = _told("provider's word -> client's event", words)
    print(f"{options.streams} streams in real time\n{to_provider}\n{to_client}")
    return int(max(first, second) >= 20.0)


if __name__ == "__main__":
    if sys.argv[1:] == ["provider"]:
        uvloop.run(serve_provider())
    elif sys.argv[1:] == ["ours"]:
        uvloop.run(serve_ours())
    else:
        raise SystemExit(main())
