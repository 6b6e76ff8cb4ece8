"""What was acknowledged is there after the process was killed, and concurrent clients don't disturb each other."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from pinecone import Index

from tests.wire.vectors.conftest import client

_SERVE = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from local.state import State
    from local.vectors.records import dense_index
    from local.vectors.server import VectorServer

    async def main():
        server = VectorServer(State(Path(sys.argv[1])), indexes={"dense": dense_index(3)})
        print(await server.start("127.0.0.1", 0), flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
    """
)


@contextmanager
def _process(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", _SERVE, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own script
        assert process.stdout is not None
        try:
            yield process, f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    with _process(state) as (process, address), closing(client(address)) as index:
        for n in range(20):
            index.upsert(vectors=[(f"{n}", [1.0, float(n), 0.0], {"n": n})], namespace="ns1")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with _process(state) as (_, address), closing(client(address)) as index:
        assert index.describe_index_stats().namespaces["ns1"].vector_count == 20
        best = index.query(vector=[1.0, 7.0, 0.0], top_k=1, namespace="ns1", include_metadata=True).matches[0]
        assert (best.id, best.metadata) == ("7", {"n": 7.0})


def test_concurrent_writers_and_readers_see_whole_batches(connect: Callable[[str], Index]) -> None:
    index = connect("dense")

    def write(writer: int) -> None:
        for n in range(10):
            index.upsert(vectors=[(f"{writer}-{n}-{k}", [1.0, 0.0, 0.0]) for k in range(5)], namespace="ns1")

    def read(_: int) -> list[int]:
        return [len(index.query(vector=[1.0, 0.0, 0.0], top_k=10_000, namespace="ns1").matches) for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(read, n) for n in range(4)]
        list(pool.map(write, range(4)))
        counts = [count for future in reads for count in future.result()]
    assert all(count % 5 == 0 for count in counts)
    assert index.describe_index_stats().total_vector_count == 200
