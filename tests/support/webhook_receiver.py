"""A server that receives webhooks over a real socket, and answers as badly as it is told to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The address's parameters."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


def answering(body: bytes = b"", status: str = "200 OK", headers: str = "") -> Answer:
    """Answers in one piece."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)

    return answer


@dataclass
class Receiver:
    """What has arrived, and what it answers: each of `answers` once, then the last again and again."""

    port: int
    received: list[Received] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [answering()])
    connections: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def serve(self, connection: socket.socket) -> None:
        """Receive one request and answer it."""
        self.connections += 1
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            body += connection.recv(65536)
        method, target, _ = first.split(" ")
        self.received.append(Received(method, target, headers, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(connection)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A running one."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    receiver = Receiver(port=listener.getsockname()[1])
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            receiver.serve(connection)

    def accept() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    yield receiver
    over.set()
    for thread in threads:
        thread.join()
    listener.close()
