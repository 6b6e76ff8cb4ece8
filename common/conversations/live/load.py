"""How busy this process is, so that under load small things are done together."""

import asyncio
from collections.abc import Callable

from common.core import clock
from common.core.logs import get_logger

_EVERY_S = 0.25
_STALL_S = 1.0
"""Who could not run for so long was kept waiting by something that does not belong in an event loop."""
_LATE_S = 0.1
"""So late everybody else has waited long enough for whoever is taking in audio without a pause."""
_SOON_S = 0.1
_BUSY, _CALM = 0.4, 0.25
"""Shares of a core."""


class Load:
    """Watches the processor time of the process; starts with the running loop and ends with `close`."""

    def __init__(self) -> None:
        self.busy = False
        self.late_from = float("inf")
        """The moment, on the monotonic clock, from which on the event loop has not come round in time."""
        self._newly_put_off: set[Callable[[], None]] = set()
        self._put_off: set[Callable[[], None]] = set()
        self._due: asyncio.TimerHandle | None = None
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    def do_soon(self, work: Callable[[], None]) -> None:
        """Do it in one to two tenths of a second, once, unless it is called off before.

        Not sooner, because nearly all of it is called off: what is left of many connections would be done in one go.
        """
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_SOON_S, self._do)
        if work not in self._put_off:
            self._newly_put_off.add(work)

    def call_off(self, work: Callable[[], None]) -> None:
        """Do not do it any more."""
        self._newly_put_off.discard(work)
        self._put_off.discard(work)

    async def turn(self) -> None:
        """Wait until the event loop has come round, and is in time again; of many, as many as there is time for."""
        while clock.monotonic() >= self.late_from:  # noqa: ASYNC110 - once round is what is waited for
            await asyncio.sleep(0)

    def close(self) -> None:
        """Watch no more."""
        self._watching.cancel()

    def _do(self) -> None:
        due, self._put_off, self._newly_put_off = self._put_off, self._newly_put_off, set()
        self._due = asyncio.get_running_loop().call_later(_SOON_S, self._do) if self._put_off else None
        for work in due:
            work()

    async def _watch(self) -> None:
        at, used = clock.monotonic(), clock.processor_time()
        while True:
            self.late_from = at + _EVERY_S + _LATE_S
            await asyncio.sleep(_EVERY_S)
            now, used_now = clock.monotonic(), clock.processor_time()
            share = (used_now - used) / (now - at)
            if (stalled_s := now - at - _EVERY_S) > _STALL_S:
                get_logger().warning("event_loop_stalled", seconds=round(stalled_s, 1), share=round(share, 2))
            at, used = now, used_now
            self.busy = share > (_CALM if self.busy else _BUSY)
