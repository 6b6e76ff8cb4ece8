"""A server of ours as a child process: wait for its `ready ADDRESS` line, use it, end it gently or not."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from local.manifest import ROOT

_READY_WITHIN_S = 120.0
_STOP_WITHIN_S = 30.0


class ReadyProcess:
    """`python -m MODULE ARGUMENTS…`, started and ready.

    Args:
        module: what to run.
        arguments: its command line.
        environment: variables on top of this process's.
        errors: a file for its standard error; inherited when None.

    Raises:
        RuntimeError: it ended, or did not become ready in time.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        errors: Path | None = None,
    ) -> None:
        with contextlib.ExitStack() as files:
            stderr = files.enter_context(errors.open("ab")) if errors else None
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self._announced(module)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Of the process itself."""
        return self._process.pid

    def stop(self) -> int:
        """SIGTERM and wait; returns the exit status."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(_STOP_WITHIN_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to it and to everything it started, all at once; safe to call on one that is gone."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.pid)
            for member in [family, *family.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put("")

    def _announced(self, module: str) -> str:
        try:
            while line := self._lines.get(timeout=_READY_WITHIN_S):
                if line.startswith("ready "):
                    return line.split()[1]
        except queue.Empty:
            pass
        raise RuntimeError(f"{module} did not become ready")


@contextlib.contextmanager
def running(module: str, arguments: Sequence[str]) -> Iterator[ReadyProcess]:
    """A ready process that is stopped at the end."""
    process = ReadyProcess(module, arguments)
    try:
        yield process
    finally:
        process.stop()
