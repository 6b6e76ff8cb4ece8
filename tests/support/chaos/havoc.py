"""What goes wrong behind the chaos' users: processes die, or outsleep their leases, and the cache is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil
import redis

from tests.support.cloud import RunningCloud

_PAUSE_S = (1.0, 4.0)
_SPARED_S = 12.0
"""Between two blows to what users are connected to: somebody has to be let in, too."""
_SERVED = {"api", "chat"}
_LONGEST_SLEEP_S = 4.0
"""Of one of these."""
_SLEEPS = (20.0, 300.0)
"""Nominal seconds that others sleep; a lease lasts 120."""
_MOST_ASLEEP = 3


class Havoc(threading.Thread):
    """Goes on from `start` to `end`."""

    def __init__(self, cloud: RunningCloud, *, seed: int, scale: float) -> None:
        super().__init__(daemon=True)
        self.faults: Counter[str] = Counter()
        self._cloud = cloud
        self._random = Random(seed)  # noqa: S311 - no secret
        self._scale = scale
        self._over = threading.Event()
        self._asleep: dict[int, float] = {}
        self._hit_at: dict[str, float] = {}
        self._cache = redis.Redis.from_url(cloud.environment["REDIS_URL"])

    def run(self) -> None:
        while not self._over.wait(self._random.uniform(*_PAUSE_S)):
            self._wake(time.monotonic())
            if self._random.random() < 0.1:
                self._cache.flushall()
                self.faults["cache lost"] += 1
            else:
                self._strike()
        self._wake(float("inf"))
        self._cache.close()

    def end(self) -> None:
        """Let everybody be."""
        self._over.set()
        self.join()

    def _strike(self) -> None:
        awake = [(name, pid) for name, pid in functions_of(self._cloud) if pid not in self._asleep]
        if not awake:
            return
        name, pid = self._random.choice(awake)
        now = time.monotonic()
        if name in _SERVED and now - self._hit_at.get(name, 0.0) < _SPARED_S:
            return
        self._hit_at[name] = now
        sleeps = self._random.random() < 0.3 and len(self._asleep) < _MOST_ASLEEP
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP if sleeps else signal.SIGKILL)
            self.faults["sleep" if sleeps else "kill"] += 1
        if sleeps:
            longest = _LONGEST_SLEEP_S if name in _SERVED else self._random.uniform(*_SLEEPS) / self._scale
            self._asleep[pid] = now + longest

    def _wake(self, now: float) -> None:
        for pid in [pid for pid, until in self._asleep.items() if until < now]:
            del self._asleep[pid]
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def functions_of(cloud: RunningCloud) -> list[tuple[str, int]]:
    """The functions that run, by name, and their processes."""
    assert cloud.process is not None
    found = []
    for process in psutil.Process(cloud.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            sources = [Path(argument) for argument in process.cmdline() if "functions" in argument]
            found += [(source.name, process.pid) for source in sources if source.parent.name == "functions"]
    return sorted(found)
