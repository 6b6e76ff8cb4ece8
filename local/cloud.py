"""The local cloud: every server, every function, one data folder, one port for clients."""

import asyncio
import contextlib
import fcntl
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
from fakeredis import TcpFakeServer

from common.core import clock
from common.core.logs import get_logger
from common.database import dead_letters
from local import environment, manifest
from local.delivery import Backoff, Delivery, DeliveryQueue, Faults
from local.environment import BUCKETS, PROJECT, REGION, Ports
from local.events import EventRouter
from local.fcm.server import FcmServer
from local.files import most_clients, raise_limit
from local.firestore.indexes import Indexes
from local.firestore.server import FirestoreServer
from local.folder import DATABASE
from local.functions import Functions, FunctionTransport, function_url
from local.gateway import Gateway
from local.http import HttpServer
from local.identity import Identity
from local.manifest import ROOT
from local.operations import Operations
from local.pubsub.server import PubsubServer
from local.scheduler import Scheduler
from local.state import State
from local.storage.server import StorageServer
from local.tasks.server import TasksServer
from local.trouble import Trouble
from local.vectors.records import dense_index, sparse_index
from local.vectors.server import VectorServer

MODELS_CACHE = ROOT / ".cache" / "models"
_EVENTS_KEPT_S = 24 * 3600.0
_MODELS_WITHIN_S = 120.0
T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """How to run it: the clients' port (0 picks one), the data folder, the speed of time, the faults of delivery.

    `firestore_delay_s`: real seconds by which calls of Firestore are held up, at most; a few far longer.
    `trouble`: the part of all calls to stores, queues and functions that fail, or whose answers are lost.
    """

    port: int
    data: Path
    time_scale: float = 1.0
    faults: Faults = field(default_factory=Faults)
    firestore_delay_s: float = 0.0
    trouble: float = 0.0


class Cloud:
    """Start once, stop once. Raises OSError where the data folder or the port is in use."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._manifest = manifest.load()
        self._closing = contextlib.AsyncExitStack()
        self._operations = Operations()
        self.environment: dict[str, str] = {}
        self.url = ""

    async def start(self) -> None:
        """Start every part, side by side; returns when all of them answer."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything that was started, in the opposite order."""
        await self._closing.aclose()

    async def _start(self) -> None:
        data, limit = self._options.data, raise_limit()
        (data / "logs").mkdir(parents=True, exist_ok=True)
        lock = _lock(data / "lock")
        self._closing.callback(lock.close)
        state = State(data / DATABASE)
        self._closing.callback(state.close)
        models = self._run(self._start_models(data / "logs"))
        redis_url = environment.redis_of_ones_own()
        if redis_url is None:
            redis_url = self._start_redis()
        identity = Identity(data, project=PROJECT)
        events = DeliveryQueue(
            state,
            "events",
            send=self._deliver,
            backoff=Backoff(10.0, 600.0),
            max_age_s=_EVENTS_KEPT_S,
            on_dead=_event_dropped,
            concurrency=8,
            faults=self._options.faults,
        )
        trouble = Trouble(self._options.trouble) if self._options.trouble else None
        transport = FunctionTransport(self._operations, trouble=trouble)
        self._http = httpx.AsyncClient(transport=transport)
        self._closing.push_async_callback(self._http.aclose)
        ports = await self._start_servers(state, identity, events, transport, trouble=trouble)
        self.environment = environment.variables(
            ports, models_url=await models, redis_url=redis_url, time_scale=self._options.time_scale
        )
        self._functions = Functions(
            self._manifest.functions, environment=self.environment, logs=data / "logs", operations=self._operations
        )
        self._closing.push_async_callback(self._functions.stop)
        await self._functions.start_services()
        transport.serve(self._functions)
        self._run(events.run(), stop=events.stop)
        self._run(Scheduler(self._manifest.functions, self._http).run())
        gateway = Gateway(self._service_for, self._operations, most=most_clients(limit))
        self.url = f"http://127.0.0.1:{await gateway.start(port=self._options.port)}"
        self._closing.push_async_callback(gateway.stop)
        told = self._operations.server()
        operations_url = f"http://127.0.0.1:{await told.start()}"
        self._closing.push_async_callback(told.stop)
        environment.write(data, self.environment, gateway=self.url, operations=operations_url)

    async def _start_servers(
        self,
        state: State,
        identity: Identity,
        events: DeliveryQueue,
        transport: FunctionTransport,
        *,
        trouble: Trouble | None,
    ) -> Ports:
        operations = self._operations
        router = EventRouter(self._manifest, events, region=REGION, bucket_names=BUCKETS, operations=operations)
        firestore = FirestoreServer(
            state,
            on_commit=router.documents_changed,
            indexes=Indexes.load(ROOT / "firestore.indexes.json"),
            delay_s=self._options.firestore_delay_s,
            trouble=trouble,
        )
        operations.include(firestore.usage.totals)
        storage = StorageServer(
            state,
            self._options.data / "blobs",
            on_finalize=router.object_finalized,
            operations=operations,
            trouble=trouble,
        )
        pubsub = PubsubServer(
            state,
            on_publish=router.message_published,
            sign_oidc=identity.oidc_token,
            faults=self._options.faults,
            operations=operations,
            trouble=trouble,
        )
        tasks = TasksServer(
            state,
            sign_oidc=identity.oidc_token,
            faults=self._options.faults,
            transport=transport,
            operations=operations,
            trouble=trouble,
        )
        vectors = VectorServer(
            state,
            indexes={"dense": dense_index(environment.EMBEDDING_DIMENSION), "sparse": sparse_index()},
            operations=operations,
            trouble=trouble,
        )
        servers: list[Any] = [
            firestore,
            storage,
            pubsub,
            tasks,
            vectors,
            HttpServer(identity.app()),
            FcmServer(state),
        ]
        for server in servers:
            self._closing.push_async_callback(server.stop)
        ports = Ports(*await asyncio.gather(*(server.start() for server in servers)))
        self._furnish(storage, pubsub, tasks)
        return ports

    def _furnish(self, storage: StorageServer, pubsub: PubsubServer, tasks: TasksServer) -> None:
        """Make in them what terraform makes."""
        for bucket in self._manifest.buckets:
            storage.ensure_bucket(BUCKETS[bucket])
        for topic in self._manifest.topics:
            pubsub.ensure_topic(f"projects/{PROJECT}/topics/{topic}")
        # For `operate dead-letters`.
        pubsub.ensure_subscription(
            f"projects/{PROJECT}/subscriptions/{dead_letters.SUBSCRIPTION}",
            topic=f"projects/{PROJECT}/topics/{dead_letters.SUBSCRIPTION}",
        )
        for name, queue in self._manifest.queues.items():
            tasks.ensure_queue(
                f"projects/{PROJECT}/locations/{REGION}/queues/{name}",
                **queue.model_dump(),
            )

    def _start_redis(self) -> str:
        server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
        threading.Thread(target=server.serve_forever, name="redis", daemon=True).start()
        self._closing.callback(server.server_close)
        self._closing.callback(server.shutdown)
        return f"redis://127.0.0.1:{server.server_address[1]}/0"

    async def _start_models(self, logs: Path) -> str:
        """Start the server of the offline models; returns its address once it answers."""
        with (logs / "models.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", "local.models", "--cache", str(MODELS_CACHE)],
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._closing.push_async_callback(_end, process)
        assert process.stdout is not None  # noqa: S101 - piped above
        async with asyncio.timeout(_MODELS_WITHIN_S):
            while line := await process.stdout.readline():
                if line.startswith(b"ready "):
                    self._run(_discard(process.stdout))
                    return line.split()[1].decode()
        raise RuntimeError("the server of the offline models does not start; see models.log")

    async def _deliver(self, delivery: Delivery) -> int:
        """Hand one event to its function."""
        function = self._manifest.functions[delivery.target]
        answer = await self._http.post(
            function_url(delivery.target),
            content=delivery.body,
            headers=delivery.headers,
            timeout=float(function.timeout_s),
        )
        return answer.status_code

    async def _service_for(self, path: str) -> tuple[str, int] | None:
        """The name and the port of the service whose longest path prefix fits; the bare address is the API's."""
        best: tuple[int, str] | None = (0, "api") if path == "/" else None
        for name, function in self._manifest.functions.items():
            for prefix in function.trigger.http.paths if function.trigger.http else ():
                fits = path == prefix or path.startswith(f"{prefix}/")
                if fits and (best is None or len(prefix) > best[0]):
                    best = (len(prefix), name)
        return None if best is None else (best[1], await self._functions.port(best[1]))

    def _run(self, work: Coroutine[Any, Any, T], *, stop: Callable[[], Any] | None = None) -> asyncio.Task[T]:
        """Run something in the background until the cloud stops."""
        task = asyncio.create_task(work)

        async def end() -> None:
            if stop is not None:
                await stop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._closing.push_async_callback(end)
        return task


def _event_dropped(delivery: Delivery, reason: str) -> None:
    get_logger().error("event_dropped", function=delivery.target, event_id=delivery.id, reason=reason)


def _lock(path: Path) -> IO[str]:
    """Make sure that nobody else runs on this data folder."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OSError(f"another local cloud runs on {path.parent}") from error
    return lock


async def _discard(stream: asyncio.StreamReader) -> None:
    while await stream.read(1024):
        continue


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), clock.seconds(10))
    if process.returncode is None:
        process.kill()
        await process.wait()
