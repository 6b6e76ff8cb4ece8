"""A fault of Firestore's: it takes its time."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_STALLS = 0.002
"""The part of the calls that take far longer."""
_STALL = 20.0
"""How many times the longest delay these take."""


class Slowness(grpc.aio.ServerInterceptor):
    """Has every call wait before it begins, for a random time; a few stall.

    Args:
        longest_s: the longest delay but for stalls, in real seconds: networks don't run faster with TIME_SCALE.
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._random = random.Random()  # noqa: S311 - no secret

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wait, then go on."""
        stalls = self._random.random() < _STALLS
        await asyncio.sleep(self._longest_s * (_STALL if stalls else self._random.random()))
        return await continuation(handler_call_details)
