"""The stores of the local cloud, in this process, for the code that uses them through the real clients."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fakeredis import TcpFakeServer
from google.cloud import tasks_v2

from common.core import clock
from common.core.settings import settings
from common.database import clients, keys, wrapping
from common.entry import auth
from common.notifications import providers as push_providers
from local.environment import BUCKETS, EMBEDDING_DIMENSION, PROJECT, REGION, Ports, variables
from local.fcm.server import FcmServer
from local.firestore.indexes import Indexes
from local.firestore.server import FirestoreServer
from local.http import HttpServer
from local.identity import Identity
from local.manifest import ROOT, load
from local.operations import Operations
from local.pubsub.server import PubsubServer
from local.state import State
from local.storage.server import StorageServer
from local.tasks.server import TasksServer
from local.trouble import Trouble
from local.vectors.records import dense_index, sparse_index
from local.vectors.server import VectorServer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from local.firestore.store import Change

SCALE = 20.0
"""Nominal seconds per real one: leases, timeouts and pauses are this much shorter."""

CACHED: tuple[_lru_cache_wrapper[Any], ...] = (
    settings,
    clock.scale,
    clients.firestore_client,
    clients.storage_client,
    clients.publisher_client,
    clients.tasks_client,
    clients.pinecone_index,
    clients.pinecone_sparse_index,
    clients.redis_client,
    wrapping._wrappers,
    wrapping.kms_client,
    auth._keys,
    push_providers.pusher,
)


class TaskRequests(httpx.AsyncBaseTransport):
    """Where tasks go: noted, and answered with 200."""

    def __init__(self) -> None:
        self.received: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.received.append(request)
        return httpx.Response(200, request=request)


@dataclass
class Stores:
    """The running servers and what they announced."""

    identity: Identity
    tasks: TaskRequests
    environment: dict[str, str]
    loop: asyncio.AbstractEventLoop
    firestore: FirestoreServer = field(init=False)
    fcm: FcmServer = field(init=False)
    trouble: Trouble = field(default_factory=Trouble)
    operations: Operations = field(default_factory=Operations)
    changes: list[Change] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the servers' loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    def waiting_tasks(self) -> list[Any]:
        """Every task that has not gone out yet, with its body."""
        client = clients.tasks_client()
        parent = client.queue_path(PROJECT, REGION, "conversations")
        return list(client.list_tasks(request={"parent": parent, "response_view": tasks_v2.Task.View.FULL}))


def _clear_caches() -> None:
    for cached in CACHED:
        cached.cache_clear()
    keys.forget()


@contextmanager
def running_stores(folder: Path, *, scale: float = SCALE) -> Iterator[Stores]:
    """Start every store on `folder`, lead this process's clients there, and undo all of it."""
    with ExitStack() as undo:
        undo.callback(_clear_caches)  # last of all: stopping a server reads the speed of time once more
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="stores", daemon=True)
        thread.start()
        undo.callback(loop.close)
        undo.callback(thread.join, 10)
        undo.callback(loop.call_soon_threadsafe, loop.stop)
        patched = undo.enter_context(pytest.MonkeyPatch.context())
        redis = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
        threading.Thread(target=redis.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        undo.callback(redis.server_close)
        undo.callback(redis.shutdown)
        stores, ports = asyncio.run_coroutine_threadsafe(_start(folder, undo, loop), loop).result(timeout=30)
        stores.environment = variables(
            ports,
            models_url="",
            redis_url=f"redis://127.0.0.1:{redis.server_address[1]}/0",
            time_scale=scale,
        )
        for name, value in stores.environment.items():
            patched.setenv(name, value)
        _clear_caches()
        undo.callback(_clear_caches)
        undo.callback(_close_clients)
        yield stores


async def _start(folder: Path, undo: ExitStack, loop: asyncio.AbstractEventLoop) -> tuple[Stores, Ports]:
    state = State(folder / "cloud.db")
    undo.callback(state.close)
    identity = Identity(folder, project=PROJECT)
    stores = Stores(identity=identity, tasks=TaskRequests(), environment={}, loop=loop)
    counted = stores.operations
    storage = StorageServer(state, folder / "blobs", on_finalize=stores.uploads.append, operations=counted)
    pubsub = PubsubServer(state, operations=counted)
    tasks = TasksServer(
        state, sign_oidc=identity.oidc_token, transport=stores.tasks, operations=counted, trouble=stores.trouble
    )
    stores.firestore = FirestoreServer(
        state,
        on_commit=stores.changes.extend,
        indexes=Indexes.load(ROOT / "firestore.indexes.json"),
        trouble=stores.trouble,
    )
    stores.fcm = FcmServer(state)
    servers: list[Any] = [
        stores.firestore,
        storage,
        pubsub,
        tasks,
        VectorServer(
            state,
            indexes={"dense": dense_index(EMBEDDING_DIMENSION), "sparse": sparse_index()},
            operations=counted,
        ),
        HttpServer(identity.app()),
        stores.fcm,
    ]
    ports = []
    for server in servers:
        ports.append(await server.start())
        undo.callback(_stop, server, loop)
    manifest = load()
    for bucket in manifest.buckets:
        storage.ensure_bucket(BUCKETS[bucket])
    for topic in manifest.topics:
        pubsub.ensure_topic(f"projects/{PROJECT}/topics/{topic}")
    for name, queue in manifest.queues.items():
        tasks.ensure_queue(f"projects/{PROJECT}/locations/{REGION}/queues/{name}", **queue.model_dump())
    return stores, Ports(*ports)


def _stop(server: Any, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=20)


def _close_clients() -> None:
    """Close what was built: a client that is collected while its server is gone complains."""
    closers: dict[_lru_cache_wrapper[Any], Callable[[Any], object]] = {
        clients.firestore_client: lambda client: client.close(),
        clients.storage_client: lambda client: client.close(),
        clients.publisher_client: lambda client: (client.stop(), client.transport.close()),
        clients.tasks_client: lambda client: client.transport.close(),
        clients.pinecone_index: lambda index: index.close(),
        clients.pinecone_sparse_index: lambda index: index.close() if index else None,
        clients.redis_client: lambda client: client.close() if client else None,
    }
    for cached, close in closers.items():
        if cached.cache_info().currsize:
            close(cached())


def free_port() -> int:
    """A port nobody listens on, for what shall be unreachable."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
