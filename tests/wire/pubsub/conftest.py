import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from local.pubsub.server import PubsubServer
from local.state import State
from tests.wire.storage.background import Background
from tests.wire.tasks.target import Target, serve_target

_JARS = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
PROJECT = "proj1"


@dataclass
class Pubsub:
    """A server of ours or Google's emulator, seen through the real clients."""

    publisher: Any
    subscriber: Any
    run: str = field(default_factory=lambda: uuid4().hex[:8])

    def topic(self, name: str = "topic", **fields: Any) -> str:
        path = f"projects/{PROJECT}/topics/{name}-{self.run}"
        self.publisher.create_topic(request={"name": path, **fields})
        return path

    def subscription(self, topic: str, name: str = "sub", **fields: Any) -> str:
        path = self.subscription_path(name)
        self.subscriber.create_subscription(request={"name": path, "topic": topic, **fields})
        return path

    def subscription_path(self, name: str = "sub") -> str:
        return f"projects/{PROJECT}/subscriptions/{name}-{self.run}"

    def publish(self, topic: str, data: bytes = b"", **attributes: str) -> str:
        return str(self.publisher.publish(topic, data, **attributes).result(timeout=10))

    def pull(self, subscription: str, count: int = 1, timeout: float = 8.0) -> list[Any]:
        """Pull until `count` messages came or nothing more comes."""
        received: list[Any] = []
        deadline = time.monotonic() + timeout
        while len(received) < count and time.monotonic() < deadline:
            request = {"subscription": subscription, "max_messages": 10, "return_immediately": True}
            with pytest.warns(DeprecationWarning, match="return_immediately"):
                answer = self.subscriber.pull(request=request, timeout=10)
            received += answer.received_messages
            if not answer.received_messages:
                time.sleep(0.05)
        return received


@contextmanager
def connect(address: str) -> Iterator[Pubsub]:
    os.environ["PUBSUB_EMULATOR_HOST"] = address
    publisher: Any = PublisherClient()
    subscriber: Any = SubscriberClient()
    try:
        yield Pubsub(publisher, subscriber)
    finally:
        publisher.stop()
        publisher.transport.close()
        subscriber.close()
        del os.environ["PUBSUB_EMULATOR_HOST"]


@contextmanager
def serve_ours(path: Path, *, port: int = 0, **options: Any) -> Iterator[tuple[PubsubServer, str, Background]]:
    with Background() as background:
        state = State(path)
        server = PubsubServer(state, **options)
        port = background.run(server.start(port=port))
        try:
            yield server, f"127.0.0.1:{port}", background
        finally:
            background.run(server.stop(grace_s=0.2))
            state.close()


@pytest.fixture(scope="session")
def google_emulator() -> Iterator[Callable[[], str]]:
    """Starts Google's emulator on first use and gives its address; skips where it is not installed."""
    started: list[subprocess.Popen[bytes]] = []
    addresses: list[str] = []

    def address() -> str:
        jars = sorted(_JARS.glob("cloud-pubsub-emulator-*.jar")) if _JARS.is_dir() else []
        if not jars or not shutil.which("java"):
            pytest.skip("Google's Pub/Sub emulator is not installed")
        if not started:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            command = ["java", "-jar", str(jars[-1]), "--host=127.0.0.1", f"--port={port}"]
            started.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed
            )
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=60)
            addresses.append(f"127.0.0.1:{port}")
        return addresses[0]

    yield address
    for process in started:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(params=["ours", pytest.param("google", marks=pytest.mark.long)])
def pubsub(request: pytest.FixtureRequest, tmp_path: Path, google_emulator: Callable[[], str]) -> Iterator[Pubsub]:
    """The behaviour both must have."""
    if request.param == "google":
        with connect(google_emulator()) as connected:
            yield connected
        return
    with serve_ours(tmp_path / "state.sqlite") as (_, address, _), connect(address) as connected:
        yield connected


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Pubsub]:
    """Our server, for what the service does and its emulator does not (filters, retry policies, some checks)."""
    with serve_ours(tmp_path / "state.sqlite") as (_, address, _), connect(address) as connected:
        yield connected


@pytest.fixture
def target() -> Iterator[Target]:
    with serve_target() as running:
        yield running
