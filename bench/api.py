"""The hottest routes of the REST surface on one core, each beside the bare Firestore calls that it needs.

    python -m bench.api [--seconds 2] [--rounds 3] [--route NAME]

The stores run in a process on the second core. The REST surface (uvicorn, one process) and the bare calls (the same
Firestore client, answers decoded to dictionaries) take turns on the first one, with the same documents. Printed per
route: milliseconds at the median and the 99th percentile one at a time, requests per second with eight at a time, the
ratios of all three to the bare calls, and the documents a request reads and writes, counted by the store. Last, the
same first page of a list for users with 100 and with 10,000 conversations.
"""

import argparse
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from bench.api_processes import STORES_CORE, Figures, children, timed
from bench.api_routes import FEW, MANY, Route, even, routes, some
from bench.child import Child


class Caller:
    """Sends a route's requests, each thread over a connection of its own; as light as it gets, for it shares a core."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token
        self._own = threading.local()

    def call(self, route: Route, number: int) -> bytes:
        """One request, which must succeed; the body."""
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection(self._address, timeout=60)
        path = route.path.format(one=some(number), even=even(number))
        connection.request(route.method, path, headers={"Authorization": f"Bearer {self._token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{route.name}: {answer.status} {body[:200]!r}")
        return body


def used(stores: Child, work: Callable[[], object]) -> tuple[int, int]:
    """Documents that `work` reads and writes."""
    before = stores.ask()
    work()
    after = stores.ask()
    return after["reads"] - before["reads"], after["writes"] - before["writes"]


def first_page(api: Child, stores: Child, *, seconds: float) -> dict[str, float]:
    """Milliseconds (median) of the newest 100 for either user, taking turns."""
    route = routes()[0]
    callers = {uid: Caller(api.said["url"], stores.said["tokens"][uid]) for uid in (FEW, MANY)}
    taken: dict[str, list[float]] = {uid: [] for uid in callers}
    end = time.perf_counter() + 2 * seconds
    while time.perf_counter() < end:
        for uid, caller in callers.items():
            began = time.perf_counter()
            caller.call(route, 0)
            taken[uid].append(1000 * (time.perf_counter() - began))
    return {uid: statistics.median(times) for uid, times in taken.items()}


def main() -> int:
    """Measure and print; 1 if a route reads or writes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--route", help="only those whose name contains this")
    options = parser.parse_args()
    chosen = [route for route in routes() if not options.route or options.route in route.name]
    results: dict[str, Any] = {}
    excess = False
    with children() as (stores, api, bare):
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {STORES_CORE})
        caller = Caller(api.said["url"], stores.said["tokens"][MANY])
        for route in chosen:
            for number in range(5):  # connections, threads, caches
                caller.call(route, number)
            reads, writes = used(stores, partial(caller.call, route, 0))
            over_http, bare_calls = Figures(), Figures()
            bare.ask(route=route.name, seconds=0.2)
            for _ in range(options.rounds):
                timed(partial(caller.call, route), over_http, seconds=options.seconds)
                answer = bare.ask(route=route.name, seconds=options.seconds)
                bare_calls.latencies += answer["latencies"]
                bare_calls.rates += answer["rates"]
            ours, floor = over_http.summary(), bare_calls.summary()
            ratios = {
                "p50": ours["p50"] / floor["p50"],
                "p99": ours["p99"] / floor["p99"],
                "rps": floor["rps"] / ours["rps"],
            }
            over = reads > route.reads or writes > route.writes
            excess |= over
            results[route.name] = {"ours": ours, "bare": floor, "ratio": ratios, "reads": reads, "writes": writes}
            print(
                f"{route.name:28} p50 {ours['p50']:6.1f} ms ({ratios['p50']:.2f}x)  p99 {ours['p99']:6.1f} ms "
                f"({ratios['p99']:.2f}x)  {ours['rps']:6.0f}/s ({ratios['rps']:.2f}x)  "
                f"reads {reads}/{route.reads} writes {writes}/{route.writes}{'  TOO MANY' if over else ''}",
                flush=True,
            )
        pages = first_page(api, stores, seconds=options.seconds)
    results["first page"] = {**pages, "ratio": pages[MANY] / pages[FEW]}
    print(
        f"first page of 10,000 conversations {pages[MANY]:.1f} ms, of 100 {pages[FEW]:.1f} ms "
        f"({pages[MANY] / pages[FEW]:.2f}x)"
    )
    print(json.dumps(results))
    return int(excess)


if __name__ == "__main__":
    raise SystemExit(main())
