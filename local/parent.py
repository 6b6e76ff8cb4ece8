"""Ties the life of a process to its parent's, so that nothing started by the local cloud outlives it."""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_WATCH_SECONDS = 1.0


def die_with_parent(parent: int | None = None, *, by: signal.Signals = signal.SIGTERM) -> None:
    """Have this process receive signal `by` as soon as its parent is gone, however the parent went.

    Linux does it by itself (prctl(2), PR_SET_PDEATHSIG), counting the *thread* that started the process as the
    parent: start such a process from a thread that lives as long as the program. Elsewhere a daemon thread looks
    once a second.

    Args:
        parent: The expected parent's process id; the present parent by default. Given, it also catches a parent
            that died before this call.
        by: The signal to receive.
    """
    expected = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
        if os.getppid() != expected:
            os.kill(os.getpid(), by)
        return
    threading.Thread(target=_watch, args=(expected, by), name="parent-watch", daemon=True).start()


def _watch(expected: int, by: signal.Signals) -> None:
    while os.getppid() == expected:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), by)
