"""Asking what an app names: only outside, bounded in size and time, and never a second time."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from common.apps import fetch as fetching
from common.apps.fetch import fetch, resolve
from common.apps.mcp.judged import judged_client
from common.core.errors import BadRequestError, OutsideError
from common.core.settings import settings
from tests.support.certificates import write_certificate

Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def served() -> Iterator[Serve]:
    """Serves every connection with a function, and tells the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(answer: Callable[[socket.socket], None]) -> str:
        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(10)
                    try:
                        answer(connection)
                    except OSError:
                        continue

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    over.set()
    for thread in threads:
        thread.join()
    listener.close()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine may be asked."""
    monkeypatch.setenv("OUTSIDE_MAY_BE_HERE", "true")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what is outside may be asked."""
    monkeypatch.setenv("OUTSIDE_MAY_BE_HERE", "false")
    settings.cache_clear()
    yield
    settings.cache_clear()


def _answer(body: bytes, status: str = "200 OK", headers: str = "") -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return answer


@pytest.mark.usefixtures("loopback")
class TestAsking:
    """What comes back."""

    def test_status_and_body_are_told(self, served: Serve) -> None:
        assert fetch(served(_answer(b"hello", "418 Teapot"))) == (418, b"hello")

    def test_a_body_is_sent_with_its_headers(self, served: Serve) -> None:
        heard: list[bytes] = []

        def answer(connection: socket.socket) -> None:
            request = b""
            while not request.endswith(b'{"a":1}'):
                request += connection.recv(65536)
            heard.append(request)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        base = served(answer)
        fetch(f"{base}/in?x=1", method="POST", headers={"webhook-id": "7"}, body=b'{"a":1}')
        [request] = heard
        assert request.startswith(b"POST /in?x=1 HTTP/1.1\r\n")
        assert f"\r\nhost: {base.removeprefix('http://')}\r\n".encode() in request.lower()
        assert b"\r\nwebhook-id: 7\r\n" in request.lower()

    def test_a_redirect_is_an_answer_like_any_other(self, served: Serve) -> None:
        base = served(_answer(b"", "302 Found", "Location: http://169.254.169.254/\r\n"))
        assert fetch(base) == (302, b"")

    def test_too_much_is_refused(self, served: Serve) -> None:
        with pytest.raises(OutsideError):
            fetch(served(_answer(b"x" * (fetching.LARGEST_ANSWER + 1))))

    def test_garbage_and_a_closed_door_are_refused(self, served: Serve) -> None:
        with pytest.raises(OutsideError):
            fetch(served(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        with pytest.raises(OutsideError):
            fetch(f"http://127.0.0.1:{port}/")

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"])
    def test_one_deadline_covers_everything_however_slowly_it_drips(
        self, served: Serve, monkeypatch: pytest.MonkeyPatch, head: bytes
    ) -> None:
        monkeypatch.setattr(fetching, "LONGEST_S", 0.5)

        def drip(connection: socket.socket) -> None:
            connection.recv(65536)
            connection.sendall(head or b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.05)

        began = time.monotonic()
        with pytest.raises(OutsideError):
            fetch(served(drip))
        assert time.monotonic() - began < 3


class TestInside:
    """What must not be asked."""

    @pytest.mark.usefixtures("production")
    def test_this_machine_is_not_asked(self, served: Serve) -> None:
        heard: list[bool] = []
        base = served(lambda _: heard.append(True))
        with pytest.raises(BadRequestError):
            fetch(base)
        assert heard == []

    @pytest.mark.usefixtures("production")
    def test_a_public_name_that_resolves_to_the_inside_is_not_connected_to(
        self, served: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[bool] = []
        port = int(served(lambda _: heard.append(True)).rpartition(":")[2])
        for address in ("127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "::1"):
            _resolves(monkeypatch, address)
            with pytest.raises(BadRequestError):
                fetch(f"http://rebound.example.com:{port}/")
        assert heard == []

    def test_one_bad_address_among_good_ones_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _resolves(monkeypatch, "8.8.8.8", "10.0.0.1")
        with pytest.raises(BadRequestError):
            resolve("mixed.example.com", 80, loopback=False)

    @pytest.mark.usefixtures("loopback")
    def test_what_was_judged_is_what_is_connected_to(self, served: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        port = int(served(_answer(b"judged")).rpartition(":")[2])
        asked = _resolves(monkeypatch, "127.0.0.1")
        assert fetch(f"http://once.example.com:{port}/") == (200, b"judged")
        assert [host for host in asked if host == "once.example.com"] == ["once.example.com"]

    @pytest.mark.usefixtures("loopback")
    def test_where_one_of_its_addresses_does_not_answer_the_next_is_asked(
        self, served: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = int(served(_answer(b"second")).rpartition(":")[2])
        _resolves(monkeypatch, "127.0.0.9", "127.0.0.1")
        assert fetch(f"http://two.example.com:{port}/") == (200, b"second")
        _resolves(monkeypatch, *(f"127.0.0.{number}" for number in range(9, 15)), "127.0.0.1")
        with pytest.raises(OutsideError):
            fetch(f"http://many.example.com:{port}/")

    @pytest.mark.usefixtures("loopback")
    def test_so_it_is_for_the_client_of_mcp_servers(self, served: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        url = f"http://two.example.com:{served(_answer(b'second')).rpartition(':')[2]}/"
        _resolves(monkeypatch, "127.0.0.9", "127.0.0.1")

        async def ask() -> bytes:
            async with judged_client(url, within_s=5) as client:
                return (await client.get(url)).content

        assert asyncio.run(ask()) == b"second"

    def test_a_name_without_addresses_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(-2, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(OutsideError):
            fetch("http://nowhere.example.com/")


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("name", "trusted"), [("hooks.example.com", True), ("other.example.com", False)])
def test_over_tls_the_name_is_what_the_certificate_has_to_say(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    trusted: bool,  # noqa: FBT001 - a parameter
) -> None:
    write_certificate(tmp_path, "hooks.example.com")
    context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    monkeypatch.setattr(fetching, "trusted", lambda: context)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError), serving.wrap_socket(connection, server_side=True) as secure:
                _answer(b"secret")(secure)

        thread = threading.Thread(target=serve)
        thread.start()
        _resolves(monkeypatch, "127.0.0.1")
        url = f"https://{name}:{listener.getsockname()[1]}/"
        if trusted:
            assert fetch(url) == (200, b"secret")
        else:
            with pytest.raises(OutsideError):
                fetch(url)
        thread.join()


def _resolves(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name mean these addresses; the list tells which names were asked for."""
    asked: list[str] = []
    genuine = _GETADDRINFO

    def resolver(host: str, port: int, *rest: Any, **named: Any) -> Any:
        asked.append(host)
        if not host.endswith("example.com"):
            return genuine(host, port, *rest, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return asked


_GETADDRINFO = socket.getaddrinfo
