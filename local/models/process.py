"""The model server as a child process, for those who need one for a while: tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.process import ReadyProcess, running


@contextmanager
def running_model_server(cache: Path, *, workers: int = 2) -> Iterator[ReadyProcess]:
    """Start a model server on a free port; stop it at the end.

    Raises:
        RuntimeError: it did not become ready.
    """
    with running("local.models", ["--cache", str(cache.resolve()), "--workers", str(workers)]) as server:
        yield server
