"""What a piece of work has used of models is written down at its end, in one write; mostly there is nothing."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from common.core import clock
from common.core.logs import get_logger
from common.core.metering import Meter, metered
from common.database import refusals, spending
from common.entry.leaving import has_left_since

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from common.core.metering import Line, Used


def new_meter() -> Meter:
    """One that writes into the user's day; a count that cannot be written is no reason to fail what was done."""
    return Meter(partial(_write, clock.now()))


@contextmanager
def accounted() -> Iterator[Meter]:
    """Count what is used until the block ends, and write it down then."""
    with metered(new_meter()) as meter:
        try:
            yield meter
        finally:
            meter.close()


def _write(begun_at: datetime, uid: str, lines: Mapping[Line, Used]) -> None:
    """Where an event loop runs, in another thread: it must not stand still for a store."""
    import asyncio  # most functions have no loop, and have used nothing

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _write_now(begun_at, uid, lines)
    else:
        loop.run_in_executor(None, _write_now, begun_at, uid, lines)


def _write_now(begun_at: datetime, uid: str, lines: Mapping[Line, Used]) -> None:
    try:
        if has_left_since(begun_at, uid=uid):
            get_logger().info("spending_of_who_has_left")
            return
        spending.add(uid, lines)
    except refusals.GoogleAPIError as error:
        get_logger().error("spending_not_written", error=type(error).__name__, lines=len(lines))
