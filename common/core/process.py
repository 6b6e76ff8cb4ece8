"""What is the same for every process that serves requests or events."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50


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
