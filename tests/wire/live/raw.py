"""A WebSocket client that says exactly what it is told to, however wrong that is."""

import os
import socket
import struct
from base64 import b64encode
from contextlib import suppress
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_PATIENCE_S = 8.0


def frame(kind: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    """One frame as a client sends it; `kind` is its opcode."""
    size, mask = len(payload), 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | kind])
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", size)
    return head + (bytes(4) if masked else b"") + payload  # a mask of zeros leaves the payload as it is


def request(path: str, *, token: str | None, connection: str = "Upgrade") -> bytes:
    """A client's handshake."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        f"Connection: {connection}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class RawClient:
    """One TCP connection."""

    def __init__(self, address: str) -> None:
        url = urlsplit(address)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=_PATIENCE_S)
        self._read = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> bytes:
        """The head of the HTTP answer."""
        while b"\r\n\r\n" not in self._read:
            more = self.socket.recv(65536)
            if not more:
                break
            self._read += more
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        return head

    def next(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload; that of a connection that is over is (-1, b"")."""
        try:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._take(8))
            return first & 0x0F, self._take(size)
        except ConnectionError:
            return -1, b""

    def until(self, kind: int) -> bytes:
        """Pass over frames until one of this kind comes; its payload.

        Raises:
            AssertionError: the connection was over before.
        """
        while True:
            found, payload = self.next()
            if found == kind:
                return payload
            assert found != -1, "the connection is over"

    def closed(self) -> tuple[int, str]:
        """The service's good-bye: code and reason."""
        payload = self.until(CLOSE)
        return struct.unpack(">H", payload[:2])[0], payload[2:].decode()

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()

    def _take(self, size: int) -> bytes:
        while len(self._read) < size:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("over")
            self._read += more
        taken, self._read = self._read[:size], self._read[size:]
        return taken
