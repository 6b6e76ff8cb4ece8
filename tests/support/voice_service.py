"""A voice service as it is published, over a real socket, answering with real embeddings or misbehaving on request."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes

from common.speech.transcriber import SAMPLE_RATE
from common.speech.voice_statistics import VoiceStatistics
from common.speech.wav import read_wav
from tests.support.answering import Quiet, answering

Answer = tuple[int, bytes]
"""Status and body."""


def embedded(wav: bytes) -> Answer:
    """What the service says about a recording: the bare list."""
    return 200, json.dumps(VoiceStatistics().embed(read_wav(wav).tobytes())).encode()


@dataclass
class Service:
    """A running one. `answer` may be replaced; `pause_s` passes before each byte of `slow` bytes of an answer."""

    url: str = ""
    answer: Callable[[bytes], Answer] = embedded
    slow: int = 0
    pause_s: float = 0.05
    announced: int | None = None
    paths: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Of the recordings it was given."""


@contextmanager
def voice_service() -> Iterator[Service]:
    """Run one until the end of the block."""
    service = Service()
    closing = threading.Event()

    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            body = self.rfile.read(int(self.headers["content-length"]))
            head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
            whole, part = message_from_bytes(head + body).walk()  # one file, and nothing else
            assert whole.is_multipart()
            assert part.get_param("name", header="content-disposition") == "file"
            wav = part.get_payload(decode=True)
            assert isinstance(wav, bytes)
            service.paths.append(self.path)
            service.seconds.append(len(read_wav(wav)) / SAMPLE_RATE)
            status, answer = service.answer(wav)
            self.send_response(status)
            self.send_header("content-length", str(len(answer) if service.announced is None else service.announced))
            self.end_headers()
            with suppress(OSError):  # who has lost patience is gone
                for at in range(service.slow):
                    self.wfile.write(answer[at : at + 1])
                    closing.wait(service.pause_s)
                self.wfile.write(answer[service.slow :])

    with answering(Handler, released=closing) as service.url:
        yield service
