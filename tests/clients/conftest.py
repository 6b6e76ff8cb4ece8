"""A running local cloud for the public clients, which know nothing of it but its address."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """The product as a user runs it."""
    running = RunningCloud(tmp_path_factory.mktemp("clients")).start()
    yield running
    running.stop()


@pytest.fixture
def uid() -> str:
    """A user nobody else knows."""
    return f"client-{uuid4().hex[:12]}"


@pytest.fixture
def app(cloud: RunningCloud, uid: str) -> Iterator[httpx.Client]:
    """The user's own app, signed in."""
    with cloud.client(uid) as client:
        yield client
