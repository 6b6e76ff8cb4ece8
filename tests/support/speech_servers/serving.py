"""A speech provider's server over real sockets, in a thread: it speaks well or badly, and notes whoever does to it."""

import asyncio
import json
import queue
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Literal

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.support.speech_servers.ears import Ear, Listener, NumbersEar, Part

KEY = "key-that-nobody-may-see"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one connection, once it has heard `after_s` seconds.

    - refuses: answers the handshake with `status` and, if given, `retry_after`.
    - closes, cuts: ends the connection with `code`, or without a word.
    - errs: says the error `error`, in the provider's form, and ends the connection with `code`.
    - halts: reads no more and says no more, not even pongs.
    - deaf: still answers pings, but hears nothing.
    - babbles: says `text`.
    - repeats, rewrites: says every final result twice, the second time with other words.
    - disorders: says every second final result before the first (where the order is not all there is).
    - unending: does not answer the end.
    - forgets: at the end, has heard only the words that had ended at `after_s`.
    - swallows: at the end, says that it has heard everything, and makes nothing final of what it supposed.
    - slow: takes `seconds` real seconds over each second of audio.
    """

    kind: Literal[
        "refuses", "closes", "cuts", "errs", "halts", "deaf", "babbles", "repeats", "rewrites", "disorders", "unending",
        "forgets", "swallows", "slow",
    ]  # fmt: skip
    after_s: float = 0.0
    status: int = 500
    retry_after: str | None = None
    code: int = 1011
    error: str = ""
    text: str = ""
    seconds: float = 0.0


class ViolationError(Exception):
    """The client broke the protocol."""


class Session(ABC):
    """One connection, in the provider's protocol. `ended`: no more audio will come; `over`: nothing counts any more."""

    partial_s: ClassVar[float] = 0.5
    final_s: ClassVar[float] = 2.0

    def __init__(self, connection: ServerConnection, ear: Ear, fault: Fault | None) -> None:
        self.connection = connection
        self.listener = Listener(ear, partial_s=self.partial_s, final_s=self.final_s)
        self.fault = fault
        self.texts: list[str] = []
        self.pieces = 0
        self.ended = self.over = False
        self._kept: list[dict[str, Any]] = []

    def has(self, kind: str) -> bool:
        """Whether this goes wrong by now."""
        return self.fault is not None and self.fault.kind == kind and self.listener.heard_s >= self.fault.after_s

    @property
    def forgotten(self) -> Part | None:
        """What is final in the end where all that came after a moment is forgotten."""
        return self.listener.forget(self.fault.after_s) if self.fault is not None and self.has("forgets") else None

    async def say(self, message: dict[str, Any]) -> None:
        await self.connection.send(json.dumps(message))

    async def hang_up(self, code: int = 1000, reason: str = "") -> None:
        """End the connection; what still comes is not looked at."""
        self.over = True
        await self.connection.close(code, reason)

    async def take(self, message: str | bytes) -> None:
        """A message of the client."""
        if isinstance(message, str):
            self.texts.append(message)
            await self.told(message)
            return
        if len(message) % 2:
            raise ViolationError("half a sample")
        self.pieces += 1
        if self.fault is not None and self.fault.kind == "slow":
            await asyncio.sleep(self.fault.seconds * len(message) / 32_000)
        await self.added(message)
        if self.has("deaf"):
            return
        for final, part in list(self.listener.hear(message)):
            if final:
                await self.tell(part)
            else:
                await self.suppose(part)

    async def tell(self, part: Part) -> None:
        """Say what is final."""
        message = self.final(part)
        if self.has("disorders"):
            self._kept.append(message)
            if len(self._kept) == 2:
                await self.say(self._kept[1])
                await self.say(self._kept[0])
                self._kept.clear()
            return
        await self.say(message)
        if self.has("repeats"):
            await self.say(message)
        if self.has("rewrites"):
            await self.say(json.loads(json.dumps(message).replace("word", "lie")))

    async def tell_kept(self) -> None:
        """Say what was held back."""
        for message in self._kept:
            await self.say(message)
        self._kept.clear()

    @abstractmethod
    async def opened(self) -> None:
        """The handshake is over."""

    @abstractmethod
    def final(self, part: Part) -> dict[str, Any]:
        """The message with a final result."""

    @abstractmethod
    async def suppose(self, part: Part) -> None:
        """Say what is provisional."""

    @abstractmethod
    async def told(self, text: str) -> None:
        """A text message of the client."""

    @abstractmethod
    async def added(self, pcm: bytes) -> None:
        """Audio has come; raises where it must not."""

    @abstractmethod
    async def err(self, error: str) -> None:
        """Say an error."""

    @abstractmethod
    async def protest(self, reason: str) -> None:
        """What the provider does when the protocol is broken."""


@dataclass
class SpeechServer(ABC):
    """A provider; each connection takes the next fault.

    Args:
        ear: makes what a stream is heard with.
        idle_s: seconds without a message after which a stream is ended; real ones, as providers have them.
    """

    ear: Callable[[], Ear] = NumbersEar
    faults: deque[Fault | None] = field(default_factory=deque)
    idle_s: float = 10.0
    key: str = KEY
    sessions: list[Session] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    _faulty: dict[int, Fault | None] = field(default_factory=dict)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @abstractmethod
    def admit(self, request: Request) -> HTTPStatus | None:
        """What a handshake is refused with; raises where it breaks the protocol."""

    @abstractmethod
    def session(self, connection: ServerConnection, fault: Fault | None) -> Session:
        """A stream that begins."""

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; the address."""
        addresses: queue.SimpleQueue[tuple[str, asyncio.AbstractEventLoop]] = queue.SimpleQueue()

        async def main() -> None:
            options = {"ping_interval": None, "close_timeout": 0.05, "process_request": self._handshake}
            async with serve(self._serve, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]
                address = "ws://{}:{}".format(*server.sockets[0].getsockname())
                addresses.put((address, asyncio.get_running_loop()))
                await self._stopping.wait()

        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        address, loop = addresses.get()
        try:
            yield address
        finally:
            loop.call_soon_threadsafe(self._stopping.set)
            thread.join()

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        self._faulty[id(connection)] = fault
        status: int | None
        if fault is not None and fault.kind == "refuses":
            status = fault.status
        else:
            try:
                status = self.admit(request)
            except ViolationError as violation:
                self.violations.append(str(violation))
                status = HTTPStatus.BAD_REQUEST
        if status is None:
            return None
        response = connection.respond(status, "no\n")
        if fault is not None and fault.retry_after is not None:
            response.headers["Retry-After"] = fault.retry_after
        return response

    async def _serve(self, connection: ServerConnection) -> None:
        session = self.session(connection, self._faulty.pop(id(connection)))
        self.sessions.append(session)
        with suppress(ConnectionClosed):
            try:
                await session.opened()
                await self._listen(session)
            except ViolationError as violation:
                self.violations.append(str(violation))
                await session.protest(str(violation))

    async def _listen(self, session: Session) -> None:
        while not session.over:
            if session.has("halts"):
                session.connection.transport.pause_reading()
                await self._stopping.wait()
            if await _misbehaves(session):
                return
            try:
                async with asyncio.timeout(self.idle_s):
                    message = await session.connection.recv()
            except TimeoutError:
                await session.protest("idle")
                return
            await session.take(message)


async def _misbehaves(session: Session) -> bool:
    """Do what goes wrong at once; whether the connection is over."""
    fault, connection = session.fault, session.connection
    if fault is None or session.listener.heard_s < fault.after_s:
        return False
    match fault.kind:
        case "closes":
            await connection.close(fault.code)
        case "cuts":
            connection.transport.abort()
        case "errs":
            await session.err(fault.error)
            await connection.close(fault.code)
        case "babbles":
            await connection.send(fault.text)
            async for _ in connection:
                pass
        case _:
            return False
    return True
