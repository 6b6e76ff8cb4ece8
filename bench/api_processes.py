"""The processes of `bench.api`: the stores, the REST surface and the bare calls, each on a core of its own choice.

python -m bench.api_processes stores|api|bare
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from google.cloud import firestore

from bench.api_data import fill
from bench.api_routes import FEW, MANY, routes
from bench.child import Child
from common.core.process import settle
from common.entry.api.app import create_app
from common.entry.api.surface import PARTS
from local.environment import PROJECT
from local.http import bound_socket
from tests.support.stores import running_stores

_MODULE = "bench.api_processes"
STORES_CORE, API_CORE = (0, 0) if (os.cpu_count() or 1) == 1 else (1, 0)
AT_A_TIME = 8


@dataclass
class Figures:
    """Milliseconds of single calls, and how many a second with several at a time."""

    latencies: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Median, 99th percentile, rate."""
        ordered = sorted(self.latencies)
        return {
            "p50": statistics.median(ordered),
            "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
            "rps": statistics.median(self.rates),
        }


def timed(call: Callable[[int], object], figures: Figures, *, seconds: float) -> None:
    """Call one at a time, then AT_A_TIME at a time, for `seconds` each."""
    end = time.perf_counter() + seconds
    number = 0
    while (began := time.perf_counter()) < end:
        call(number)
        figures.latencies.append(1000 * (time.perf_counter() - began))
        number += 1
    end = time.perf_counter() + seconds
    done = [0] * AT_A_TIME

    def keep_on(worker: int) -> None:
        while time.perf_counter() < end:
            call(100 * worker + done[worker])  # each among its own
            done[worker] += 1

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(keep_on, range(AT_A_TIME)))
    figures.rates.append(sum(done) / (time.perf_counter() - began))


def serve_stores() -> None:
    """Run the stores until standard input ends; prints what leads to them, answers each line with what was used."""
    with tempfile.TemporaryDirectory() as folder, running_stores(Path(folder), scale=1.0) as stores:
        fill(FEW, 100)
        fill(MANY, 10_000)
        tokens = {uid: stores.identity.id_token(uid, expires_in_s=24 * 3600) for uid in (MANY, FEW)}
        print(json.dumps({"environment": stores.environment, "tokens": tokens}), flush=True)
        for _ in sys.stdin:
            print(json.dumps(asdict(stores.firestore.usage)), flush=True)


def serve_api() -> None:
    """Run the REST surface as its container does, until standard input ends; prints its address."""
    listener = bound_socket("127.0.0.1", 0)
    listener.listen()  # who connects before the server accepts, waits
    server = uvicorn.Server(
        uvicorn.Config(create_app(PARTS), log_level="warning", access_log=False, timeout_keep_alive=60)
    )

    def end() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end, daemon=True).start()
    settle()
    print(json.dumps({"url": f"127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    server.run(sockets=[listener])


def serve_bare() -> None:
    """Time bare calls on request: a line in names the route and the seconds, a line out is the figures."""
    # As it comes: what we tell ours is part of what is measured.
    db: Any = firestore.Client(project=PROJECT)
    known = {route.name: route for route in routes()}
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        figures = Figures()
        timed(partial(known[asked["route"]].bare, db), figures, seconds=asked["seconds"])
        print(json.dumps(asdict(figures)), flush=True)


@contextmanager
def children() -> Iterator[tuple[Child, Child, Child]]:
    """Stores, REST surface, bare calls."""
    stores = Child(_MODULE, "stores", core=STORES_CORE)
    environment = stores.said["environment"]
    api = Child(_MODULE, "api", core=API_CORE, environment=environment)
    bare = Child(_MODULE, "bare", core=API_CORE, environment=environment)
    try:
        yield stores, api, bare
    finally:
        for child in (bare, api, stores):
            child.stop()


if __name__ == "__main__":
    {"stores": serve_stores, "api": serve_api, "bare": serve_bare}[sys.argv[1]]()
