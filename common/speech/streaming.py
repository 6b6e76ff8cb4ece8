"""One live recognition over a WebSocket, whoever recognises: deadlines, back-pressure, closing, and what went wrong.

What a provider says and wants to be told is its `Dialect`, which knows no sockets. Times are real seconds, not nominal
ones: neither a network nor a recogniser runs faster with TIME_SCALE.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import ValidationError

from common.core import clock
from common.core.errors import ProviderError
from common.speech.dialects import Dialect, News
from common.speech.progress import Progress
from common.speech.sockets import open_socket, send_at_once, sends_at_once
from common.speech.transcriber import BYTES_PER_SECOND, Heard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from websockets.asyncio.client import ClientConnection

_REASON_S = 1.0
_STEP_S = 4.0
"""A peer that says nothing for so long is pinged; two more without a pong and it is gone: 12 s, or less."""


class SocketStream:
    """A `TranscriptionStream`.

    Args:
        connection: an open socket.
        dialect: what is spoken over it.
        patience_s: real seconds after which a peer that does not read, or makes no progress, has failed.
    """

    def __init__(self, connection: ClientConnection, dialect: Dialect, *, patience_s: float) -> None:
        self._connection = connection
        self._dialect = dialect
        self._limits = dialect.limits
        self._patience_s = patience_s
        self._silent_s = min(patience_s, self._limits.silent_s)
        self._step_s = min(patience_s / 4, _STEP_S)
        self._odd = b""
        self._progress = Progress(dialect.provider, unsettled_s=dialect.limits.unsettled_s)
        self._finishing = self._closed = self._receiving = False
        self._moved = asyncio.Event()
        self._failure: ProviderError | None = None
        self._progress_at = self._pinged_at = clock.monotonic()
        self._pong: asyncio.Future[float] | None = None

    async def start(self) -> None:
        """Say what the provider wants to hear first, and wait until it is ready."""
        if (opening := self._dialect.opening()) is not None:
            await self._send(opening)
        try:
            async with asyncio.timeout(self._patience_s):
                while not self._dialect.ready:
                    await self._hear()
        except TimeoutError as error:
            raise self._failed("does not begin") from error

    async def send(self, pcm: bytes) -> None:
        """Give more audio, any amount; waits while the provider is behind."""
        pcm = self._odd + pcm
        whole = len(pcm) // 2 * 2
        self._odd = pcm[whole:]
        step = round(self._limits.message_s * BYTES_PER_SECOND)
        for start in range(0, whole, step):
            piece = pcm[start : min(start + step, whole)]
            await self._room()
            self._note(piece)
            await self._send(self._dialect.audio(piece))

    def offer(self, pcm: bytes) -> bool:
        """Give more audio if that takes no waiting; whether it was taken."""
        whole = not self._odd and len(pcm) % 2 == 0 and 0 < len(pcm) <= self._limits.message_s * BYTES_PER_SECOND
        if not (whole and self._has_room and sends_at_once(self._connection)):
            return False
        self._note(pcm)
        send_at_once(self._connection, self._dialect.audio(pcm))
        return True

    async def keep_alive(self) -> None:
        """Keep the stream open though nothing is said."""
        self._progress.ask()
        for message in self._dialect.keep_alive():
            await self._send(message)

    async def finish(self) -> None:
        """Say that no more audio comes."""
        if not self._finishing:
            self._finishing = True
            self._progress_at = clock.monotonic()
            self._progress.ask()
            await self._send(self._dialect.finish())

    async def __aiter__(self) -> AsyncIterator[Heard]:
        """What is heard."""
        self._progress_at = clock.monotonic()
        while (news := await self._next()) is not None:
            if (heard := self._digest(news)) is not None:
                away_from = clock.monotonic()
                yield heard
                self._progress_at += clock.monotonic() - away_from
            if news.finished:
                return

    async def aclose(self) -> None:
        """Drop the stream at once."""
        from websockets.exceptions import WebSocketException

        self._closed = True
        with suppress(OSError, WebSocketException):
            # A peer that does not answer the closing handshake is dropped soon.
            await self._connection.close()

    def _note(self, piece: bytes) -> None:
        """Count what is given; who owed nothing until now has from now on time for it."""
        if not self._owes():
            self._progress_at = clock.monotonic()
        self._progress.sent_bytes += len(piece)

    @property
    def _has_room(self) -> bool:
        return self._progress.sent - self._progress.reached <= self._limits.ahead_s

    async def _room(self) -> None:
        """Wait until the provider has taken in what it was given; only while somebody listens for that."""
        while self._receiving and not self._has_room:
            self._moved.clear()
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._moved.wait()
            except TimeoutError:
                raise self._failed("takes no more audio") from None

    async def _send(self, message: bytes | str) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            async with asyncio.timeout(self._patience_s):
                await self._connection.send(message)
        except TimeoutError as error:
            raise self._failed("takes no more audio") from error
        except ConnectionClosed as error:
            raise await self._reason() from error

    async def _reason(self) -> ProviderError:
        """Why the peer is gone: it said so in its last messages, to whoever listens or, if nobody does, to us."""
        deadline = clock.monotonic() + _REASON_S
        while self._failure is None and not self._closed and clock.monotonic() < deadline:
            if self._receiving:
                await asyncio.sleep(0.01)
                continue
            with suppress(ProviderError):
                if await self._next() is None:
                    break
        return self._failure or ProviderError(f"{self._dialect.provider} closed the stream")

    async def _next(self) -> News | None:
        """The next news; None once this side has closed the stream."""
        while not self._closed:
            if (news := await self._hear()) is not None:
                return news
        return None

    async def _hear(self) -> News | None:
        """The news of the next message, if it comes soon and has any."""
        from websockets.exceptions import ConnectionClosed

        if self._failure is not None:
            raise self._failure
        self._check_progress()
        self._receiving = True
        try:
            message = await self._receive()
            return None if message is None else self._dialect.hear(message)
        except ConnectionClosed as error:
            if self._closed:
                return None
            raise self._noted(self._dialect.closed(error.rcvd.code if error.rcvd else None)) from error
        except ValidationError as error:
            raise self._failed("answered nonsense") from error
        except ProviderError as error:
            self._noted(error)
            raise
        finally:
            self._receiving = False
            self._moved.set()

    async def _receive(self) -> str | bytes | None:
        """A message; None if there was none for a moment."""
        try:
            async with asyncio.timeout(self._step_s):
                message = await self._connection.recv()
        except TimeoutError:
            if self._limits.pings:
                await self._feel_pulse()
            return None
        self._pong = None
        return message

    async def _feel_pulse(self) -> None:
        """Notice a peer that is no longer there though its socket is open."""
        if self._pong is None or self._pong.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._step_s):
                    self._pinged_at = clock.monotonic()
                    self._pong = asyncio.ensure_future(await self._connection.ping())
        elif clock.monotonic() - self._pinged_at > 1.5 * self._step_s:
            raise self._failed("is silent")

    def _owes(self) -> bool:
        return self._finishing or self._progress.sent - self._progress.reached > self._limits.behind_s

    def _check_progress(self) -> None:
        # Silence is fine as long as the provider owes nothing: nobody has sent anything, or not for long.
        if not self._owes():
            self._progress_at = clock.monotonic()
        elif clock.monotonic() - self._progress_at > self._silent_s:
            raise self._failed("is silent")

    def _digest(self, news: News) -> Heard | None:
        before = self._progress.until, self._progress.reached
        try:
            heard = self._progress.take(news)
        except ProviderError as error:
            raise self._noted(error) from None
        if before < (self._progress.until, self._progress.reached):
            self._progress_at = clock.monotonic()
        return heard

    def _failed(self, how: str) -> ProviderError:
        return self._noted(ProviderError(f"{self._dialect.provider} {how}"))

    def _noted(self, failure: ProviderError) -> ProviderError:
        """The first failure is the reason of all others."""
        self._failure = self._failure or failure
        return self._failure


async def open_stream(
    address: str, dialect: Dialect, *, patience_s: float, headers: Mapping[str, str] | None = None
) -> SocketStream:
    """Connect to `address` and begin a recognition; arguments and errors are those of `open_socket`."""
    connection = await open_socket(address, provider=dialect.provider, patience_s=patience_s, headers=headers)
    stream = SocketStream(connection, dialect, patience_s=patience_s)
    try:
        await stream.start()
    except BaseException:
        await stream.aclose()
        raise
    return stream
