"""The storm's wearables: each says numbers for many minutes, loses its connection, and says the next ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.protocol import State

from common.core import clock
from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.storm.numbers import NUMBER_S, quiet, speech_of

_PACKET_S, _MESSAGE_S = 0.02, 0.1
_PACKET = round(_PACKET_S * BYTES_PER_SECOND)
_MESSAGE = round(_MESSAGE_S * BYTES_PER_SECOND)
_SHORT_PAUSES, _LONG_PAUSES, _LONG_PART = (0.25, 1.4), (3.0, 12.0), 0.03
_LONE_TAIL = 6
"""Packets after a number in which it may still ring."""
_PAUSE_BEFORE_RECONNECTING_S = 1.0
"""Real seconds: no network is faster with TIME_SCALE."""
_UNTIL_CONNECTED_S = 120.0
_MOST_UNSTORED_S = 40.0
"""A device has no large buffers: what is on its way, and would be lost, is no more than this."""


@dataclass(frozen=True)
class Plan:
    """What one device does. Seconds are of audio.

    `first`: the first number of each channel. `breaks`: how much is sent between two disconnects, on average.
    `silences`: after how much a silence begins that ends a conversation, and how long it is.
    """

    uid: str
    seed: int
    firsts: tuple[int, ...]
    seconds: float
    codec: str = "pcm16"
    breaks: float = 240.0
    silences: tuple[float, ...] = ()
    silence_s: float = 170.0
    gated: bool = False

    @property
    def query(self) -> str:
        return (
            f"codec={self.codec}&sample_rate=16000&language=en&channels={len(self.firsts)}"
            f"&vad_gate={'enabled' if self.gated else 'disabled'}"
        )


@dataclass
class Voice:
    """One channel: numbers that count up, with pauses between them.

    `ended`: per connection the numbers it was given, with the moment each ends at.
    """

    plan: Plan
    number: int
    random: Random
    said: float = 0.0
    silences: list[float] = field(default_factory=list)
    ended: list[list[tuple[float, int]]] = field(default_factory=list)

    def pieces(self) -> Iterator[tuple[bytes, float]]:
        """A number's PCM and the seconds of silence after it, again and again, for one connection."""
        ended: list[tuple[float, int]] = []
        self.ended.append(ended)
        at = self.random.uniform(0.0, 2.0)
        yield b"", at
        while True:
            pause = self.random.uniform(*(_LONG_PAUSES if self.random.random() < _LONG_PART else _SHORT_PAUSES))
            if self.silences and self.said >= self.silences[0]:
                self.silences.pop(0)
                pause = self.plan.silence_s
            speech = speech_of(self.number)
            ended.append((at + NUMBER_S, self.number))
            at += NUMBER_S + pause
            self.number += 1
            self.said += NUMBER_S + pause
            yield speech, pause


class Device:
    """Connects, sends, is disconnected, connects again, until everything was said.

    `stored`: per connection and conversation the moments of its first and last stored block, as it was told.
    """

    def __init__(self, plan: Plan, *, url: str, token: str, speed: float) -> None:
        self.plan = plan
        self._url = f"{url.replace('http', 'ws', 1)}/v4/listen?{plan.query}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._speed = speed
        self._random = Random(plan.seed)  # noqa: S311 - no secret
        self.voices = [
            Voice(plan, first, Random(plan.seed + first), silences=list(plan.silences))  # noqa: S311 - as above
            for first in plan.firsts
        ]
        self.sent_s = 0.0
        self.stored: list[dict[str, tuple[float, float]]] = []
        self.refusals: list[str] = []

    @property
    def acknowledged(self) -> set[int]:
        """Numbers of the first channel that are stored, by what the device was told; not all, but no others."""
        found: set[int] = set()
        for ended, stored in zip(self.voices[0].ended, self.stored, strict=True):
            found |= {number for at, number in ended if at <= _safe_s(stored)}
        return found

    async def run(self) -> None:
        """Until everything is said."""
        while self.sent_s < self.plan.seconds:
            socket = await self._connect()
            self.stored.append({})
            reading = asyncio.create_task(self._read(socket, self.stored[-1]))
            try:
                with suppress(WebSocketException, OSError):
                    await self._send(socket, for_s=self._random.expovariate(1 / self.plan.breaks) + 5.0)
            finally:
                await self._disconnect(socket)
                await reading
            await asyncio.sleep(_PAUSE_BEFORE_RECONNECTING_S)

    async def _connect(self) -> ClientConnection:
        deadline = clock.monotonic() + _UNTIL_CONNECTED_S
        while True:
            try:
                return await connect(
                    self._url, additional_headers=self._headers, compression=None, max_size=None, ping_interval=None
                )
            except (OSError, InvalidHandshake, TimeoutError) as error:
                self.refusals.append(type(error).__name__)
                if clock.monotonic() > deadline:
                    raise
            await asyncio.sleep(self._random.uniform(0.1, 0.4))

    async def _disconnect(self, socket: ClientConnection) -> None:
        """As a device that says goodbye, or as one that is out of reach."""
        if self._random.random() < 0.5:
            socket.transport.abort()
        await socket.close()

    async def _read(self, socket: ClientConnection, stored: dict[str, tuple[float, float]]) -> None:
        with suppress(WebSocketException, OSError):
            async for message in socket:
                told: Any = None if message == "ping" else json.loads(message)
                if isinstance(told, dict) and told.get("type") == "audio_stored":
                    first, _ = stored.get(told["conversation_id"], (told["until_s"], 0.0))
                    stored[told["conversation_id"]] = (first, told["until_s"])

    async def _send(self, socket: ClientConnection, *, for_s: float) -> None:
        """Say the next numbers, at speed, for so many seconds."""
        began = clock.monotonic()
        sent = 0.0
        for seconds, frames in self._frames():
            for frame in frames:
                await socket.send(frame)
            sent += seconds
            self.sent_s += seconds
            if sent >= for_s or self.sent_s >= self.plan.seconds:
                return
            while sent - _safe_s(self.stored[-1]) > _MOST_UNSTORED_S and socket.state is State.OPEN:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            ahead = sent / self._speed - (clock.monotonic() - began)
            if ahead > _MESSAGE_S / self._speed:
                await asyncio.sleep(ahead)

    def _frames(self) -> Iterator[tuple[float, list[bytes]]]:
        """Seconds of audio and the messages they are sent in."""
        if self.plan.codec == "opus_fs320":
            for packet in _opus(self.voices[0].pieces()):
                yield _PACKET_S, [packet]
            return
        channels = [_pcm(voice.pieces()) for voice in self.voices]
        if len(channels) == 1:
            for message in channels[0]:
                yield _MESSAGE_S, [message]
            return
        for messages in zip(*channels, strict=True):
            yield _MESSAGE_S, [bytes([number]) + message for number, message in enumerate(messages)]


def _safe_s(stored: dict[str, tuple[float, float]]) -> float:
    """Seconds of a connection that are stored at least: where a conversation's first block begins is not told."""
    return sum(last - first for first, last in stored.values())


def _pcm(pieces: Iterator[tuple[bytes, float]]) -> Iterator[bytes]:
    waiting = b""
    for speech, pause in pieces:
        waiting += speech + quiet(pause)
        whole = len(waiting) // _MESSAGE * _MESSAGE
        yield from (waiting[at : at + _MESSAGE] for at in range(0, whole, _MESSAGE))
        waiting = waiting[whole:]


def _opus(pieces: Iterator[tuple[bytes, float]]) -> Iterator[bytes]:
    """The encoder hears the numbers and their ringing; of silence there is one packet."""
    encoder = OpusEncoder(frame_seconds=_PACKET_S)
    for speech, pause in pieces:
        spoken = len(speech) // _PACKET
        packets = (speech[at : at + _PACKET] for at in range(0, spoken * _PACKET, _PACKET))
        silence = max(0, round(pause / _PACKET_S) - _LONE_TAIL)
        tail = (bytes(_PACKET) for _ in range(_LONE_TAIL))
        yield from (encoder.encode(packet) for packet in chain(packets, tail))
        yield from (_silent_packet() for _ in range(silence))


@cache
def _silent_packet() -> bytes:
    encoder = OpusEncoder(frame_seconds=_PACKET_S)
    return [encoder.encode(bytes(_PACKET)) for _ in range(50)][-1]
