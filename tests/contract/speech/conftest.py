from collections.abc import Iterator
from itertools import islice

import pytest

from common.speech.files import decode_file
from common.speech.google import SpeechProject
from common.speech.google_streaming import GoogleStreamingTranscriber
from common.speech.local import LocalBatchTranscriber, LocalStreamingTranscriber
from common.speech.transcriber import BatchTranscriber
from local.demo.script import RECORDING, read_script
from local.models.process import running_model_server
from tests.support.speech_servers.ears import NumbersEar, said_in, speech_of
from tests.support.speech_servers.google import GoogleSpeech, heard_by, running_google_speech
from tests.support.speech_servers.providers import SERVERS, TIMEOUT, TURNS, Provider, Served, serving


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Every provider of live recognition that is spoken to over a WebSocket of its own protocol."""
    with serving(request.param) as served:
        yield served


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_model_server(tmp_path_factory.mktemp("models")) as server:
        yield server.url


@pytest.fixture(scope="session")
def speech() -> bytes:
    """Three turns, 12 seconds."""
    with RECORDING.open("rb") as file:
        return b"".join(islice(decode_file(file), 12))


@pytest.fixture(params=["local", "google", *SERVERS])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Every provider of live recognition, against its own server."""
    if request.param == "local":
        first, second = read_script()[:2]
        transcriber = LocalStreamingTranscriber(request.getfixturevalue("model_server"), timeout=TIMEOUT)
        yield Provider(transcriber, request.getfixturevalue("speech"), (first.text, second.text), wrong=0.2)
        return
    speech, said = b"".join(speech_of(turn) for turn in TURNS), (said_in(TURNS[0]), said_in(TURNS[1]))
    if request.param == "google":
        with running_google_speech(GoogleSpeech(heard_by(NumbersEar), voice=0.5)) as address:
            project = SpeechProject("earshot-local", location="us-central1", model="chirp_2", address=address)
            yield Provider(GoogleStreamingTranscriber(project, timeout=TIMEOUT), speech, said)
        return
    with serving(request.param) as served:
        yield Provider(served.transcriber, speech, said)


@pytest.fixture(params=["local"])
def batch(request: pytest.FixtureRequest) -> BatchTranscriber:
    """Every provider of recognition of recordings."""
    return {"local": lambda: LocalBatchTranscriber(request.getfixturevalue("model_server"), timeout=TIMEOUT)}[
        request.param
    ]()
