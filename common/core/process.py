"""What is the same for every process that serves requests or events."""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50
_LESS_URGENT = 5
"""Steps of urgency, of which a thread has 20 to give away."""


def settle(*, young: int = _YOUNG, middle: int = _MIDDLE) -> None:
    """Call once everything is imported: what was loaded until now stays, so the garbage collector need not look at it.

    Routes and models are hundreds of thousands of objects; going through them all took tens of milliseconds, in the
    middle of somebody's request. What little of it is garbage stays too: to look for it would take as long once.

    Args:
        young: how many objects are looked at together while they are new; nothing else runs meanwhile.
        middle: how often that is done before those are looked at again that have stayed.
    """
    gc.freeze()
    gc.set_threshold(young, middle, _OLD)


def give_way() -> None:
    """Call in a thread whose work may wait: on Linux the others come first, elsewhere all are as urgent."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LESS_URGENT)


@contextmanager
def starting() -> Iterator[None]:
    """For the imports of a process's start and what they are for: no garbage is looked for meanwhile, then it settles.

    What is imported stays, and there are ever more of it to be gone through: a tenth of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        settle()
