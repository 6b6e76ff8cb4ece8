"""Behind the listen socket: who connects, for how long, and with which code it ends (CONTRACT 1.3 and 1.10)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pydantic import ValidationError

from common.conversations.live.instance import Instance
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.preparing import Prepared, prepare
from common.conversations.live.session import LiveSession
from common.core import spans, tracing
from common.core.errors import InvalidInputError, RetryableError, UnsupportedAudioError
from common.core.logs import bind, get_logger, where
from common.core.metering import Meter, metered
from common.core.settings import settings
from common.database import account_deletions, refusals
from common.entry.accounting import new_meter
from common.entry.listening import signing_in
from common.entry.listening.codes import (
    ACCOUNT_DELETED,
    BAD_AUDIO,
    GOING_AWAY,
    POLICY,
    SERVER_ERROR,
    TRY_LATER,
    Closing,
)
from common.entry.listening.socket import ListenSocket

PING_S = 10.0
INACTIVITY_S = 90.0
"""These two concern a peer who lives in real time: they are never scaled."""
ACCOUNT_S = 60.0
PREPARED_WITHIN_S = 15.0
"""Real seconds that the stores may take before a connection is begun: who is let go records by itself and comes again,
who is kept waiting believes that it is heard."""
_GOODBYE_S = 2.0
"""How long a peer that does not read may hold up the end of its connection."""


class ListenService:
    """Serves all connections of this process; made in its event loop."""

    def __init__(self) -> None:
        self._instance = Instance()
        self._serving: dict[ListenSocket, asyncio.Task[Any] | None] = {}
        """In the order of their coming."""
        self._of_users: dict[str, list[ListenSocket]] = {}

    async def serve(self, socket: ListenSocket, *, path: str, query: dict[str, str]) -> None:
        """Serve one connection to its end."""
        self._serving[socket] = asyncio.current_task()
        span = spans.begin(tracing.of_headers(socket.request.headers.get) or tracing.begin(), "listen")
        tracing.enter(span.trace)
        try:
            if path.endswith("/web/listen"):
                uid = await signing_in.by_first_message(socket.first_text, lambda answer: _say(socket, answer))
            else:
                uid = await signing_in.by_header(socket.request.headers.get("authorization"))
            bind(uid=uid, step="listen")
            with self._among_those_of(uid, socket), metered(new_meter()) as meter:
                meter.uid = uid
                await self._listen(socket, meter, uid=uid, parameters=_parameters(socket, query))
        except Closing as closing:
            await socket.part(closing.code, closing.reason)
        except (refusals.GoogleAPIError, RetryableError) as error:
            span.fail(type(error).__name__)
            get_logger().error("listen_interrupted", error=type(error).__name__, at=where(error))
            await socket.part(TRY_LATER, "a store is away")
        except Exception as error:  # noqa: BLE001 - the last line before the wire
            span.fail(type(error).__name__)
            get_logger().error("listen_failed", error=type(error).__name__, at=where(error))
            await socket.part(SERVER_ERROR, "internal error")
        finally:
            span.end()
            self._serving.pop(socket, None)

    async def stop(self) -> None:
        """Part from everybody, store and hear what is still on its way, and return when that is done."""
        self._instance.stop()
        for socket in list(self._serving):
            socket.let_go(Closing(GOING_AWAY, "the service goes away"))
        serving = [task for task in self._serving.values() if task is not None]
        if serving:
            await asyncio.wait(serving)
        self._instance.close()

    @contextmanager
    def _among_those_of(self, uid: str, socket: ListenSocket) -> Iterator[None]:
        """Nobody takes all the room there is: for one connection too many the user's oldest is let go.

        Which one that is says the order of their coming; how long each one's token took to be verified says nothing.
        """
        theirs = self._of_users.setdefault(uid, [])
        theirs.append(socket)
        there = [each for each in theirs if not each.is_over]
        if len(there) > settings().connections_per_user:
            oldest = next(each for each in self._serving if each in there)
            oldest.let_go(Closing(GOING_AWAY, "too many connections"))
        try:
            yield
        finally:
            theirs.remove(socket)
            if not theirs:
                self._of_users.pop(uid, None)

    async def _listen(self, socket: ListenSocket, meter: Meter, *, uid: str, parameters: ListenParameters) -> None:
        preparing = asyncio.create_task(self._prepared(uid=uid, parameters=parameters))
        try:
            async with asyncio.timeout(PREPARED_WITHIN_S):
                prepared = await asyncio.shield(preparing)  # others have a share in it: the watch is everybody's
        except TimeoutError as error:
            raise Closing(TRY_LATER, "a store is away") from error
        outgoing = Outgoing(socket.send)
        try:
            session = LiveSession(
                uid=uid,
                parameters=parameters,
                outgoing=outgoing,
                flow=socket,
                prepared=prepared,
                instance=self._instance,
            )
        except UnsupportedAudioError as error:
            raise Closing(BAD_AUDIO, str(error)) from error
        socket.attach(session)
        sending = asyncio.create_task(outgoing.run())
        pinging = asyncio.create_task(self._ping(socket, outgoing))
        accounting = asyncio.create_task(_account(meter))
        try:
            await session.run()
        finally:
            pinging.cancel()
            accounting.cancel()
            with suppress(TimeoutError):  # the last words still reach who reads
                await asyncio.wait_for(outgoing.flushed(), _GOODBYE_S)
            sending.cancel()
            await asyncio.to_thread(meter.close)

    async def _prepared(self, *, uid: str, parameters: ListenParameters) -> Prepared:
        if await asyncio.to_thread(account_deletions.under_way, uid):
            raise Closing(ACCOUNT_DELETED, "the account is being deleted")
        try:
            prepared = await asyncio.to_thread(prepare, parameters, uid=uid)
            await self._instance.ensure_watching()
        except InvalidInputError as error:
            raise Closing(POLICY, str(error)) from error
        return prepared

    async def _ping(self, socket: ListenSocket, outgoing: Outgoing) -> None:
        """Keep the connection alive, end it where it is dead or has lasted as long as the platform lets it."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + settings().longest_connection_s
        while True:
            await asyncio.sleep(min(PING_S, INACTIVITY_S, max(0.0, ends_at - loop.time())))
            with suppress(SlowReaderError):  # the session is about to find out, and parts from the reader
                outgoing.ping()
            if socket.silent_s > INACTIVITY_S:
                await socket.part(GOING_AWAY, "inactivity")
                return
            if loop.time() >= ends_at:
                await socket.part(GOING_AWAY, "connect again")
                return
            try:
                await self._instance.ensure_watching()
            except Exception as error:  # noqa: BLE001 - the limits of the connection must go on being watched
                get_logger().warning("watch_not_restarted", error=type(error).__name__)


async def _account(meter: Meter) -> None:
    """Write down now and then what has been used: a connection may last for an hour."""
    while True:
        await asyncio.sleep(ACCOUNT_S)
        await asyncio.to_thread(meter.flush)


def _parameters(socket: ListenSocket, query: dict[str, str]) -> ListenParameters:
    try:
        return ListenParameters.read(query, socket.request.headers)
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
        raise Closing(POLICY, f"unusable parameters: {fields}") from error


def _say(socket: ListenSocket, message: dict[str, object]) -> None:
    asyncio.get_running_loop().create_task(socket.send(message))
