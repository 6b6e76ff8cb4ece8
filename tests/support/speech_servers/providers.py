"""The providers of live recognition that have a WebSocket protocol of their own, each against a server of ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from common.speech.deepgram import DeepgramStreamingTranscriber
from common.speech.soniox import SonioxStreamingTranscriber
from common.speech.speechmatics import SpeechmaticsStreamingTranscriber
from common.speech.transcriber import BYTES_PER_SECOND, StreamingTranscriber
from tests.support.speech_servers.deepgram import DeepgramServer
from tests.support.speech_servers.serving import KEY, SpeechServer
from tests.support.speech_servers.soniox import SonioxServer
from tests.support.speech_servers.speechmatics import SpeechmaticsServer

TIMEOUT = 60.0
TURNS = (
    ((0, 0.7), *((word, 0.4) for word in range(1, 6)), (0, 0.3)),
    (*((word, 0.5) for word in range(1006, 1011)), (0, 1.5), *((word, 0.5) for word in range(1011, 1015))),
    ((0, 1.0), (16, 0.5), (17, 0.5), (18, 1.0)),
)
"""Three turns of two speakers, 12 seconds, in the language that the test servers' ears hear."""


@dataclass(frozen=True)
class Provider:
    """A provider of live recognition.

    `speech`: three turns, the first of which ends after 3 and the second after 9 seconds, beginning with 0.7 s of
    silence; `said`: the text of the first two. `wrong`: the share of words that may be.
    """

    transcriber: StreamingTranscriber
    speech: bytes
    said: tuple[str, str]
    wrong: float = 0.0

    def turn(self, number: int) -> bytes:
        return self.speech[(0, 3, 9)[number] * BYTES_PER_SECOND : (3, 9, 12)[number] * BYTES_PER_SECOND]


Connect = Callable[[str, float], StreamingTranscriber]

SERVERS: dict[str, tuple[type[SpeechServer], Connect]] = {
    "deepgram": (
        DeepgramServer,
        lambda url, timeout: DeepgramStreamingTranscriber(key=KEY, url=url, model="nova-3", timeout=timeout),
    ),
    "soniox": (
        SonioxServer,
        lambda url, timeout: SonioxStreamingTranscriber(key=KEY, url=url, model="stt-rt-v5", timeout=timeout),
    ),
    "speechmatics": (
        SpeechmaticsServer,
        lambda url, timeout: SpeechmaticsStreamingTranscriber(key=KEY, url=url, model="enhanced", timeout=timeout),
    ),
}


@dataclass(frozen=True)
class Served:
    """A provider with a server of ours behind it, which notes whoever breaks its protocol."""

    name: str
    server: SpeechServer
    url: str
    connect: Connect

    @property
    def transcriber(self) -> StreamingTranscriber:
        return self.connect(self.url, TIMEOUT)

    def patient_for(self, seconds: float) -> StreamingTranscriber:
        return self.connect(self.url, seconds)


@contextmanager
def serving(name: str) -> Iterator[Served]:
    kind, connect = SERVERS[name]
    server = kind()
    with server.running() as url:
        yield Served(name, server, url, connect)
    assert server.violations == []
