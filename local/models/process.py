"""The model server as a child process, for those who need one for a while: tests, benchmarks, the bundled recording."""

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_READY_SECONDS = 120.0
_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class ModelServer:
    """A running model server."""

    url: str
    pid: int


@contextmanager
def running_model_server(cache: Path, *, workers: int = 2) -> Iterator[ModelServer]:
    """Start a model server on a free port; stop it at the end.

    Raises:
        RuntimeError: it did not become ready.
    """
    command = [sys.executable, "-m", "local.models", "--cache", str(cache.resolve()), "--workers", str(workers)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        try:
            yield ModelServer(_announced(lines), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            finally:
                process.kill()
                reader.join()


def _read(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str]") -> None:
    for line in process.stdout or ():
        lines.put(line)
    lines.put("")


def _announced(lines: "queue.SimpleQueue[str]") -> str:
    try:
        while line := lines.get(timeout=_READY_SECONDS):
            if line.startswith("ready "):
                return line.split()[1]
    except queue.Empty:
        pass
    raise RuntimeError("the model server did not become ready")
