"""What a function's instance needs at most: as many requests at once as the manifest lets it have, each the heaviest.

    python -m bench.memory [NAME[:WORK] ...]

For each kind of work (`bench.memory_work`) the function is started as the platform starts it, on stores of its own, and
gets all requests in the same moment. The peak is what the process and its children hold together, pages that they share
counted once, and the files that they have in their temporary folder, which on Cloud Run lies in memory. It is looked
for every 20 ms. Linux only. Ends with 1 where one comes near what the manifest gives it, or answers with an error.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from bench.memory_listen import Streams
from bench.memory_work import WORK, works_of
from bench.memory_world import Call
from common.core.logs import configure
from local.cloud import MODELS_CACHE
from local.manifest import ROOT, Function, load
from local.process import running
from tests.support.bundles import accepts, free_port
from tests.support.stores import Stores, running_stores

_UNITS = {"Mi": 2**20, "Gi": 2**30}
_EVERY_S = 0.02
_AT_MOST = 0.85
"""Of what the manifest gives: Cloud Run ends an instance that needs more than all of it, and all requests with it."""
_STARTS_WITHIN_S = 60.0
_SETTLES_WITHIN_S = 3.0
_ANSWERS_WITHIN_S = 900.0
_SERVER_ERROR = 500
_BUSY = 503
_DELIVERED, _AGAIN_AFTER_S = 20, 5.0
"""How often an event or task is delivered to whom is busy, and seconds until it comes again."""
_SHOWN = 300


@dataclass(frozen=True)
class Peak:
    """Of one kind of work: bytes when nothing is asked yet and at most, what was given, the answers, the seconds."""

    idle: int
    most: int
    given: int
    answers: Counter[int]
    seconds: float
    may_be_busy: bool
    """Whether to be told to come again later is no error: a client is, but an event has waited in vain."""

    @property
    def met(self) -> bool:
        """Whether there is room left, and nobody was told of an error."""
        allowed = {_BUSY} if self.may_be_busy else set()
        failed = any(not status or (status >= _SERVER_ERROR and status not in allowed) for status in self.answers)
        return self.most <= _AT_MOST * self.given and not failed

    def line(self, name: str) -> str:
        """A row of the table."""
        answers = ", ".join(f"{count} x {status or 'none'}" for status, count in sorted(self.answers.items()))
        sizes = f"{self.idle / 2**20:6.0f} {self.most / 2**20:6.0f} {self.given / 2**20:6.0f} MiB"
        verdict = "met" if self.met else "MISSED"
        return f"{name:44} {sizes} {self.most / self.given:5.0%} {self.seconds:6.1f} s  {verdict:6} {answers}"


class _Watch:
    """Looks at a process, its children and their temporary files until it is left; `most` is the peak, in bytes."""

    def __init__(self, process: psutil.Process, temporary: Path) -> None:
        self._process = process
        self._temporary = str(temporary)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.most = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def now(self) -> int:
        """Bytes held in this moment."""
        held = 0
        for each in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                held += each.memory_full_info().pss + self._files(each.pid)
        return held

    def _look(self) -> None:
        while not self._over.wait(_EVERY_S):
            with suppress(psutil.NoSuchProcess):
                self.most = max(self.most, self.now())

    def _files(self, pid: int) -> int:
        """Of its open files, those in the temporary folder, whether or not they still have a name there."""
        held = 0
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if os.readlink(file).startswith(self._temporary):  # noqa: PTH115 - it may have no name any more
                    held += file.stat().st_size
        return held


def main() -> int:
    """Measure and print; 1 if any comes too near."""
    functions = load().functions
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME[:WORK]", help="functions, or one kind of their work")
    wanted = parser.parse_args().names or [name for name in functions if name in WORK]
    works = [(name, work) for each in wanted for name, work in works_of(each)]
    if unknown := [each for each in wanted if not works_of(each)]:
        parser.error(f"no work is known of: {', '.join(unknown)}")
    print(f"{'':44} {'idle':>6} {'peak':>6} {'given':>10}")
    missed = 0
    with running("local.models", ["--cache", str(MODELS_CACHE)]) as models:
        for name, work in works:
            with tempfile.TemporaryDirectory() as folder, running_stores(Path(folder), scale=1.0) as stores:
                configure((Path(folder) / "stores.log").open("w"))
                asked = WORK[name][work](stores, functions[name].concurrency)
                variables = {**stores.environment, "LOCAL_MODELS_URL": models.url}
                peak = _measure(functions[name], asked, stores=stores, variables=variables, folder=Path(folder))
                complaints = "\n".join(_complaints(Path(folder) / "function.log"))
            missed += not peak.met
            print(peak.line(f"{name}: {work}"), flush=True)
            if not peak.met:
                print(complaints, flush=True)
    print(f"\n{len(works) - missed} of {len(works)} leave room")
    return int(bool(missed))


def _measure(
    function: Function, asked: Sequence[Call] | Streams, *, stores: Stores, variables: dict[str, str], folder: Path
) -> Peak:
    temporary = folder / "tmp"
    temporary.mkdir()
    port = free_port()
    threads = {"THREADS": str(function.concurrency), "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    kind = function.kind if function.is_service else function.signature
    source = ROOT / "functions" / function.folder
    with (folder / "function.log").open("wb") as log:
        process = psutil.Popen(
            [sys.executable, "-m", "local.child", str(port), str(source), function.entry_point, kind],
            cwd=ROOT,
            env={**os.environ, **variables, **threads},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(port, process)
        time.sleep(_SETTLES_WITHIN_S)
        tries = 1 if function.is_service else _DELIVERED
        with _Watch(process, temporary) as watch:
            idle = watch.now()
            began = time.monotonic()
            answers = asked.run(port) if isinstance(asked, Streams) else _answers(asked, port, stores, tries=tries)
        return Peak(idle, watch.most, _bytes(function.memory), answers, time.monotonic() - began, function.is_service)
    finally:
        for each in [*process.children(recursive=True), process]:
            each.kill()
        process.wait()


def _answers(calls: Sequence[Call], port: int, stores: Stores, *, tries: int) -> Counter[int]:
    together = threading.Barrier(len(calls))

    def ask(call: Call) -> int:
        together.wait()
        for _ in range(tries - 1):
            if (status := _send(call, port, stores)) != _BUSY:
                return status
            time.sleep(_AGAIN_AFTER_S)
        return _send(call, port, stores)

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(ask, calls))


def _send(call: Call, port: int, stores: Stores) -> int:
    """The status of its answer, which is read to its end and thrown away; 0 where there is none."""
    headers = dict(call.headers)
    if call.uid is not None:
        headers["Authorization"] = f"Bearer {stores.identity.id_token(call.uid)}"
    with httpx.Client(timeout=_ANSWERS_WITHIN_S, trust_env=False) as client:
        try:
            url = f"http://127.0.0.1:{port}{call.path}"
            with client.stream(call.method, url, headers=headers, content=call.body) as answer:
                for _ in answer.iter_raw():
                    continue
                return answer.status_code
        except httpx.HTTPError:
            return 0


def _complaints(log: Path) -> list[str]:
    """The last that the function itself has to say of it."""
    lines = log.read_text(errors="replace").splitlines()
    return [f"    {line[:_SHOWN]}" for line in lines if '"severity": "INFO"' not in line][-3:]


def _bytes(memory: str) -> int:
    return int(memory[:-2]) * _UNITS[memory[-2:]]


def _await(port: int, process: psutil.Popen) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if accepts(port):
            return
        time.sleep(0.05)
    raise RuntimeError("a function did not start")


if __name__ == "__main__":
    raise SystemExit(main())
