"""What a function costs from its process's start to its first answer, beside a bare one of functions-framework.

    python -m bench.cold_start [--runs 3] [NAME ...]

Processor time of the process and its children, in milliseconds, because that is what comes out the same again: of the
whole until its trigger is answered, and of the imports alone. The stores are local and already there. Printed are
medians, and how many times the bare function's they are.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import psutil

from local.manifest import ROOT, load
from tests.support.bundles import Unpacked, accepts, free_port, unpack
from tests.support.stores import Stores, running_stores
from tests.support.triggering import trigger

_BARE = ROOT / "bench" / "bare"
_MOST = {"api": 5.0, "chat": 12.0}
_MOST_OF_OTHERS = 4.0
_READY_WITHIN_S = 60.0


def main() -> int:
    """Measure and print; 1 if any takes more than it should."""
    manifest = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    over = False
    with tempfile.TemporaryDirectory() as folder, running_stores(Path(folder)) as stores:
        bundles = {name: _unpack(name, Path(folder)) for name in options.names or manifest.functions}
        bare = statistics.median(_bare(next(iter(bundles.values()))) for _ in range(options.runs))
        print(f"{'bare function':26} {bare:6.0f} ms")
        for name, bundle in bundles.items():
            whole = statistics.median(_first_answer(name, bundle, stores) for _ in range(options.runs))
            imports = statistics.median(_imports(bundle, stores.environment) for _ in range(options.runs))
            most = _MOST.get(name, _MOST_OF_OTHERS)
            within = whole <= most * bare and imports <= most / 2 * bare
            over |= not within
            told = f"{whole:6.0f} ms {whole / bare:5.1f}x   imports {imports:6.0f} ms {imports / bare:5.1f}x"
            print(f"{name:26} {told}{'' if within else f'   more than {most:g}x and {most / 2:g}x'}", flush=True)
    return int(over)


def _unpack(name: str, folder: Path) -> Unpacked:
    own = folder / name
    own.mkdir()
    return unpack(name, own)


def _bare(bundle: Unpacked) -> float:
    """A function that says hello, with an interpreter that has functions-framework."""
    port = free_port()
    named = ["--target=main", "--signature-type=http", "--host=127.0.0.1", f"--port={port}"]
    command = [str(bundle.python), "-m", "functions_framework", "--source=main.py", *named]
    process = _start(command, _BARE, bundle.variables(port))
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
