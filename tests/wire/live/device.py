"""A client of the listen socket that can be told what to say and keeps what it is told.

It speaks numbers: a second of `n` is a second of PCM whose every sample is `n`, so that stored audio can be read back.
"""

import json
import struct
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from types import MappingProxyType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

FRAME_S = 0.1
PATIENCE_S = 8.0
PCM = "codec=pcm16&sample_rate=16000"


def frames(number: int, *, seconds: float = 1.0) -> Iterator[bytes]:
    """`number`, said for so long."""
    frame = struct.pack("<h", number) * round(FRAME_S * SAMPLE_RATE)
    for _ in range(round(seconds / FRAME_S)):
        yield frame


def numbers(pcm: bytes) -> list[int]:
    """What is said in every tenth of a second."""
    step = round(FRAME_S * BYTES_PER_SECOND)
    return [struct.unpack_from("<h", pcm, at)[0] for at in range(0, len(pcm) - step + 1, step)]


class Device:
    """One connection.

    Args:
        address: the service's http address.
        token: what it signs in with; None sends no header.
        query: the query string.
        path: the endpoint.
        headers: what else the handshake says.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None,
        query: str = PCM,
        path: str = "/v4/listen",
        headers: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        headers = {**headers, **({} if token is None else {"Authorization": f"Bearer {token}"})}
        url = f"{address.replace('http', 'ws', 1)}{path}?{query}"
        self.messages: list[Any] = []
        self._closing = ExitStack()
        # Without a bound on what waits to be read, an unread message does not hide the good-bye.
        options = {"max_size": None, "max_queue": None, "proxy": None, **options}
        opening = connect(url, additional_headers=headers, **options)
        self.socket = self._closing.enter_context(opening)

    def say(self, *said: int, seconds: float = 1.0) -> None:
        """Send each number for so long, as fast as the service takes it."""
        for number in said:
            for frame in frames(number, seconds=seconds):
                self.socket.send(frame)

    def send(self, message: str | bytes) -> None:
        self.socket.send(message)

    def tell(self, kind: str, **fields: Any) -> None:
        """Send a JSON message."""
        self.socket.send(json.dumps({"type": kind, **fields}))

    def until(self, condition: Callable[[], object], *, what: str, within_s: float = PATIENCE_S) -> None:
        """Read until `condition` holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            try:
                self._read(deadline - time.monotonic())
            except TimeoutError:
                raise AssertionError(f"not within {within_s:.0f} s: {what}; was told {self.messages}") from None

    def until_event(self, kind: str, **options: Any) -> dict[str, Any]:
        """Read until the first event of this type."""
        self.until(lambda: self.events(kind), what=kind, **options)
        return self.events(kind)[0]

    def until_stored(self, seconds: float, *, after: Collection[str] = (), **options: Any) -> str:
        """Read until so many seconds are safe of a conversation that is none of `after`; returns which one that is."""

        def stored() -> list[str]:
            return [
                str(event["conversation_id"])
                for event in self.events("audio_stored")
                if event["until_s"] >= seconds - 0.05 and event["conversation_id"] not in after
            ]

        self.until(stored, what=f"{seconds} s stored", **options)
        return stored()[-1]

    def until_heard(self, *said: int, **options: Any) -> None:
        """Read until all of these numbers are in the transcript."""
        self.until(lambda: set(said) <= set(self.heard), what=f"{said} heard", **options)

    def quiet(self, seconds: float) -> None:
        """Read for so long, whatever comes."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._read(deadline - time.monotonic())
            except TimeoutError:
                return

    def closed(self, *, within_s: float = PATIENCE_S) -> tuple[int, str]:
        """Read until the service ends the connection; with which code and reason."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                self._read(deadline - time.monotonic())
            except ConnectionClosed as closed:
                last = closed.rcvd
                return (last.code, last.reason) if last is not None else (1006, "closed without a word")

    def close(self) -> None:
        self._closing.close()

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if isinstance(message, dict) and message["type"] == kind]

    @property
    def statuses(self) -> list[str]:
        return [event["status"] for event in self.events("service_status")]

    @property
    def segments(self) -> list[dict[str, Any]]:
        """The transcript as a client shows it: by id, the newest version of each, in order of time."""
        known: dict[str, dict[str, Any]] = {}
        for message in self.messages:
            if isinstance(message, list):
                known |= {segment["id"]: segment for segment in message}
            elif isinstance(message, dict) and message["type"] == "segments_deleted":
                known = {each: segment for each, segment in known.items() if each not in message["segment_ids"]}
        return sorted(known.values(), key=lambda segment: float(segment["start"]))

    @property
    def heard(self) -> list[int]:
        """The numbers in the transcript."""
        return [int(number) for segment in self.segments for number in segment["text"].split()]

    def _read(self, timeout_s: float) -> None:
        message = self.socket.recv(timeout=max(0.0, timeout_s))
        self.messages.append(message if message == "ping" else json.loads(message))
