"""How busy this process is, so that under load small things are done together."""

import asyncio
from collections.abc import Callable

from common.core import clock
from common.core.logs import get_logger

_EVERY_S = 0.25
_STALL_S = 1.0
"""Who could not run for so long was kept waiting by something that does not belong in an event loop."""
_SOON_S = 0.1
_BUSY, _CALM = 0.4, 0.25
"""Shares of a core."""


class Load:
    """Watches the processor time of the process; starts with the running loop and ends with `close`."""

    def __init__(self) -> None:
        self.busy = False
        self._put_off: set[Callable[[], None]] = set()
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    def do_soon(self, work: Callable[[], None]) -> None:
        """Do it within a tenth of a second or so; asked for again before that, once."""
        if not self._put_off:
            asyncio.get_running_loop().call_later(_SOON_S, self._do)
        self._put_off.add(work)

    def close(self) -> None:
        """Watch no more."""
        self._watching.cancel()

    def _do(self) -> None:
        put_off, self._put_off = self._put_off, set()
        for work in put_off:
            work()

    async def _watch(self) -> None:
        at, used = clock.monotonic(), clock.processor_time()
        while True:
            await asyncio.sleep(_EVERY_S)
            now, used_now = clock.monotonic(), clock.processor_time()
            share = (used_now - used) / (now - at)
            if (stalled_s := now - at - _EVERY_S) > _STALL_S:
                get_logger().warning("event_loop_stalled", seconds=round(stalled_s, 1), share=round(share, 2))
            at, used = now, used_now
            self.busy = share > (_CALM if self.busy else _BUSY)
