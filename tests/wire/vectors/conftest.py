"""A vector server on a real port, in a loop of its own, so that the synchronous client can talk to it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pinecone import Index, Pinecone

from local.state import State
from local.vectors.records import IndexSpec, dense_index, sparse_index
from local.vectors.server import VectorServer

INDEXES = {"dense": dense_index(3), "sparse": sparse_index(), "hybrid": dense_index(2, "dotproduct")}


@contextmanager
def running(path: Path, indexes: dict[str, IndexSpec]) -> Iterator[str]:
    """The address of a server whose state is at `path`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def call(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    async def build() -> VectorServer:
        return VectorServer(State(path), indexes=indexes)

    try:
        server = call(build())
        port = call(server.start("127.0.0.1", 0))
        yield f"http://127.0.0.1:{port}"
        call(server.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def client(host: str) -> Index:
    """The real client, by REST."""
    index = Pinecone(api_key="local").Index(host=host)
    assert isinstance(index, Index)
    return index


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path / "state.sqlite", INDEXES) as url:
        yield url


@pytest.fixture
def connect(address: str) -> Iterator[Callable[[str], Index]]:
    """Opens a client on one of the indexes by its name."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(closing(client(f"{address}/{name}")))


@pytest.fixture
def dense(connect: Callable[[str], Index]) -> Index:
    return connect("dense")


@pytest.fixture
def sparse(connect: Callable[[str], Index]) -> Index:
    return connect("sparse")


@pytest.fixture
def hybrid(connect: Callable[[str], Index]) -> Index:
    return connect("hybrid")
