"""Live capture on one core: how many streams it holds and what a frame costs, beside bare servers that only count.

    python -m bench.listen [--runs 5] [--seconds 4] [--servers ours,heard,starlette,websockets,picows,decoding] [--hour]

Opus, 20 ms frames, 50 a second per stream. Ours decodes, buffers, stores blocks in the bucket and sends batches to a
recogniser that is a stub; the voice gate is off (`bench.gate` has its price). `heard` is ours with a recogniser in a
process of its own, to which each stream has a socket. `decoding` is bare picows that gives each frame to libopus and
does nothing else: the least that any server costs which decodes. A server runs on one core, the devices and the stores
on the other. Streams are *held* while no frame is refused, no connection lost, and the answer to a ping takes less than
20 ms at the 99th percentile: it waits behind every frame that is being handled. What a frame costs is said of 100
streams, and of as many as are held, where ours takes frames in groups. The servers take turns in every run; printed are
the median over the runs and their spread. Then the longest stall of the event loop while conversations are being
completed, and with `--hour` the memory over an hour of stream time.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.child import Child
from bench.listen_client import Crowd, nice
from common.conversations.finalize import close_conversation
from common.conversations.live.ear import KEPT_S
from common.database import conversations
from common.models.conversation import ConversationStatus
from common.models.segment import TranscriptSegment

LONGEST_WAIT_S = 0.020
_SERVER_CORE, _DEVICES_CORE = (0, 0) if (os.cpu_count() or 1) == 1 else (0, 1)
_MODULE = "bench.listen_servers"
_COSTED = 100
_FRAMES_PER_S = 50
_WARM_S = KEPT_S + 1.0
"""By then all that is kept of a stream is there, and what a conversation's beginning costs is over: it is once."""
_SETTLED_WITHIN_S, _IDLE_CPU_S = 60.0, 0.05
_FIRST_PART, _STEP = 0.5, 0.1
"""Of the streams that would fill the core, the part that is tried first, and how much more each time."""


@dataclass
class Run:
    """What one server did in one run."""

    us_per_frame: float
    us_per_frame_held: float
    held: int
    p99_ms: float
    mb_per_stream: float
    core: float


def measure(kind: str, stores: Any, *, seconds: float) -> Run:
    """One run of one server.

    Raises:
        RuntimeError: frames were taken and not counted.
    """
    if kind != "heard":
        return _measure(kind, stores, seconds=seconds)
    provider = Child(_MODULE, "provider", core=_DEVICES_CORE)
    try:
        environment = stores["environment"] | provider.said["environment"]
        return _measure(kind, stores | {"environment": environment}, seconds=seconds)
    finally:
        provider.stop()


def _measure(kind: str, stores: Any, *, seconds: float) -> Run:
    server = Child(_MODULE, kind, core=_SERVER_CORE, environment=stores["environment"])
    crowd = Crowd(server.said["port"], stores["tokens"])
    empty = server.ask()
    try:
        _grow(server, crowd, _COSTED)
        crowd.talk(_WARM_S)
        cost, _ = _level(server, crowd, seconds=2 * seconds)
        fills = 1e6 / (_FRAMES_PER_S * cost["us_per_frame"])
        run = Run(cost["us_per_frame"], 0.0, 0, 0.0, (cost["rss_mb"] - empty["rss_mb"]) / _COSTED, 0.0)
        part = _FIRST_PART
        while True:
            streams = min(int(part * fills), len(stores["tokens"]))
            _grow(server, crowd, max(streams, len(crowd.devices)))
            level, held = _level(server, crowd, seconds=seconds)
            if not held:
                break
            run.held, run.p99_ms, run.core = len(crowd.devices), level["p99_ms"], level["core"]
            run.us_per_frame_held = level["us_per_frame"]
            part += _STEP
        return run
    finally:
        crowd.close()
        server.stop()


def _grow(server: Child, crowd: Crowd, streams: int) -> None:
    """Have so many streams, and wait until the server has done what it does when one begins: that is not per frame."""
    crowd.grow(streams)
    crowd.begin()
    deadline = time.perf_counter() + _SETTLED_WITHIN_S
    used = server.ask()["cpu_s"]
    while time.perf_counter() < deadline:
        crowd.read(0.5)
        before, used = used, server.ask()["cpu_s"]
        if used - before < _IDLE_CPU_S:
            break
    crowd.talk(1.0)


def _level(server: Child, crowd: Crowd, *, seconds: float) -> tuple[dict[str, float], bool]:
    """Figures of the present number of streams, and whether the server holds them."""
    crowd.waits()
    before, sent, began = server.ask(), crowd.sent, time.perf_counter()
    refused = crowd.talk(seconds)
    after = server.ask()
    took = time.perf_counter() - began
    waits = sorted(crowd.waits())
    p99 = waits[int(len(waits) * 0.99)] if waits else float("inf")
    used = after["cpu_s"] - before["cpu_s"]
    figures = {
        "us_per_frame": 1e6 * used / max(1, crowd.sent - sent),
        "p99_ms": 1000 * p99,
        "core": used / took,
        "rss_mb": after["rss_mb"],
        "stall_ms": after["stall_ms"],
    }
    return figures, not refused and not crowd.lost and p99 < LONGEST_WAIT_S


def flat(stores: Any, *, streams: int = 8, speed: float = 40.0) -> list[float]:
    """Resident MB of ours after every ten minutes of stream time, an hour in all, faster than people talk."""
    server = Child(_MODULE, "ours", core=_SERVER_CORE, environment=stores["environment"])
    crowd = Crowd(server.said["port"], stores["tokens"])
    try:
        crowd.grow(streams)
        resident = []
        for _ in range(6):
            crowd.talk(600 / speed, speed=speed)
            resident.append(server.ask()["rss_mb"])
        return resident
    finally:
        crowd.close()
        server.stop()


def stall(stores: Any, complete: Callable[[int], None], *, streams: int = 100, conversations: int = 20) -> float:
    """The longest stall in ms of ours while conversations of its streams are being closed and completed."""
    server = Child(_MODULE, "ours", core=_SERVER_CORE, environment=stores["environment"])
    crowd = Crowd(server.said["port"], stores["tokens"])
    try:
        _grow(server, crowd, streams)
        server.ask()
        for number in range(conversations):
            complete(number)
            crowd.talk(0.5)
        return float(server.ask()["stall_ms"])
    finally:
        crowd.close()
        server.stop()


def completing(environment: dict[str, str]) -> Callable[[int], None]:
    """Closes the live conversation of the user of that number and completes it, with a transcript of some length."""
    os.environ.update(environment)
    transcript = [TranscriptSegment(text="word " * 20, start=at, end=at + 5.0) for at in range(0, 3600, 6)]

    def complete(number: int) -> None:
        uid = f"user-{number}"
        live = conversations.find_newest_live(uid=uid, status=ConversationStatus.IN_PROGRESS)
        if live is None:
            raise RuntimeError(f"{uid} has no live conversation")
        close_conversation(live, uid=uid)
        done = {"status": ConversationStatus.COMPLETED, "transcript_segments": transcript}
        conversations.change(uid=uid, conversation_id=live.id, decide=lambda current: current.model_copy(update=done))

    return complete


def main() -> int:
    """Measure and print; 1 if ours holds fewer streams than Starlette, or stands still for more than 50 ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--servers", default="ours,heard,starlette,websockets,picows,decoding")
    parser.add_argument("--hour", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {_DEVICES_CORE})
    nice()
    # The devices come first on their core: late ones would send in bursts, which no server is to blame for.
    stores = Child(_MODULE, "stores", core=_DEVICES_CORE, gives_way=True)
    kinds = options.servers.split(",")
    runs: dict[str, list[Run]] = {kind: [] for kind in kinds}
    results: dict[str, Any] = {}
    try:
        for number in range(options.runs):
            for kind in kinds:
                run = measure(kind, stores.said, seconds=options.seconds)
                runs[kind].append(run)
                print(f"run {number + 1} {kind:12} {_told([run])}", flush=True)
        for kind in kinds:
            print(f"median {kind:12} {_told(runs[kind])}")
            results[kind] = [asdict(run) for run in runs[kind]]
        if "ours" in kinds:
            results["stall_ms"] = stall(stores.said, completing(stores.said["environment"]))
            print(f"longest stall while conversations are completed: {results['stall_ms']:.1f} ms")
        if options.hour:
            results["hour_mb"] = flat(stores.said)
            print(
                "resident MB every ten minutes of stream time:", " ".join(f"{each:.0f}" for each in results["hour_mb"])
            )
    finally:
        stores.stop()
    print(json.dumps(results))
    fewer = {"ours", "starlette"} <= runs.keys() and _median(runs["ours"], "held") <= _median(runs["starlette"], "held")
    return int(fewer or results.get("stall_ms", 0.0) > 50.0)


def _median(runs: list[Run], name: str) -> float:
    return float(statistics.median(getattr(run, name) for run in runs))


def _told(runs: list[Run]) -> str:
    def spread(name: str, form: str) -> str:
        values = [getattr(run, name) for run in runs]
        middle = format(statistics.median(values), form)
        return middle if len(values) == 1 else f"{middle} ({format(min(values), form)}-{format(max(values), form)})"

    return (
        f"{spread('us_per_frame', '.1f')} us/frame  {spread('held', '.0f')} streams held "
        f"at {spread('us_per_frame_held', '.1f')} us/frame  p99 {spread('p99_ms', '.1f')} ms  "
        f"{spread('core', '.2f')} core  {spread('mb_per_stream', '.2f')} MB/stream"
    )


if __name__ == "__main__":
    raise SystemExit(main())
