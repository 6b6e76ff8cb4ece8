"""Whatever a server does wrong reaches the caller as ProviderError, and in time."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.local import LocalBatchTranscriber, LocalStreamingTranscriber
from common.speech.transcriber import BYTES_PER_SECOND, Heard
from tests.support.answering import Quiet, answering

TIMEOUT = 0.8
Handler = Callable[[ServerConnection], Awaitable[None]]


async def use(url: str, *, seconds: int = 1, finish: bool = True) -> list[Heard]:
    """A client's whole life: send, finish, listen to the end."""
    stream = await LocalStreamingTranscriber(url, timeout=TIMEOUT).open(language="en")
    try:
        await stream.send(bytes(seconds * BYTES_PER_SECOND))
        if finish:
            await stream.finish()
        return [heard async for heard in stream]
    finally:
        await stream.aclose()


async def against(handler: Handler, *, seconds: int = 1, finish: bool = True) -> list[Heard]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.1) as server:
        host, port = server.sockets[0].getsockname()
        return await asyncio.wait_for(use(f"http://{host}:{port}", seconds=seconds, finish=finish), 10)


def says(*messages: str | bytes) -> Handler:
    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        for message in messages:
            await connection.send(message)
        await connection.wait_closed()

    return handler


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        b"\x00\x01",
        "[]",
        "{}",
        '{"type":"heard"}',
        '{"type":"heard","utterances":[{}],"until":1}',
        '{"type":"heard","utterances":[{"text":1,"start":0,"end":1,"speaker":0}],"until":1}',
        '{"type":"heard","utterances":[{"text":"a","start":-1,"end":1,"speaker":0}],"until":1}',
        '{"type":"heard","utterances":[],"until":NaN}',
        '{"type":"finished","until":"soon"}',
        '{"type":"applause","until":1}',
        '{"type":"error","message":"no"}',
    ],
)
def test_nonsense_from_a_stream_is_a_provider_error(message: str | bytes) -> None:
    with pytest.raises(ProviderError):
        asyncio.run(against(says(message)))


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012])
def test_a_stream_closed_before_it_was_finished_is_a_provider_error(code: int) -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"type":"heard","utterances":[],"until":0.5}')
        await connection.close(code)

    with pytest.raises(ProviderError):
        asyncio.run(against(handler))


def test_a_connection_cut_without_a_word_is_a_provider_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        connection.transport.abort()

    with pytest.raises(ProviderError):
        asyncio.run(against(handler))


def test_a_server_that_never_answers_finish_is_a_provider_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        async for _ in connection:
            pass

    with pytest.raises(ProviderError, match="silent"):
        asyncio.run(against(handler))


def test_a_server_that_listens_but_never_hears_is_a_provider_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        async for _ in connection:
            pass

    with pytest.raises(ProviderError, match="silent"):
        asyncio.run(against(handler, seconds=40, finish=False))


def test_a_quiet_server_that_owes_nothing_is_waited_for() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.recv()
        await asyncio.sleep(2.5 * TIMEOUT)
        await connection.send('{"type":"finished","until":1}')

    assert asyncio.run(against(handler, finish=False)) == [Heard((), 1.0)]


def test_a_server_that_stops_reading_is_a_provider_error() -> None:
    async def handler(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(2)

    with pytest.raises(ProviderError, match="no more audio"):
        asyncio.run(against(handler, seconds=600))


def test_until_never_falls_whatever_the_server_says() -> None:
    handler = says(
        '{"type":"heard","utterances":[],"until":2}',
        '{"type":"heard","utterances":[{"text":"a","start":1,"end":2}],"until":1}',
        '{"type":"finished","until":0}',
    )
    assert [heard.until for heard in asyncio.run(against(handler, seconds=2))] == [2.0, 2.0, 2.0]


def test_nothing_is_heard_that_was_not_sent() -> None:
    handler = says(
        '{"type":"heard","utterances":[{"text":"a","start":0.5,"end":9}],"until":9}',
        '{"type":"finished","until":9}',
    )
    heard = asyncio.run(against(handler))
    assert [news.until for news in heard] == [1.0, 1.0]
    assert [(utterance.start, utterance.end) for utterance in heard[0].utterances] == [(0.5, 1.0)]


def test_an_end_that_leaves_audio_out_is_a_provider_error() -> None:
    with pytest.raises(ProviderError, match="left audio out"):
        asyncio.run(against(says('{"type":"finished","until":1}'), seconds=3))


@pytest.mark.parametrize(("status", "error"), [(400, ProviderRefusedError), (500, ProviderError), (503, ProviderError)])
def test_a_refused_handshake_says_whether_to_come_back(status: int, error: type[ProviderError]) -> None:
    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(status, "no")

    async def handler(_: ServerConnection) -> None:
        return

    async def try_it() -> None:
        async with serve(handler, "127.0.0.1", 0, process_request=refuse) as server:
            host, port = server.sockets[0].getsockname()
            await use(f"http://{host}:{port}")

    with pytest.raises(ProviderError) as raised:
        asyncio.run(try_it())
    assert type(raised.value) is error
    assert raised.value.retryable == (error is ProviderError)


@contextmanager
def listener_that_never_answers() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield url


@pytest.mark.parametrize("place", [listener_that_never_answers, closed_port])
def test_a_server_that_is_not_there_is_a_provider_error(place: Callable[[], AbstractContextManager[str]]) -> None:
    with place() as url:
        with pytest.raises(ProviderError):
            asyncio.run(use(url))
        with pytest.raises(ProviderError):
            LocalBatchTranscriber(url, timeout=TIMEOUT).transcribe(b"", language="en")


@contextmanager
def one_answer(status: int, body: bytes, *, after: float = 0.0, promise: int | None = None) -> Iterator[str]:
    """An HTTP server with one answer; `promise` is the length it announces."""
    released = threading.Event()

    class Answer(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            released.wait(after)
            self.send_response(status)
            self.send_header("content-length", str(len(body) if promise is None else promise))
            self.end_headers()
            with suppress(OSError):  # a client that lost patience is gone by now
                self.wfile.write(body)

    with answering(Answer, released=released) as url:
        yield url


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"", ProviderError),
        (200, b"<html>", ProviderError),
        (200, b"[]", ProviderError),
        (200, b'{"utterances":[{"text":"a"}],"until":1}', ProviderError),
        (200, b'{"utterances":[],"until":-1}', ProviderError),
        (302, b"", ProviderError),
        (500, b"{}", ProviderError),
        (503, b"", ProviderError),
        (400, b"", ProviderRefusedError),
        (413, b"", ProviderRefusedError),
    ],
)
def test_a_bad_answer_about_a_recording_is_a_provider_error(
    status: int, body: bytes, error: type[ProviderError]
) -> None:
    with one_answer(status, body) as url, pytest.raises(ProviderError) as raised:
        LocalBatchTranscriber(url, timeout=TIMEOUT).transcribe(bytes(640), language="en")
    assert type(raised.value) is error


def test_an_answer_that_comes_too_late_is_a_provider_error() -> None:
    with one_answer(200, b'{"utterances":[],"until":0}', after=5) as url, pytest.raises(ProviderError):
        LocalBatchTranscriber(url, timeout=TIMEOUT).transcribe(bytes(640), language="en")


def test_an_answer_cut_off_is_a_provider_error() -> None:
    with one_answer(200, b'{"utterances":[],"until":0}', promise=100) as url, pytest.raises(ProviderError):
        LocalBatchTranscriber(url, timeout=TIMEOUT).transcribe(bytes(640), language="en")
