"""Time that passes at once: where everybody waits it is later, so that a scenario of minutes takes a moment."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import TypeVar, TypeVarTuple

import pytest

from common.core import clock

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class _Impatient(selectors.DefaultSelector):
    """Waits for no file, and lets time pass instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("everybody waits, and nobody will ever wake them")
            self.now += max(0.0, timeout)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """An event loop in such a time, in which threads take none."""

    def __init__(self) -> None:
        self._passing = _Impatient()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.now

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002 - the loop has it
        func: Callable[[*Ts], T],
        *args: *Ts,
    ) -> "asyncio.Future[T]":
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is whoever awaits that is told
            done.set_exception(error)
        return done


def run(scenario: Callable[[], Awaitable[T]]) -> T:
    """Run one; all clocks show its time."""

    async def main() -> T:
        loop = asyncio.get_running_loop()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(clock, "monotonic", loop.time)
            patched.setattr(clock, "now", lambda: _BEGIN + timedelta(seconds=loop.time()))
            return await scenario()

    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main())
