"""A process of a benchmark, on a core of its own, spoken to in lines of JSON."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

_LEAST_URGENT = 39
"""Steps of urgency to the very last."""


class Child:
    """Runs `python -m MODULE ROLE`; what it says first is `said`.

    Args:
        module: of this package.
        role: what it shall be.
        core: which core it may use.
        environment: variables on top of ours.
        gives_way: whether others on its core come first.
    """

    def __init__(
        self,
        module: str,
        role: str,
        *,
        core: int,
        environment: dict[str, str] | None = None,
        gives_way: bool = False,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a module of this package
            [sys.executable, "-m", module, role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
            preexec_fn=partial(_place, core, gives_way=gives_way),  # noqa: PLW1509 - nothing else runs in this process yet
        )
        self.said: Any = self._read()

    def ask(self, **question: Any) -> Any:
        """Send a line, read a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._read()

    def stop(self) -> None:
        """End its input, and wait."""
        self._process.communicate(timeout=60)

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the benchmark has ended")
        return json.loads(line)


def _place(core: int, *, gives_way: bool) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    if gives_way:
        os.nice(_LEAST_URGENT)


async def questions() -> AsyncIterator[str]:
    """In such a process: the lines that it is asked, until there are no more."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield line
