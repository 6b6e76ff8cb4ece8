"""The devices of `bench.listen`: many WebSockets in one thread, as cheap as sockets get.

Each sends 20 ms Opus frames 50 times a second, and once a second a ping whose answer is timed. Frames are masked with
zeros, which is a mask like any other and costs nothing.
"""

import os
import selectors
import socket
import struct
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

from common.speech.files import decode_file
from common.speech.opus import OpusEncoder
from local.demo.script import RECORDING

FRAME_S = 0.02
_PING_EVERY = 50
_BLOCK_FRAMES = 250
_FIN_BINARY, _FIN_CLOSE, _FIN_PING, _FIN_PONG = 0x82, 0x88, 0x89, 0x8A
_MASKED = 0x80
_NO_MASK = b"\0\0\0\0"


def opus_frames(seconds: int = 20) -> list[bytes]:
    """Frames of a meeting as a wearable sends them, on the wire already."""
    with RECORDING.open("rb") as file:
        pcm = b"".join(islice(decode_file(file), seconds))
    encoder = OpusEncoder(frame_seconds=FRAME_S)
    step = encoder.samples * 2
    return [_message(_FIN_BINARY, encoder.encode(pcm[at : at + step])) for at in range(0, len(pcm) - step + 1, step)]


class Device:
    """One connection."""

    def __init__(self, port: int, *, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0
        self.waits: list[float] = []
        self.lost = False
        head = (
            "GET /v4/listen?codec=opus_fs320&sample_rate=16000 HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        )
        self.socket.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(4096)
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"no upgrade: {answer[:100]!r}")
        self._read = answer.partition(b"\r\n\r\n")[2]
        self.socket.settimeout(0)

    def send(self, frame: bytes) -> bool:
        """Send a frame; False when the socket takes no more."""
        taken = self._put(frame)
        self.sent += taken
        return taken

    def ping(self) -> None:
        """Ask for a sign of life, which says when it was asked for."""
        self._put(_message(_FIN_PING, struct.pack("<d", time.perf_counter())))

    def receive(self) -> None:
        """Read what is there; note how long pings took, and answer those of the server."""
        try:
            data = self.socket.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.lost = True
            return
        now = time.perf_counter()
        self._read += data
        while (message := self._next()) is not None:
            kind, payload = message
            if kind == _FIN_PONG:
                self.waits.append(now - struct.unpack("<d", payload)[0])
            elif kind == _FIN_PING:
                self._put(_message(_FIN_PONG, payload))

    def close(self) -> None:
        """Say good-bye and close."""
        self._put(_message(_FIN_CLOSE, struct.pack(">H", 1000)))
        self.socket.close()

    def _put(self, message: bytes) -> bool:
        try:
            return self.socket.send(message) == len(message)
        except BlockingIOError:
            return False
        except OSError:
            self.lost = True
            return False

    def _next(self) -> tuple[int, bytes] | None:
        data = self._read
        if len(data) < 2:
            return None
        size, at = data[1], 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(data[2:10], "big"), 10
        if len(data) < at + size:
            return None
        self._read = data[at + size :]
        return data[0], data[at : at + size]


class Crowd:
    """Many devices that talk at the same time."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self._selector = selectors.DefaultSelector()
        self.devices: list[Device] = []
        self._port = port
        self._tokens = tokens
        self._frames = opus_frames()
        self.late_s = 0.0
        self._begun = 0

    def grow(self, size: int) -> None:
        """Have so many devices."""
        while len(self.devices) < size:
            device = Device(self._port, token=self._tokens[len(self.devices)])
            self.devices.append(device)
            self._selector.register(device.socket, selectors.EVENT_READ, device)
            if len(self.devices) % 50 == 0:
                self.read(0.05)

    def begin(self) -> None:
        """Those that are new begin to talk, at different moments of the time between two blocks."""
        for device in self.devices[self._begun :]:
            for number in range(1 + 53 * self._begun % _BLOCK_FRAMES):
                device.send(self._frames[number % len(self._frames)])
            self._begun += 1
            self.read(0.002)

    def talk(self, seconds: float, *, speed: float = 1.0) -> int:
        """All of them send for so long, `speed` times as fast as people talk; how many frames were refused."""
        tick_s = FRAME_S / speed
        refused, began = 0, time.perf_counter()
        self.late_s = 0.0
        # Spread over the tick, as if they had begun at different moments.
        parts = [self.devices[part::8] for part in range(8)]
        for tick in range(round(seconds / tick_s)):
            for part, devices in enumerate(parts):
                due = began + (tick + part / len(parts)) * tick_s
                now = time.perf_counter()
                if now < due:
                    self.read(due - now)
                else:
                    self.late_s = max(self.late_s, now - due)
                for number, device in enumerate(devices):
                    refused += not device.send(self._frames[(tick + 37 * number) % len(self._frames)])
                    if (tick + number) % _PING_EVERY == 0:
                        device.ping()
        return refused

    def read(self, seconds: float) -> None:
        """Read whatever comes for so long."""
        end = time.perf_counter() + seconds
        while True:
            left = end - time.perf_counter()
            for key, _ in self._selector.select(max(0.0, left)):
                key.data.receive()
                if key.data.lost:
                    self._selector.unregister(key.fileobj)
            if left <= 0:
                return

    def waits(self) -> list[float]:
        """How long pings took since the last time this was asked, in seconds."""
        found = [wait for device in self.devices for wait in device.waits]
        for device in self.devices:
            device.waits = []
        return found

    @property
    def sent(self) -> int:
        """Frames that all devices have sent."""
        return sum(device.sent for device in self.devices)

    @property
    def lost(self) -> int:
        """Connections that are over."""
        return sum(device.lost for device in self.devices)

    def close(self) -> None:
        """All leave."""
        for device in self.devices:
            device.close()


def _message(kind: int, payload: bytes) -> bytes:
    if len(payload) < 126:
        head = bytes([kind, _MASKED | len(payload)])
    else:
        head = bytes([kind, _MASKED | 126]) + len(payload).to_bytes(2, "big")
    return head + _NO_MASK + payload


def nice() -> None:
    """Ask for the processor before others on a shared machine, where that is allowed; children inherit it."""
    with suppress(OSError):
        os.nice(-19)
        os.setsid()  # a group of its own, which Linux gives its share as a whole
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("-19", encoding="ascii")
