"""The only source of time.

Points in time are always real UTC. Only *durations* (timeouts, leases, backoff, schedules) shrink, by the setting
`TIME_SCALE`, so that the local cloud can run fast and tests need not wait (docs/decisions/0004-one-clock.md).
"""

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache


@cache
def scale() -> float:
    """How many times faster than nominal durations pass; 1.0 everywhere but in the local cloud."""
    value = float(os.environ.get("TIME_SCALE") or 1.0)
    if not value > 0:
        raise ValueError(f"TIME_SCALE must be a positive number, not {value}")
    return value


def now() -> datetime:
    """The current instant, UTC, at microsecond precision."""
    return datetime.now(UTC)


monotonic = time.monotonic
"""Seconds that never go backwards, for measuring; real, not scaled."""


def processor_time() -> float:
    """Seconds of processor time that this process has used, in all its threads."""
    return time.process_time()


def seconds(nominal: float) -> float:
    """Real seconds that a nominal duration of `nominal` seconds takes."""
    return nominal / scale()


def duration(nominal: float) -> timedelta:
    """The same as a timedelta."""
    return timedelta(seconds=seconds(nominal))


async def sleep(nominal: float) -> None:
    """Let `nominal` seconds pass without blocking the event loop."""
    import asyncio  # whoever waits in a loop has it; for others it is a lot

    await asyncio.sleep(seconds(nominal))


def pause(nominal: float) -> None:
    """Let `nominal` seconds pass, blocking the calling thread."""
    time.sleep(seconds(nominal))


class Deadline:
    """A point `nominal` seconds ahead; asks for the time only through this module."""

    def __init__(self, nominal: float) -> None:
        self._at = monotonic() + seconds(nominal)

    @classmethod
    def real(cls, real_seconds: float) -> "Deadline":
        """One that is never scaled: for waiting on a peer or a model, who live in real time."""
        return cls(real_seconds * scale())

    @property
    def remaining(self) -> float:
        """Real seconds left, never negative."""
        return max(0.0, self._at - monotonic())

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return self.remaining == 0.0
