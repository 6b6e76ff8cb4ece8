"""The HTTP server of Cloud Storage."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from local.state import State
from local.storage.app import StorageApi
from local.storage.blobs import BlobFiles
from local.storage.buckets import BucketStore
from local.storage.resumable import ResumableUploads
from local.storage.store import Hook, ObjectStore


class _Server(uvicorn.Server):
    """Leaves signals to the program it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class StorageServer:
    """Buckets and objects.

    Args:
        state: where the metadata lives.
        blobs: folder for the bytes.
        on_finalize: called with the object resource in the transaction that makes an object live.
        on_delete: called with the object resource in the transaction that deletes or overwrites it.
    """

    def __init__(
        self, state: State, blobs: Path, *, on_finalize: Hook | None = None, on_delete: Hook | None = None
    ) -> None:
        self._buckets = BucketStore(state)
        self._objects = ObjectStore(state, BlobFiles(blobs), on_finalize=on_finalize, on_delete=on_delete)
        self._resumable = ResumableUploads(state, self._objects)
        self._server: _Server | None = None
        self._serving: asyncio.Task[Any] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop; returns the port. Cleans up what a crash left."""
        self._objects.remove_orphans(self._resumable.prune())
        listener = socket.create_server((host, port), backlog=1024)
        # Accepted connections inherit it; without it every small answer waits 40 ms for a delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound: int = listener.getsockname()[1]
        self._objects.base = f"http://{host}:{bound}"
        api = StorageApi(self._buckets, self._objects, self._resumable)
        config = uvicorn.Config(
            api,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._serving = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.005)
        return bound

    async def stop(self) -> None:
        """Finish requests under way and stop; safe to call when not started."""
        if self._server and self._serving:
            self._server.should_exit = True
            await self._serving
        self._resumable.close()
        self._server = self._serving = None

    def ensure_bucket(self, name: str, *, project: str = "local", **settings: Any) -> None:
        """Create the bucket unless it exists."""
        self._buckets.ensure(project, {"name": name, **settings})
