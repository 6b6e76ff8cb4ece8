from collections.abc import Iterator
from itertools import islice

import pytest

from common.speech.files import decode_file
from common.speech.local import LocalBatchTranscriber, LocalStreamingTranscriber
from common.speech.transcriber import BatchTranscriber, StreamingTranscriber
from local.demo.script import RECORDING
from local.models.process import running_model_server

TIMEOUT = 60.0


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_model_server(tmp_path_factory.mktemp("models")) as server:
        yield server.url


@pytest.fixture(scope="session")
def speech() -> bytes:
    """Three turns, 12 seconds."""
    with RECORDING.open("rb") as file:
        return b"".join(islice(decode_file(file), 12))


@pytest.fixture(params=["local"])
def streaming(request: pytest.FixtureRequest) -> StreamingTranscriber:
    """Every provider of live recognition, against its own server."""
    return {"local": lambda: LocalStreamingTranscriber(request.getfixturevalue("model_server"), timeout=TIMEOUT)}[
        request.param
    ]()


@pytest.fixture(params=["local"])
def batch(request: pytest.FixtureRequest) -> BatchTranscriber:
    """Every provider of recognition of recordings."""
    return {"local": lambda: LocalBatchTranscriber(request.getfixturevalue("model_server"), timeout=TIMEOUT)}[
        request.param
    ]()
