"""One port for clients: reads a request's first lines, finds the service for its path, and then only passes bytes on.

Nothing is parsed or buffered beyond the heads, so WebSockets, event streams and large uploads go through as they are.
Each connection serves one request (`Connection: close`), because the next one may be for another service.
As at Cloud Run, an answer that says it has more than 32 MiB goes no further.
"""

import asyncio
import contextlib
import json
import math
import re
from collections.abc import Awaitable, Callable

from common.core import clock
from common.core.logs import get_logger
from local.functions import count_call
from local.operations import Operations

Resolve = Callable[[str], Awaitable[tuple[str, int] | None]]
"""The service for a path, its name and its port; None where there is none. Raises RuntimeError where it does not start.
"""

_LARGEST_HEAD = 64 * 1024
_HEAD_WITHIN_S = 30.0
_LARGEST_ANSWER = 32 * 1024 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+) *\r\n", re.IGNORECASE)
_HEAR_OUT_S = 5.0
_TURN_AWAY_S = 0.2
_MOST = 4096
_CHUNK = 64 * 1024


class Gateway:
    """Accepts clients, `most` at once, and connects them to services.

    Counts in `operations` whom they ask, and what they are sent.
    """

    def __init__(self, resolve: Resolve, operations: Operations | None = None, *, most: int = _MOST) -> None:
        self._resolve = resolve
        self._most = most
        self._operations = operations or Operations()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop; returns the port.

        Raises:
            OSError: the port is taken.
        """
        self._server = await asyncio.start_server(self._on_client, host, port, limit=_LARGEST_HEAD)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Accept nobody any more and drop who is connected."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in self._open:
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # accepted in the moment of stopping
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._serve(reader, writer)
            writer.close()
        except asyncio.CancelledError:  # by `stop`; asyncio's own callback takes no cancelled task
            writer.transport.abort()
        except BaseException:
            writer.transport.abort()
            raise

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) > self._most:
            await _refuse(reader, writer, 503, "Too many connections", within_s=_TURN_AWAY_S)
            return
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_WITHIN_S)
        except asyncio.LimitOverrunError:
            await _refuse(reader, writer, 431, "Request Header Fields Too Large")
            return
        except TimeoutError:
            await _refuse(reader, writer, 408, "Request Timeout", within_s=_TURN_AWAY_S)
            return
        request_line, *_ = head.split(b"\r\n", 1)
        parts = request_line.decode("latin-1").split(" ")
        if len(parts) != 3:  # noqa: PLR2004 - method, target, version
            await _refuse(reader, writer, 400, "Bad Request")
            return
        try:
            service = await self._resolve(parts[1].partition("?")[0])
            if service is None:
                await _refuse(reader, writer, 404, "Not Found")
                return
            name, port = service
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        except (OSError, RuntimeError) as error:
            get_logger().warning("service_unavailable", error=type(error).__name__)
            await _refuse(reader, writer, 503, "Service Unavailable")
            return
        upstream_writer.write(head if _upgrades(head) else _once(head))
        began = clock.monotonic()
        try:
            most = math.inf if parts[0] == "HEAD" else _LARGEST_ANSWER
            answered = await _splice(reader, writer, upstream_reader, upstream_writer, self._sent_by(name), most=most)
            if not answered:
                await _refuse(reader, writer, 500, "The answer is too large")
        finally:
            upstream_writer.close()
            count_call(self._operations, name, seconds=clock.monotonic() - began)
        await _hear_out(reader)

    def _sent_by(self, name: str) -> Callable[[int], None]:
        return lambda size: self._operations.count(f"bytes_out.{name}", size)


async def _splice(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream_reader: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
    answered: Callable[[int], None],
    *,
    most: float,
) -> bool:
    """Pass bytes both ways until the service has said everything; `answered` is told how many it says.

    Returns:
        Whether it has; nothing was passed on of an answer that says it has more bytes than `most`.
    """
    upward = asyncio.create_task(_pass_on(reader, upstream_writer))
    try:
        head = await _head_of_answer(upstream_reader)
        if (announced := _LENGTH.search(head)) and int(announced[1]) > most:
            return False
        answered(len(head))
        writer.write(head)
        await _pass_on(upstream_reader, writer, answered)
        return True
    finally:
        upward.cancel()
        await asyncio.gather(upward, return_exceptions=True)


async def _head_of_answer(reader: asyncio.StreamReader) -> bytes:
    """The first lines of an answer; what comes instead where there are none, or too many."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError:
        return await reader.read(_CHUNK)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: Callable[[int], None] | None = None
) -> None:
    while chunk := await reader.read(_CHUNK):
        if told is not None:
            told(len(chunk))
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _refuse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    status: int,
    reason: str,
    *,
    within_s: float = _HEAR_OUT_S,
) -> None:
    writer.write(_answer(status, reason))
    writer.write_eof()
    await _hear_out(reader, within_s=within_s)


async def _hear_out(reader: asyncio.StreamReader, *, within_s: float = _HEAR_OUT_S) -> None:
    """Read on for a while: closing on unread data would reset the connection under the answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while await reader.read(_CHUNK):
                continue


def _upgrades(head: bytes) -> bool:
    """Whether it asks for a WebSocket; offers of HTTP/2 (h2c) are requests like any other."""
    return any(line.lower().startswith(b"upgrade:") and b"websocket" in line.lower() for line in head.split(b"\r\n"))


def _once(head: bytes) -> bytes:
    """The head with `Connection: close` in place of what it says itself."""
    lines = [line for line in head[:-4].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def _answer(status: int, reason: str) -> bytes:
    body = json.dumps({"detail": reason}).encode()
    return (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body
