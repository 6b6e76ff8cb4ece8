"""Firestore operations per second through the real client, ours beside Google's emulator in the same run.

    python bench/firestore.py [--seconds 3] [--documents 10000]

Each operation is repeated for a while against each server in turn; printed are operations per second, the server's CPU
milliseconds per operation, and the ratio of ours to Google's. Without java or the emulator's jar only ours is measured.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from local.firestore.server import FirestoreServer
from local.state import State

_JAR = os.environ.get(
    "FIRESTORE_EMULATOR_JAR",
    "/usr/lib/google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
)
_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_DOCUMENT = {
    "title": "A conversation",
    "created_at": 0,
    "discarded": False,
    "overview": "word " * 60,
    "tags": ["a", "b"],
}
_TICKS = os.sysconf("SC_CLK_TCK")


async def serve(path: Path, port: int) -> None:
    """Run our server until killed."""
    server = FirestoreServer(State(path))
    await server.start(port=port)
    await asyncio.Event().wait()


@contextlib.contextmanager
def started(command: list[str], port: int) -> Iterator[int]:
    """A server process that listens on `port`; gives its process id."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - the servers it compares
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def fill(db: Any, documents: int) -> None:
    """A collection to query, in batches."""
    for start in range(0, documents, 400):
        batch = db.batch()
        for number in range(start, min(start + 400, documents)):
            content = {**_DOCUMENT, "created_at": number, "group": number % (documents // 20)}
            batch.set(db.document(f"users/u/conversations/{number:06}"), content)
        batch.commit()


def operations(db: Any) -> dict[str, tuple[int, Callable[[int], object]]]:
    """What is measured: threads, and one operation given a running number."""

    def move(number: int) -> None:
        @firestore.transactional
        def step(transaction: firestore.Transaction) -> None:
            snapshot = db.document("bench/txn").get(transaction=transaction)
            transaction.set(db.document("bench/txn"), {"n": number, "before": snapshot.exists})

        step(db.transaction())

    conversations = db.collection("users/u/conversations")
    newest = conversations.order_by("created_at", direction="DESCENDING").limit(100)
    grouped = conversations.where(filter=firestore.FieldFilter("group", "==", 7))
    kept = conversations.where(filter=firestore.FieldFilter("discarded", "==", value=False))
    kept = kept.order_by("created_at", direction="DESCENDING").limit(20)
    return {
        "set": (1, lambda number: db.document(f"bench/{number % 1000}").set({**_DOCUMENT, "n": number})),
        "get": (1, lambda number: db.document(f"bench/{number % 1000}").get()),
        "set, 8 threads": (8, lambda number: db.document(f"bench/{number % 1000}").set({**_DOCUMENT, "n": number})),
        "get, 8 threads": (8, lambda number: db.document(f"bench/{number % 1000}").get()),
        "transaction": (1, move),
        "newest 100": (1, lambda _: list(newest.stream())),
        "20 by equality": (1, lambda _: list(grouped.stream())),
        "equality and order, 20": (1, lambda _: list(kept.stream())),
        "count": (1, lambda _: conversations.count().get()),
    }


def measure(operation: Callable[[int], object], threads: int, seconds: float, pid: int) -> tuple[float, float]:
    """Operations per second and the server's CPU milliseconds per operation."""
    warm = time.monotonic() + seconds / 2  # the JVM compiles, ours builds access paths
    while time.monotonic() < warm:
        operation(0)
    end = time.monotonic() + seconds

    def work(first: int) -> int:
        number = first
        while time.monotonic() < end:
            operation(number)
            number += threads
        return (number - first) // threads

    begun, cpu = time.monotonic(), cpu_seconds(pid)
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(work, range(threads)))
    return done / (time.monotonic() - begun), 1000 * (cpu_seconds(pid) - cpu) / done


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: list[str], port: int, options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    """Every operation against one server."""
    with started(command, port) as pid:
        os.environ["FIRESTORE_EMULATOR_HOST"] = f"127.0.0.1:{port}"
        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # the library has no types here
        db: Any = firestore.Client(project="bench", credentials=anonymous)
        fill(db, options.documents)
        results = {}
        for name, (threads, operation) in operations(db).items():
            results[name] = measure(operation, threads, options.seconds, pid)
        db.close()
        return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--serve", nargs=2, metavar=("PATH", "PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(Path(options.serve[0]), int(options.serve[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, __file__, "--serve", f"{folder}/state.db", str(port)]
        results = {"ours": run(command, port, options)}
    java = shutil.which("java")
    if java and Path(_JAR).is_file():
        port = free_port()
        command = [java, "-cp", _JAR, _MAIN, "start", "--host=127.0.0.1", f"--port={port}"]
        results["google"] = run(command, port, options)
    for name, (rate, cpu) in results["ours"].items():
        line = f"{name:24} ours {rate:8.1f}/s {cpu:7.2f} ms CPU"
        if "google" in results:
            other_rate, other_cpu = results["google"][name]
            line += f"   google {other_rate:8.1f}/s {other_cpu:7.2f} ms CPU   ratio {rate / other_rate:5.2f}"
        print(line)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
