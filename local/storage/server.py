"""The HTTP server of Cloud Storage."""

from pathlib import Path
from typing import Any

from local.http import HttpServer
from local.operations import Operations
from local.state import State
from local.storage.app import StorageApi
from local.storage.blobs import BlobFiles
from local.storage.buckets import BucketStore
from local.storage.resumable import ResumableUploads
from local.storage.store import Hook, ObjectStore
from local.trouble import Trouble


class StorageServer:
    """Buckets and objects.

    Args:
        state: where the metadata lives.
        blobs: folder for the bytes.
        on_finalize: called with the object resource in the transaction that makes an object live.
        on_delete: called with the object resource in the transaction that deletes or overwrites it.
        operations: where what would be billed is counted.
        trouble: fault: calls that fail, or whose answers are lost.
    """

    def __init__(
        self,
        state: State,
        blobs: Path,
        *,
        on_finalize: Hook | None = None,
        on_delete: Hook | None = None,
        operations: Operations | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        self._buckets = BucketStore(state)
        self._objects = ObjectStore(state, BlobFiles(blobs), on_finalize=on_finalize, on_delete=on_delete)
        self._resumable = ResumableUploads(state, self._objects)
        api: Any = StorageApi(self._buckets, self._objects, self._resumable, operations or Operations())
        served = trouble.around(api) if trouble is not None else api
        self._server = HttpServer(served, timeout_keep_alive=75, timeout_graceful_shutdown=2)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop; returns the port. Cleans up what a crash left."""
        self._objects.remove_orphans(self._resumable.prune())
        bound = await self._server.start(host, port)
        self._objects.base = f"http://{host}:{bound}"
        return bound

    async def stop(self) -> None:
        """Finish requests under way and stop; safe to call when not started."""
        await self._server.stop()
        self._resumable.close()

    def ensure_bucket(self, name: str, *, project: str = "local", **settings: Any) -> None:
        """Create the bucket unless it exists."""
        self._buckets.ensure(project, {"name": name, **settings})
