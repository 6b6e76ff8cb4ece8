"""The listen socket: authentication, limits and close codes around a LiveSession (CONTRACT sections 1.3 and 1.10)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPIError
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from common.conversations.live.instance import Instance
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.session import LiveSession
from common.core.errors import (
    RetryableError,
    TokenExpiredError,
    UnauthenticatedError,
    UnsupportedAudioError,
)
from common.core.logs import bind, get_logger, where
from common.entry.auth import bearer_token, verify_token
from common.speech.providers import streaming_transcriber

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LARGEST_FRAME = 64 * 1024
PING_S = 10.0
INACTIVITY_S = 90.0
"""These two concern a peer who lives in real time: they are never scaled."""

_GOODBYE_S = 2.0
"""How long a peer that does not read may hold up the end of its connection."""

GOING_AWAY, BAD_AUDIO, POLICY, TOO_BIG, SERVER_ERROR, TRY_LATER = 1001, 1003, 1008, 1009, 1011, 1013
TOKEN_EXPIRED = 4001


class _Closing(Exception):  # noqa: N818 - carries a close code through the stack, no error by itself
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ListenEndpoint:
    """Serves `/v4/listen`; one per process, so that its connections share one watch."""

    def __init__(self) -> None:
        self._instance: Instance | None = None

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one connection to its end."""
        # A close code reaches the client only on an accepted socket; nothing is read from it before the token is good.
        await socket.accept()
        try:
            await self._serve(socket)
        except _Closing as closing:
            await _close(socket, closing.code, closing.reason)
        except WebSocketDisconnect:
            return
        except GoogleAPIError as error:
            get_logger().error("listen_interrupted", error=type(error).__name__, at=where(error))
            await _close(socket, TRY_LATER, "a store is away")
        except Exception as error:  # noqa: BLE001 - the last line before the wire
            get_logger().error("listen_failed", error=type(error).__name__, at=where(error))
            await _close(socket, SERVER_ERROR, "internal error")

    def close(self) -> None:
        """End the shared watch."""
        if self._instance is not None:
            self._instance.close()

    async def _serve(self, socket: WebSocket) -> None:
        uid = await _authenticate(socket)
        bind(uid=uid, step="listen")
        parameters = _parameters(socket)
        if parameters.channels > 1:
            raise _Closing(BAD_AUDIO, "only one channel is understood")
        if self._instance is None:
            self._instance = Instance()
        outgoing = Outgoing(lambda message: _send(socket, message))
        try:
            session = LiveSession(
                uid=uid,
                parameters=parameters,
                outgoing=outgoing,
                transcriber=streaming_transcriber(),
                instance=self._instance,
            )
        except UnsupportedAudioError as error:
            raise _Closing(BAD_AUDIO, str(error)) from error
        sending = asyncio.create_task(outgoing.run())
        pinging = asyncio.create_task(self._ping(outgoing, self._instance))
        try:
            await session.run(_frames(socket))
        except SlowReaderError as error:
            raise _Closing(TRY_LATER, str(error)) from error
        finally:
            pinging.cancel()
            with suppress(TimeoutError):  # the last words still reach who reads
                await asyncio.wait_for(outgoing.flushed(), _GOODBYE_S)
            sending.cancel()

    @staticmethod
    async def _ping(outgoing: Outgoing, instance: Instance) -> None:
        while True:
            await asyncio.sleep(PING_S)
            with suppress(SlowReaderError):  # the session is about to find out, and parts from the reader
                outgoing.ping()
            try:
                await instance.ensure_watching()
            except GoogleAPIError as error:
                get_logger().warning("watch_not_restarted", error=type(error).__name__)


async def _authenticate(socket: WebSocket) -> str:
    try:
        token = bearer_token(socket.headers.get("authorization"))
        return await asyncio.to_thread(verify_token, token)
    except TokenExpiredError as error:
        raise _Closing(TOKEN_EXPIRED, str(error)) from error
    except UnauthenticatedError as error:
        raise _Closing(POLICY, str(error)) from error
    except RetryableError as error:
        raise _Closing(TRY_LATER, str(error)) from error


def _parameters(socket: WebSocket) -> ListenParameters:
    try:
        return ListenParameters.model_validate(dict(socket.query_params))
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors())
        raise _Closing(POLICY, f"unusable parameters: {fields}") from error


async def _frames(socket: WebSocket) -> AsyncIterator[bytes]:
    """The binary messages of a client until it leaves.

    Raises:
        _Closing: it must be told why we end the connection.
    """
    while True:
        try:
            # Not wait_for: up to Python 3.11 it may swallow being cancelled, and go on receiving for nobody.
            async with asyncio.timeout(INACTIVITY_S):
                message = await socket.receive()
        except TimeoutError as error:
            raise _Closing(GOING_AWAY, "inactivity") from error
        if message["type"] == "websocket.disconnect":
            return
        frame: bytes | None = message.get("bytes")
        if frame is None:
            continue
        if len(frame) > LARGEST_FRAME:
            raise _Closing(TOO_BIG, "an audio frame holds 64 KiB at most")
        yield frame


async def _send(socket: WebSocket, message: Any) -> None:
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        if isinstance(message, str):
            await socket.send_text(message)
        else:
            await socket.send_json(message)
    except (WebSocketDisconnect, RuntimeError):
        return  # the client has left; who receives notices


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            # A peer that never reads is not waited for until TCP gives up.
            await asyncio.wait_for(socket.close(code, reason[:100]), _GOODBYE_S)
