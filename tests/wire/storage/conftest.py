from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from google.cloud.storage import Client

from local.state import State
from local.storage.server import StorageServer
from tests.wire.storage.background import Background


@dataclass
class Storage:
    client: Any
    bucket: Any
    base: str
    http: requests.Session
    blobs: Path
    finalized: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.base}{path}"

    def files(self) -> list[Path]:
        return [path for path in self.blobs.glob("*/*") if path.is_file()]


@contextmanager
def serve_storage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    state = State(folder / "state.sqlite")
    finalized: list[dict[str, Any]] = []
    deleted: list[dict[str, Any]] = []

    def on_finalize(resource: dict[str, Any]) -> None:
        assert state.connection.in_transaction
        if resource["name"] == "refused-by-hook":
            raise ValueError
        finalized.append(resource)

    with Background() as background, requests.Session() as http:
        server = StorageServer(state, folder / "blobs", on_finalize=on_finalize, on_delete=deleted.append)
        server.ensure_bucket("audio")
        port = background.run(server.start())
        base = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", base)
        # Else a thread of the client's may still be asking for its bucket when the client is closed.
        monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
        client = Client(project="p1")
        try:
            yield Storage(client, client.bucket("audio"), base, http, folder / "blobs", finalized, deleted)
        finally:
            client.close()
            background.run(server.stop())
            state.close()


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    with serve_storage(tmp_path, monkeypatch) as running:
        yield running
