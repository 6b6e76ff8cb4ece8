"""What is sent at once over a socket arrives, whole and in order, or whoever sends is told to wait."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
import uvloop
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from common.speech.sockets import open_socket, send_at_once, sends_at_once
from tests.support.certificates import write_certificate
from tests.support.scenarios import until

_MESSAGE = 32_000
_MOST = 2_000
"""Messages; more than any system keeps for a peer that does not read."""


class Peer:
    """A server in a thread, which reads when it is told to, and hangs up when it is told to."""

    def __init__(self, secure: ssl.SSLContext | None) -> None:
        self.received: list[bytes] = []
        self.address = ""
        self._secure = secure
        self._loop = asyncio.new_event_loop()
        self._reads, self._stops = asyncio.Event(), asyncio.Event()
        self._connection: Future[ServerConnection] = Future()

    def read(self) -> None:
        self._loop.call_soon_threadsafe(self._reads.set)

    def hang_up(self) -> None:
        """End the connection without a word, and return once that is done."""
        connection, done = self._connection.result(5), threading.Event()

        def abort() -> None:
            connection.transport.abort()
            self._loop.call_later(0.05, done.set)

        self._loop.call_soon_threadsafe(abort)
        assert done.wait(5)

    def run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._run(ready))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stops.set)

    async def _run(self, ready: threading.Event) -> None:
        async with serve(self._serve, "localhost", 0, ssl=self._secure, compression=None, close_timeout=0.1) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.address = f"{'ws' if self._secure is None else 'wss'}://localhost:{port}"
            ready.set()
            await self._stops.wait()
            self._reads.set()

    async def _serve(self, connection: ServerConnection) -> None:
        self._connection.set_result(connection)
        await self._reads.wait()
        async for message in connection:
            assert isinstance(message, bytes)
            self.received.append(message)


@pytest.fixture(params=["plain", "secure"])
def peer(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    secure = None
    if request.param == "secure":
        write_certificate(tmp_path, "localhost")
        secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        secure.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    peer, ready = Peer(secure), threading.Event()
    thread = threading.Thread(target=peer.run, args=(ready,))
    thread.start()
    assert ready.wait(5)
    yield peer
    peer.stop()
    thread.join()


@pytest.fixture(params=["uvloop", "asyncio"])
def running(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Runs a scenario in either kind of event loop, for twenty seconds at most."""
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def run(scenario: Callable[[], Awaitable[None]]) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(20):
                await scenario()

        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(bounded())

    return run


Running = Callable[[Callable[[], Awaitable[None]]], None]


async def connected(peer: Peer) -> ClientConnection:
    return await open_socket(peer.address, provider="the peer", patience_s=5)


def numbered(number: int) -> bytes:
    return number.to_bytes(4, "little") * (_MESSAGE // 4)


def test_a_peer_that_does_not_read_is_noticed_and_has_everything_once_it_reads(peer: Peer, running: Running) -> None:
    async def scenario() -> None:
        connection = await connected(peer)
        sent = 0
        while sends_at_once(connection):
            while sends_at_once(connection):
                send_at_once(connection, numbered(sent))
                sent += 1
                assert sent < _MOST, "it is never noticed"
                await asyncio.sleep(0)
            await asyncio.sleep(0.1)  # the system may make more room for it
        assert connection.transport.get_write_buffer_size() <= 2 * _MESSAGE
        peer.read()
        await until(lambda: len(peer.received) == sent)
        await until(lambda: sends_at_once(connection))
        send_at_once(connection, numbered(sent))
        await until(lambda: len(peer.received) == sent + 1)
        assert peer.received == [numbered(number) for number in range(sent + 1)]
        await connection.close()

    running(scenario)


def test_what_is_sent_at_once_and_what_waits_keep_their_order(peer: Peer, running: Running) -> None:
    async def scenario() -> None:
        connection = await connected(peer)
        peer.read()
        for number in range(1000):
            if number % 7 == 0 or not sends_at_once(connection):
                await connection.send(numbered(number))
            else:
                send_at_once(connection, numbered(number))
        await until(lambda: len(peer.received) == 1000)
        assert peer.received == [numbered(number) for number in range(1000)]
        await connection.close()

    running(scenario)


def test_who_sends_to_a_peer_that_is_gone_is_not_hurt_and_soon_told(peer: Peer, running: Running) -> None:
    async def scenario() -> None:
        connection = await connected(peer)
        send_at_once(connection, numbered(0))
        peer.hang_up()
        for number in range(20):  # before the loop has had a chance to notice
            if sends_at_once(connection):
                send_at_once(connection, numbered(number))
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        assert not sends_at_once(connection)
        await connection.close()

    running(scenario)
