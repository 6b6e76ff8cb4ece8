"""Keep trying what must not be lost, without blocking the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from common.core import clock
from common.core.logs import get_logger

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


async def until_done(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Run a blocking store call in a thread, again and again until it succeeds.

    Whoever awaits this stands still meanwhile: that is the back-pressure. Only cancelling ends it early.
    """
    return await done_by(None, call, *arguments, **options)


async def done_by(threads: Executor | None, call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """The same in threads of one's own; None are those that all store calls share."""
    loop = asyncio.get_running_loop()
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return await loop.run_in_executor(threads, partial(copy_context().run, call, *arguments, **options))
        except Exception as error:  # noqa: BLE001 - whatever it is, the words are still here and not yet there
            get_logger().warning("store_retried", call=call.__name__, error=type(error).__name__)
        await clock.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
