"""How a process starts and settles."""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.core.process import give_way, starting


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


def test_no_garbage_is_looked_for_during_a_start_and_what_is_there_then_is_left_alone() -> None:
    before = gc.get_freeze_count()  # that of the tests before, in this process
    with starting():
        assert not gc.isenabled()
        assert gc.get_freeze_count() == before
        started: list[list[str]] = [[] for _ in range(10)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(started)


def test_garbage_is_looked_for_again_after_a_start_that_fails() -> None:
    with pytest.raises(ImportError), starting():
        raise ImportError
    assert gc.isenabled()


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no urgency of its own")
def test_a_thread_that_gives_way_does_so_alone() -> None:
    def urgency() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = urgency()
    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        assert pool.submit(urgency).result() > before
    assert urgency() == before
