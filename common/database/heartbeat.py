"""Keeping a lease while the work goes on: leases can be short, so that a crash is noticed soon, and work long."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from common.core import clock
from common.core.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BEATS_PER_LEASE = 3


@contextmanager
def heartbeat(renew: Callable[[], bool], *, lease_seconds: float, longest_s: float) -> Iterator[None]:
    """Renew a lease from a thread for as long as the body runs.

    Args:
        renew: extends the lease; False says that it was lost, and ends the renewing.
        lease_seconds: how long the lease lasts without being renewed.
        longest_s: after this the work counts as hanging and the lease is left to expire.
    """
    done = threading.Event()
    deadline = clock.Deadline(longest_s)

    def beat() -> None:
        while not done.wait(clock.seconds(lease_seconds / _BEATS_PER_LEASE)) and not deadline.passed:
            try:
                if not renew():
                    return
            except Exception as error:  # noqa: BLE001 - the next beat may succeed; the lease bounds the damage
                get_logger().warning("lease_not_renewed", error=type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
