"""One port for clients: whatever speaks HTTP goes through as it is, and what cannot is told so."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from hashlib import sha256
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from common.core import clock
from common.entry.api.hearing_out import HearingOut
from common.entry.api.sizes import BoundedBody
from local.gateway import Gateway
from local.http import HttpServer
from tests.support.stores import free_port
from tests.support.waiting import eventually
from tests.wire.storage.background import Background


async def _echo(socket_: WebSocket) -> None:
    await socket_.accept(headers=[(b"x-query", socket_.url.query.encode())])
    try:
        while True:
            message = await socket_.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") == "close":
                await socket_.close(4001, "asked for")
                return
            await socket_.send_bytes(message["bytes"])
    finally:
        _left.set()


_left = threading.Event()
MIB = 1024 * 1024


async def _digest(request: Request) -> JSONResponse:
    digest, size = sha256(), 0
    async for chunk in request.stream():
        digest.update(chunk)
        size += len(chunk)
    return JSONResponse({"sha256": digest.hexdigest(), "size": size, "host": request.headers["host"]})


async def _ticks(_: Request) -> StreamingResponse:
    async def ticks() -> AsyncIterator[str]:
        for number in range(5):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(ticks(), media_type="text/event-stream")


async def _large(_: Request) -> Response:
    return Response(bytes(20_000_000))


async def _too_large(request: Request) -> Response:
    headers = {"Content-Length": str(33 * MIB)}
    if "chunks" not in request.query_params:
        return Response(b"" if request.method == "HEAD" else bytes(33 * MIB), headers=headers)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(33):
            yield bytes(MIB)

    return StreamingResponse(pieces())


SERVICE = Starlette(
    routes=[
        WebSocketRoute("/ws", _echo),
        Route("/digest", _digest, methods=["POST", "PUT"]),
        Route("/ticks", _ticks),
        Route("/large", _large),
        Route("/too-large", _too_large),
        Route("/bounded", _digest, methods=["POST"]),
    ],
    middleware=[Middleware(HearingOut), Middleware(BoundedBody)],
)
OTHER = Starlette(routes=[Route("/other", lambda _: JSONResponse("the other"))])
DOWN = free_port()


@asynccontextmanager
async def _serving(*, most: int = 100) -> AsyncIterator[int]:
    service, other = HttpServer(SERVICE, ws="websockets-sansio"), HttpServer(OTHER)
    ports = {"service": await service.start(), "other": await other.start()}

    async def resolve(path: str) -> tuple[str, int] | None:
        if path == "/broken":
            raise RuntimeError("it does not start")
        if path == "/down":
            return "down", DOWN
        if path == "/other":
            return "other", ports["other"]
        ours = {"/ws", "/digest", "/ticks", "/large", "/too-large", "/bounded"}
        return ("service", ports["service"]) if path in ours else None

    gateway = Gateway(resolve, most=most)
    try:
        yield await gateway.start()
    finally:
        await gateway.stop()
        await service.stop()
        await other.stop()


@contextmanager
def _served(*, most: int = 100) -> Iterator[int]:
    with Background() as background:
        serving = _serving(most=most)
        port = background.run(serving.__aenter__())
        try:
            yield port
        finally:
            background.run(_exit(serving))


async def _exit(serving: Any) -> None:
    await serving.__aexit__(None, None, None)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with _served() as bound:
        yield bound


@pytest.fixture
def http(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
        yield client


def _raw(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back for these bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
        return answer


@pytest.mark.parametrize("mib", [33, 60])
@pytest.mark.parametrize("announced", [True, False])
def test_who_sends_everything_before_listening_is_told_that_it_is_too_much(
    port: int, mib: int, *, announced: bool
) -> None:
    length = f"Content-Length: {mib * MIB}" if announced else "Transfer-Encoding: chunked"
    kind = "Content-Type: multipart/form-data; boundary=b"
    head = f"POST /bounded HTTP/1.1\r\nHost: x\r\n{kind}\r\n{length}\r\n\r\n".encode()
    piece = bytes(MIB) if announced else b"%x\r\n%b\r\n" % (MIB, bytes(MIB))
    answer = _raw(port, head, *[piece] * mib, b"" if announced else b"0\r\n\r\n")
    answered, _, body = answer.partition(b"\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 413 ")
    assert b"32 MiB" in body


def test_who_finds_no_room_is_told_so_and_served_when_others_have_gone() -> None:
    head = b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
    with _served(most=3) as port, ExitStack() as waiting:
        for _ in range(3):
            waiting.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(head[:5])
        eventually(lambda: b" 503 " in _raw(port, head), within_s=10, what="nobody more is let in")
        answer = _raw(port, head)
        assert (answer.split(b"\r\n")[0], b'{"detail": "Too many connections"}' in answer) == (
            b"HTTP/1.1 503 Too many connections",
            True,
        )
        waiting.close()
        eventually(lambda: b" 200 " in _raw(port, head), within_s=10, what="there is room again")


def test_a_web_socket_goes_both_ways_with_its_query_and_its_close_code(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws?language=en&codec=opus", proxy=None) as client:
        assert client.response is not None
        assert client.response.headers["x-query"] == "language=en&codec=opus"
        for size in (1, 1000, 60_000):
            client.send(bytes(size))
            assert client.recv(timeout=10) == bytes(size)
        client.send("close")
        with pytest.raises(ConnectionClosed, match="4001"):
            client.recv(timeout=10)
        assert client.close_code == 4001


def test_a_client_that_disappears_is_noticed_by_the_service(port: int) -> None:
    _left.clear()
    with connect(f"ws://127.0.0.1:{port}/ws", proxy=None) as client:
        client.socket.shutdown(socket.SHUT_RDWR)
    assert _left.wait(10), "the service still waits"


def test_an_event_stream_arrives_as_it_is_said(http: httpx.Client) -> None:
    with http.stream("GET", "/ticks") as answer:
        arrived = [(line, clock.monotonic()) for line in answer.iter_lines() if line]
    assert [line for line, _ in arrived] == [f"data: {number}" for number in range(5)]
    assert arrived[-1][1] - arrived[0][1] > 0.25, "they come one by one, as they are said"


def test_an_answer_that_says_it_is_too_large_goes_no_further(http: httpx.Client) -> None:
    """As at Cloud Run; what does not say how large it is may have any size, and so may what is not sent."""
    answer = http.get("/too-large")
    assert (answer.status_code, answer.json()) == (500, {"detail": "The answer is too large"})
    assert len(http.get("/too-large", params={"chunks": ""}).content) == 33 * MIB
    assert http.head("/too-large").headers["content-length"] == str(33 * MIB)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_upload_arrives_whole(http: httpx.Client, *, chunked: bool) -> None:
    body = bytes(range(256)) * 100_000

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(body), 1_000_000):
            yield body[at : at + 1_000_000]

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = http.post("/digest", content=pieces() if chunked else body, headers=kind).json()
    assert (answer["size"], answer["sha256"]) == (len(body), sha256(body).hexdigest())
    assert answer["host"] == http.base_url.netloc.decode()


def test_a_large_answer_arrives_whole(http: httpx.Client) -> None:
    assert len(http.get("/large").content) == 20_000_000


def test_the_next_request_may_be_for_another_service(http: httpx.Client) -> None:
    assert http.post("/digest", content=b"x").json()["size"] == 1
    assert http.get("/other").json() == "the other"
    assert http.post("/digest", content=b"x").json()["size"] == 1


@pytest.mark.parametrize(
    "header", [b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n", b""]
)
def test_a_connection_serves_one_request_even_if_another_follows_in_it(port: int, header: bytes) -> None:
    first = b"GET /ticks HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n"
    answer = _raw(port, first, b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1, "the second would have gone to the first one's service"


def test_many_at_once(port: int) -> None:
    async def all_at_once() -> list[int]:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            answers = await asyncio.gather(*(client.post("/digest", content=b"x" * n) for n in range(100)))
            return [answer.json()["size"] for answer in answers]

    assert asyncio.run(all_at_once()) == list(range(100))


@pytest.mark.parametrize(
    ("path", "status"), [("/unknown", 404), ("/", 404), ("/down", 503), ("/broken", 503), ("/unknown?x=/other", 404)]
)
def test_what_cannot_be_served_is_told_in_json(http: httpx.Client, path: str, status: int) -> None:
    answer = http.get(path)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert http.get("/other").status_code == 200, "the gateway goes on"


def test_what_cannot_be_served_is_told_even_to_who_sends_a_lot(http: httpx.Client) -> None:
    for _ in range(5):
        assert http.post("/unknown", content=bytes(3_000_000)).status_code == 404


def _detail(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["detail"]


def test_a_head_that_is_too_large_is_431(port: int) -> None:
    for size in (70_000, 500_000):
        lines = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 990) for number in range(size // 1000))
        status, detail = _detail(_raw(port, b"GET /other HTTP/1.1\r\n", lines, b"\r\n"))
        assert (status, detail) == (431, "Request Header Fields Too Large")


@pytest.mark.parametrize("line", [b"garbage", b"GET /other", b"\x16\x03\x01 TLS", b"GET / / HTTP/1.1"])
def test_what_is_no_http_is_400(port: int, line: bytes) -> None:
    status, _ = _detail(_raw(port, line + b"\r\n\r\n"))
    assert status == 400


def test_a_client_that_says_nothing_and_leaves_harms_nobody(port: int, http: httpx.Client) -> None:
    for said in (b"", b"GET /ot"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(said)
    assert http.get("/other").status_code == 200


def test_stopping_drops_who_is_connected() -> None:
    with ExitStack() as clients:
        with _served() as bound:
            idle = clients.enter_context(connect(f"ws://127.0.0.1:{bound}/ws", proxy=None))
            idle.send(b"x")
            assert idle.recv(timeout=10) == b"x"
        with pytest.raises(ConnectionClosed):
            idle.recv(timeout=10)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", bound))
