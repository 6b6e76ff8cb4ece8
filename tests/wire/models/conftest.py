from collections.abc import Iterator

import httpx
import pytest

from local.models.process import running_model_server
from local.process import ReadyProcess


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadyProcess]:
    with running_model_server(tmp_path_factory.mktemp("models")) as server:
        yield server


@pytest.fixture
def http(model_server: ReadyProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=model_server.url, timeout=60, trust_env=False) as client:
        yield client
