"""The three servers over one state in a process of their own, so that it can be killed; prints its ports as JSON."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.pubsub.server import PubsubServer
from local.state import State
from local.storage.server import StorageServer
from local.tasks.server import TasksServer

QUEUE = "projects/p1/locations/us-central1/queues/q1"


async def _serve(folder: Path) -> None:
    state = State(folder / "state.sqlite")
    tasks, pubsub = TasksServer(state), PubsubServer(state)
    storage = StorageServer(state, folder / "blobs")
    storage.ensure_bucket("audio")
    tasks.ensure_queue(QUEUE, min_backoff_s=0.05)
    ports = {"tasks": await tasks.start(), "pubsub": await pubsub.start(), "storage": await storage.start()}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@contextmanager
def cloud_process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    """Start the process, give its ports, and kill it with SIGKILL in the end."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "tests.wire.storage.cloud_process", str(folder)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
