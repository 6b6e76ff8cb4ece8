"""Clients of a Firestore server: ours in a thread, and Google's emulator where it is installed."""

import asyncio
import contextlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from local.firestore.indexes import Indexes
from local.firestore.server import FirestoreServer
from local.firestore.store import Change
from local.state import State
from tests.support.google_firestore import running_google_firestore

PROJECT = "earshot-test"


@dataclass(frozen=True)
class Backend:
    """A running server; every test works in a project of its own."""

    name: str
    address: str

    def client(self, project: str = PROJECT) -> Any:
        """A client of this server alone, whatever the environment says."""
        with _emulator_host(self.address):
            return firestore.Client(project=project, credentials=_anonymous())

    def async_client(self, project: str = PROJECT) -> Any:
        """The same, for a running event loop."""
        with _emulator_host(self.address):
            return firestore.AsyncClient(project=project, credentials=_anonymous())


def _anonymous() -> AnonymousCredentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call] # the library has no types here


@contextlib.contextmanager
def _emulator_host(address: str) -> Iterator[None]:
    before = os.environ.get("FIRESTORE_EMULATOR_HOST")
    os.environ["FIRESTORE_EMULATOR_HOST"] = address
    try:
        yield
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]
        if before is not None:
            os.environ["FIRESTORE_EMULATOR_HOST"] = before


@contextlib.contextmanager
def running_server(
    path: Path,
    *,
    on_commit: Callable[[Sequence[Change]], None] | None = None,
    indexes: Indexes | None = None,
    delay_s: float = 0.0,
    port: int = 0,
) -> Iterator[str]:
    """Our server on the database file `path`, in a thread with its own event loop; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    state = State(path)

    async def start() -> tuple[FirestoreServer, int]:
        server = FirestoreServer(state, on_commit=on_commit, indexes=indexes, delay_s=delay_s)
        return server, await server.start(port=port)

    server, bound = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(grace_s=0), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
        state.close()


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Our server."""
    with running_server(tmp_path_factory.mktemp("firestore") / "state.db") as address:
        yield Backend("ours", address)


@pytest.fixture(scope="session")
def google() -> Iterator[Backend]:
    """Google's emulator; skips where it is not installed."""
    with running_google_firestore() as address:
        yield Backend("google", address)


@pytest.fixture(params=["ours", pytest.param("google", marks=pytest.mark.long)])
def firestore_backend(request: pytest.FixtureRequest) -> Backend:
    """Each server a test must agree on."""
    backend: Backend = request.getfixturevalue(request.param)
    return backend


@pytest.fixture
def project() -> str:
    """A project nothing has been written to."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def db(firestore_backend: Backend, project: str) -> Iterator[Any]:
    """A client of an empty database."""
    client = firestore_backend.client(project)
    yield client
    client.close()


class Starter:
    """Starts servers of ours with options; those not used as a context live until the test ends."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def __call__(self, path: Path, **options: Any) -> "StartedBackend":
        """Our server on the database file `path`, with the options of `running_server`."""
        stack = contextlib.ExitStack()
        self._stack.callback(stack.close)
        return StartedBackend("ours", stack.enter_context(running_server(path, **options)), stack)

    @staticmethod
    def at(address: str) -> Backend:
        """A server that somebody else started."""
        return Backend("ours", address)


@dataclass(frozen=True)
class StartedBackend(Backend):
    """A server that can be stopped by leaving its context."""

    stack: contextlib.ExitStack

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()


@pytest.fixture
def start_backend() -> Iterator[Starter]:
    """Starts servers of ours."""
    with contextlib.ExitStack() as stack:
        yield Starter(stack)
