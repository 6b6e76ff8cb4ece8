"""The servers of `bench.listen`: ours, and bare ones that only count what arrives. One per process.

python -m bench.listen_servers stores|provider|ours|heard|starlette|websockets|picows|decoding

Each prints where it listens; then every line on standard input is answered with what it has used since it began.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import picows
import uvicorn
import uvloop
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from bench.child import questions
from common.conversations.live import channel, preparing
from common.core.logs import configure
from common.core.process import settle
from common.database import audio_blocks
from common.entry.listening.server import ListenServer, never_stand_still
from common.speech.gate import Passage
from common.speech.opus import OpusDecoder
from common.speech.transcriber import BYTES_PER_SECOND, Heard
from local.http import bound_socket
from tests.support.stores import running_stores

USERS = 2000
_BINARY = picows.WSMsgType.BINARY
_SETTLED_EVERY_S = 1.0
_WATCHED_EVERY_S = 0.005


class Counts:
    """What a server has received, and how long its event loop stood still at most."""

    def __init__(self) -> None:
        self.frames = 0
        self.stall_s = 0.0

    async def watch(self) -> None:
        """Notice when the event loop stands still."""
        before = time.perf_counter()
        while True:
            await asyncio.sleep(_WATCHED_EVERY_S)
            now = time.perf_counter()
            self.stall_s = max(self.stall_s, now - before - _WATCHED_EVERY_S)
            before = now

    def report(self) -> dict[str, float]:
        """Processor seconds, resident MB, frames, the longest stall in ms since the last report."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        stall, self.stall_s = self.stall_s, 0.0
        return {
            "cpu_s": used.ru_utime + used.ru_stime,
            "rss_mb": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            "frames": self.frames,
            "stall_ms": 1000 * stall,
        }


class Deaf:
    """A recogniser that takes everything, understands nothing, and says so once per second of audio."""

    name = "deaf"
    longest_s: float | None = None

    def understands(self, language: str) -> bool:  # noqa: ARG002 - the port has it
        """Nothing, in any language."""
        return True

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> "DeafStream":  # noqa: ARG002
        """Take a stream."""
        return DeafStream()


class DeafStream:
    """Counts seconds."""

    def __init__(self) -> None:
        self._bytes = 0
        self._told = 0.0
        self._news = asyncio.Event()
        self._finished = False

    async def send(self, pcm: bytes) -> None:
        """Take audio."""
        self.offer(pcm)

    def offer(self, pcm: bytes) -> bool:
        """Take audio."""
        self._bytes += len(pcm)
        if self._bytes / BYTES_PER_SECOND - self._told >= _SETTLED_EVERY_S:
            self._news.set()
        return True

    async def keep_alive(self) -> None:
        """Nothing is needed."""

    async def finish(self) -> None:
        """End soon."""
        self._finished = True
        self._news.set()

    async def aclose(self) -> None:
        """Nothing is open."""

    async def __aiter__(self) -> AsyncIterator[Heard]:
        while not self._finished:
            await self._news.wait()
            self._news.clear()
            self._told = self._bytes / BYTES_PER_SECOND
            yield Heard((), self._told)


class Indifferent:
    """Tells of no voices: what does so without a voice gate is no part of what is measured, as little as the gate."""

    def feed(self, begin: float, pcm: bytes) -> list[Passage]:  # noqa: ARG002 - it has the form of another
        """Nobody."""
        return []

    def flush(self) -> list[Passage]:
        """Nobody."""
        return []


async def _answer(counts: Counts) -> None:
    """Answer every line until there are no more."""
    watching = asyncio.create_task(counts.watch())
    async for _ in questions():
        print(json.dumps(counts.report()), flush=True)
    watching.cancel()


async def serve_ours(counts: Counts) -> None:
    """The product: decoding, buffering, batches to the recogniser and blocks to the bucket; recognition is stubbed."""
    deaf = Deaf()
    preparing.streaming_transcribers = lambda language: [deaf]  # type: ignore[attr-defined]  # noqa: ARG005
    await serve_heard(counts)


async def serve_heard(counts: Counts) -> None:
    """The same with the recogniser that the environment names."""
    os.environ["VOICE_GATE"] = "false"
    channel.Loudness = Indifferent  # type: ignore[assignment, attr-defined]
    put = audio_blocks.put

    def count(block: Any, data: bytes, **where: Any) -> None:
        put(block, data, **where)
        counts.frames += round((block.end - block.start) * 50)

    audio_blocks.put = count
    listener = bound_socket("127.0.0.1", 0)
    listener.listen(1024)
    server = ListenServer()
    await server.start(listener)
    never_stand_still()
    configure(sys.stderr)  # standard output is for answers
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    await _answer(counts)
    await server.stop()


async def serve_provider(_: Counts) -> None:
    """A recogniser that speaks as Deepgram does, understands nothing, and says so once per second of audio."""

    class Recogniser(picows.WSListener):
        def __init__(self) -> None:
            self._bytes = self._told = 0

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if frame.msg_type == _BINARY:
                self._bytes += frame.payload_size
                if self._bytes - self._told >= _SETTLED_EVERY_S * BYTES_PER_SECOND:
                    transport.send(picows.WSMsgType.TEXT, _nothing(self._told, self._bytes))
                    self._told = self._bytes
            elif frame.msg_type == picows.WSMsgType.CLOSE or b"CloseStream" in frame.get_payload_as_bytes():
                transport.disconnect()

    server = await picows.ws_create_server(lambda _: Recogniser(), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    environment = {"STREAMING_TRANSCRIBERS": "deepgram", "DEEPGRAM_API_KEY": "bench", "DEEPGRAM_URL": url}
    print(json.dumps({"environment": environment}), flush=True)
    async for _line in questions():
        continue
    server.close()


def _nothing(since: int, until: int) -> bytes:
    """That nothing was said between two places in the audio, in bytes."""
    start, end = since / BYTES_PER_SECOND, until / BYTES_PER_SECOND
    alternatives = [{"transcript": "", "confidence": 0.0, "words": []}]
    results = {"start": start, "duration": end - start, "is_final": True, "channel": {"alternatives": alternatives}}
    return json.dumps({"type": "Results", **results}).encode()


async def serve_starlette(counts: Counts) -> None:
    """Starlette on uvicorn."""

    async def count(socket: WebSocket) -> None:
        await socket.accept()
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            counts.frames += message.get("bytes") is not None

    app = Starlette(routes=[WebSocketRoute("/v4/listen", count)])
    listener = bound_socket("127.0.0.1", 0)
    listener.listen(1024)
    config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    await _answer(counts)
    server.should_exit = True
    await serving


async def serve_websockets(counts: Counts) -> None:
    """The `websockets` library."""

    async def count(connection: websockets.ServerConnection) -> None:
        async for _ in connection:
            counts.frames += 1

    async with websockets.serve(count, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(json.dumps({"port": next(iter(server.sockets)).getsockname()[1]}), flush=True)
        await _answer(counts)


async def serve_picows(counts: Counts, *, decodes: bool = False) -> None:
    """The `picows` library, which ours is built on; with `decodes` each frame is given to libopus, and no more."""

    class Counter(picows.WSListener):
        def __init__(self) -> None:
            self._decoder = OpusDecoder(nominal_seconds=0.02) if decodes else None

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if frame.msg_type == _BINARY:
                packet = frame.get_payload_as_bytes()
                counts.frames += 1
                if self._decoder is not None:
                    self._decoder.decode_many((packet,))
            elif frame.msg_type == picows.WSMsgType.CLOSE:
                transport.disconnect()

    server = await picows.ws_create_server(lambda _: Counter(), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await _answer(counts)
    server.close()


async def serve_decoding(counts: Counts) -> None:
    """Bare picows and libopus."""
    await serve_picows(counts, decodes=True)


def serve_stores() -> None:
    """Run the stores; prints what leads to them, and tokens of many users."""
    with tempfile.TemporaryDirectory() as folder, running_stores(Path(folder), scale=1.0) as stores:
        tokens = [stores.identity.id_token(f"user-{number}", expires_in_s=24 * 3600) for number in range(USERS)]
        print(json.dumps({"environment": stores.environment, "tokens": tokens}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "stores":
        serve_stores()
    else:
        settle()
        servers: dict[str, Callable[[Counts], Coroutine[Any, Any, None]]] = {
            "provider": serve_provider,
            "ours": serve_ours,
            "heard": serve_heard,
            "starlette": serve_starlette,
            "websockets": serve_websockets,
            "picows": serve_picows,
            "decoding": serve_decoding,
        }
        uvloop.run(servers[sys.argv[1]](Counts()))
