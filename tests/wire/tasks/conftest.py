from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from local.state import State
from local.tasks.server import TasksServer
from tests.wire.storage.background import Background
from tests.wire.tasks.target import Target, serve_target

PARENT = "projects/p1/locations/us-central1"
QUEUE = f"{PARENT}/queues/q1"


@dataclass
class Tasks:
    client: Any
    server: TasksServer
    background: Background

    def configure(self, **config: Any) -> None:
        async def configure() -> None:
            self.server.ensure_queue(QUEUE, **config)

        self.background.run(configure())

    def create(self, url: str, *, name: str = "", **fields: Any) -> Any:
        request = tasks_v2.HttpRequest(url=url, **fields.pop("http", {"body": b"{}"}))
        full = f"{QUEUE}/tasks/{name}" if name else ""
        return self.client.create_task(
            parent=QUEUE, task=tasks_v2.Task(name=full, http_request=request, **fields), retry=None
        )


@contextmanager
def serve_tasks(path: Path) -> Iterator[Tasks]:
    with Background() as background:
        state = State(path)
        server = TasksServer(state, sign_oidc=lambda audience, email: f"signed|{audience}|{email}")
        server.ensure_queue(QUEUE, min_backoff_s=0.05, max_backoff_s=0.2)
        port = background.run(server.start())
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        try:
            yield Tasks(client, server, background)
        finally:
            channel.close()
            background.run(server.stop())
            state.close()


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[Tasks]:
    with serve_tasks(tmp_path / "state.sqlite") as running:
        yield running


@pytest.fixture
def target() -> Iterator[Target]:
    with serve_target() as running:
        yield running
