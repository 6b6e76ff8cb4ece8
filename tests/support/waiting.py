"""Waiting for what happens by itself."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(probe: Callable[[], T | None], *, within_s: float, what: str, every_s: float = 0.2) -> T:
    """The first truthy answer of `probe`, asked again and again; fails with `what` when there is none in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        answer = probe()
        if answer:
            return answer
        time.sleep(every_s)
    raise AssertionError(f"not within {within_s:g} s: {what}")
