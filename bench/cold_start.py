"""What a function costs from its process's start to its first answer, beside a bare one of functions-framework.

    python -m bench.cold_start [--runs 3] [NAME ...]

Processor time of the process and its children, in milliseconds, because that is what comes out the same again: of the
whole until its trigger is answered, and of the imports alone. Each function has an environment with nothing but its own
requirements, compiled as the platform has them; the stores are local and already there. Bare and ours take turns, and
the least of the turns are compared: what else a machine does only adds. Ends with 1 where one costs more than it
should.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from local.manifest import ROOT, load
from tests.support.bundles import Unpacked, accepts, free_port, unpack
from tests.support.stores import Stores, running_stores
from tests.support.triggering import trigger

_BARE = ROOT / "bench" / "bare"
_PLAINEST = "sweep"
"""The function whose packages the bare one has beside it."""
_MOST = {"api": 5.0, "chat": 12.0}
_MOST_OF_OTHERS = 4.0
_READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Cost:
    """Of one function and a bare one beside it: milliseconds of both, bytes of the archive and its packages."""

    bare_ms: float
    whole_ms: float
    imports_ms: float
    archive: int
    packages: int

    def line(self, name: str) -> str:
        """A row of the table."""
        most = _MOST.get(name, _MOST_OF_OTHERS)
        whole, imports = self.whole_ms / self.bare_ms, self.imports_ms / self.bare_ms
        told = f"{name:24} {self.imports_ms:8.0f} {imports:5.1f}x {self.whole_ms:8.0f} {whole:5.1f}x"
        sizes = f"{self.archive / 1e3:7.0f} KB {self.packages / 1e6:5.0f} MB"
        return f"{told} {most / 2:5.1f}x {most:5.1f}x {sizes}  {'met' if self.within(name) else 'MISSED'}"

    def within(self, name: str) -> bool:
        """Whether both are at most what they should be."""
        most = _MOST.get(name, _MOST_OF_OTHERS)
        return self.whole_ms <= most * self.bare_ms and self.imports_ms <= most / 2 * self.bare_ms


def main() -> int:
    """Measure and print; 1 if any takes more than it should."""
    manifest = load()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="functions; all of them where none is named")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    names = options.names or list(manifest.functions)
    if unknown := set(names) - manifest.functions.keys():
        parser.error(f"no such function: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder, running_stores(Path(folder)) as stores:
        framework = unpack(_PLAINEST, Path(folder)).python
        bundles = {name: unpack(name, Path(folder)) for name in names}
        costs: dict[str, Cost] = {}
        for name, bundle in bundles.items():
            bare, whole, imports = [], [], []
            for _ in range(options.runs):
                bare.append(_bare(framework))
                whole.append(_first_answer(name, bundle, stores))
                imports.append(_imports(bundle, stores.environment))
            sizes = bundle.archive.stat().st_size, _packages(bundle)
            costs[name] = Cost(min(bare), min(whole), min(imports), *sizes)
    return _tell(costs)


def _tell(costs: Mapping[str, Cost]) -> int:
    least = min(cost.bare_ms for cost in costs.values())
    print(f"a bare function: {least:.0f} ms to its first answer, and more in some of the turns beside others\n")
    print(f"{'':24} {'imports':>15} {'first answer':>15} {'at most':>13} {'archive':>10} {'packages':>8}")
    for name, cost in costs.items():
        print(cost.line(name))
    missed = [name for name, cost in costs.items() if not cost.within(name)]
    print(f"\n{len(costs) - len(missed)} of {len(costs)} within what they may cost")
    return int(bool(missed))


def _bare(python: Path) -> float:
    """A function that says hello, with an interpreter that has functions-framework."""
    port = free_port()
    named = ["--target=main", "--signature-type=http", "--host=127.0.0.1", f"--port={port}"]
    command = [str(python), "-m", "functions_framework", "--source=main.py", *named]
    process = _start(command, _BARE, {"PATH": "/usr/bin:/bin", "PORT": str(port)})
    try:
        _await_port(port, process)
        httpx.get(f"http://127.0.0.1:{port}", timeout=30, trust_env=False).raise_for_status()
        return _used_ms(process)
    finally:
        _end(process)


def _first_answer(name: str, bundle: Unpacked, stores: Stores) -> float:
    port = free_port()
    process = _start(bundle.command(port), bundle.folder, {**stores.environment, **bundle.variables(port)})
    try:
        _await_port(port, process)
        trigger(name, bundle.function, f"http://127.0.0.1:{port}", stores).raise_for_status()
        return _used_ms(process)
    finally:
        _end(process)


def _imports(bundle: Unpacked, environment: Mapping[str, str]) -> float:
    """Of `import main`, without the interpreter's own start."""
    program = (
        "import time; began = time.process_time(); import main; print(1000 * (time.process_time() - began), flush=True)"
    )
    answer = subprocess.run(  # noqa: S603 - our own function
        [str(bundle.python), "-c", program],
        cwd=bundle.folder,
        env={**environment, **bundle.variables(0)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(answer.stdout.splitlines()[-1])


def _packages(bundle: Unpacked) -> int:
    """Bytes of what is installed, as the installer leaves it."""
    return sum(file.stat().st_size for file in bundle.python.parents[1].glob("lib/**/*") if file.is_file())


def _start(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> psutil.Popen:
    return psutil.Popen(
        command, cwd=folder, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _end(process: psutil.Popen) -> None:
    for each in [*process.children(recursive=True), process]:
        each.kill()
    process.wait()


def _used_ms(process: psutil.Popen) -> float:
    used = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return 1000 * sum(each.user + each.system for each in used)


def _await_port(port: int, process: psutil.Popen) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if accepts(port):
            return
        time.sleep(0.02)
    raise RuntimeError("a function did not start")


if __name__ == "__main__":
    raise SystemExit(main())
