"""What was acknowledged survives a restart and a kill."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from google.api_core import exceptions

_SERVE = """
import asyncio, sys
from pathlib import Path
from local.firestore.server import FirestoreServer
from local.state import State

async def main():
    server = FirestoreServer(State(Path(sys.argv[1])))
    print(await server.start(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_documents_and_their_times_survive_a_restart(tmp_path: Path, start_backend: Any) -> None:
    path = tmp_path / "state.db"
    with start_backend(path) as backend:
        client = backend.client()
        client.document("a/b").set({"x": 1})
        client.document("a/gone").set({"x": 1})
        client.document("a/gone").delete()
        before = client.document("a/b").get()
        client.close()
    with start_backend(path) as backend:
        client = backend.client()
        after = client.document("a/b").get()
        assert after.to_dict() == {"x": 1}
        assert (after.create_time, after.update_time) == (before.create_time, before.update_time)
        assert [s.id for s in client.collection("a").stream()] == ["b"]
        assert client.document("a/b").set({"x": 2}).update_time > after.update_time
        assert client.document("a/b").get(read_time=after.read_time).to_dict() == {"x": 1}
        client.close()


def test_no_acknowledged_write_is_lost_when_the_server_is_killed(tmp_path: Path, start_backend: Any) -> None:
    path = tmp_path / "state.db"
    acknowledged: list[int] = []
    with subprocess.Popen(  # noqa: S603 - our own server
        [sys.executable, "-c", _SERVE, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        client = start_backend.at(f"127.0.0.1:{process.stdout.readline().strip()}").client()

        def write() -> None:
            with contextlib.suppress(exceptions.GoogleAPICallError, exceptions.RetryError):
                for number in range(100_000):
                    client.document(f"writes/{number:06}").create({"n": number}, timeout=2, retry=None)
                    acknowledged.append(number)

        writer = threading.Thread(target=write)
        writer.start()
        while len(acknowledged) < 200 and writer.is_alive():
            writer.join(0.01)
        process.send_signal(signal.SIGKILL)
        writer.join(30)
        client.close()
    assert len(acknowledged) >= 200
    with start_backend(path) as backend:
        client = backend.client()
        stored = {snapshot.get("n") for snapshot in client.collection("writes").stream()}
        assert stored >= set(acknowledged)
        client.close()


def test_a_listener_goes_on_after_a_restart(tmp_path: Path, start_backend: Any) -> None:
    path = tmp_path / "state.db"
    seen: queue.Queue[list[str]] = queue.Queue()
    with start_backend(path) as backend:
        client = backend.client()
        client.document("items/a").set({"n": 1})
        client.document("items/b").set({"n": 1})
        watch = client.collection("items").on_snapshot(lambda found, *_: seen.put([item.id for item in found]))
        assert seen.get(timeout=10) == ["a", "b"]
        port = int(backend.address.rpartition(":")[2])
    with start_backend(path, port=port):
        client.document("items/c").set({"n": 1})
        client.document("items/a").delete()
        while (ids := seen.get(timeout=20)) != ["b", "c"]:
            assert set(ids) <= {"a", "b", "c"}
        watch.unsubscribe()
        client.close()
