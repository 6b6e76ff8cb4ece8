"""StreamingPull: messages as they come, acknowledgements back, within the client's flow control."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import grpc
from google.pubsub_v1 import types

from local.pubsub.broker import Broker
from local.pubsub.config import ACK_DEADLINE_S
from local.rpc import RpcError, invalid

_Response = types.StreamingPullResponse.pb()
_BATCH = 100
_UNLIMITED = 1_000_000


async def serve_stream(
    broker: Broker, pullable: Callable[[str], Any], requests: AsyncIterator[Any], stopping: asyncio.Event
) -> AsyncIterator[Any]:
    """Responses for one stream, until the client ends it, the subscription goes or the server stops."""
    first = await anext(requests, None)
    if first is None:
        return
    stream = _Stream(broker, pullable, first)
    reading = asyncio.create_task(stream.read(requests))
    try:
        while not reading.done():
            if stopping.is_set():
                raise RpcError(grpc.StatusCode.UNAVAILABLE, "The service was unable to fulfill your request.")
            received = stream.take()
            if received:
                yield _Response(received_messages=received)
            else:
                await broker.wait(stream.name, None, full=stream.full)
        reading.result()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, RpcError):
            await reading


class _Stream:
    """What one stream has asked for and holds."""

    def __init__(self, broker: Broker, pullable: Callable[[str], Any], first: Any) -> None:
        self.name: str = first.subscription
        self._broker = broker
        self._pullable = pullable
        self._most = first.max_outstanding_messages if first.max_outstanding_messages > 0 else _UNLIMITED
        self._most_bytes = first.max_outstanding_bytes if first.max_outstanding_bytes > 0 else None
        self._held: dict[str, int] = {}
        self._set_deadline(first.stream_ack_deadline_seconds)
        pullable(self.name)
        self._apply(first)

    @property
    def full(self) -> bool:
        """Whether the client wants nothing more before it has acknowledged something."""
        too_many_bytes = self._most_bytes is not None and sum(self._held.values()) >= self._most_bytes
        return len(self._held) >= self._most or too_many_bytes

    def take(self) -> list[Any]:
        """Messages that are due and fit the client's limits."""
        subscription = self._pullable(self.name)
        alive = self._broker.still_leased(list(self._held))
        self._held = {ack_id: size for ack_id, size in self._held.items() if ack_id in alive}
        if self.full:
            return []
        received = self._broker.lease(subscription, min(_BATCH, self._most - len(self._held)), self._deadline_s)
        self._held |= {each.ack_id: each.message.ByteSize() for each in received}
        return received

    async def read(self, requests: AsyncIterator[Any]) -> None:
        """Carry out what the client sends, until it ends the stream."""
        try:
            async for request in requests:
                if request.stream_ack_deadline_seconds:
                    self._set_deadline(request.stream_ack_deadline_seconds)
                self._apply(request)
        finally:
            self._broker.notify(self.name)

    def _set_deadline(self, seconds: int) -> None:
        least, most = ACK_DEADLINE_S
        if not least <= seconds <= most:
            raise invalid(f"Invalid stream_ack_deadline_seconds: {seconds}")
        self._deadline_s = float(seconds)

    def _apply(self, request: Any) -> None:
        subscription = self._pullable(self.name)
        if len(request.modify_deadline_ack_ids) != len(request.modify_deadline_seconds):
            raise invalid("modify_deadline_ack_ids and modify_deadline_seconds differ in length.")
        if request.ack_ids:
            self._broker.acknowledge(subscription, request.ack_ids)
        for ack_id, seconds in zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=True):
            self._broker.modify_deadline(subscription, [ack_id], seconds)
