"""How a process starts and settles."""

import gc
from collections.abc import Iterator

import pytest

from common.core.process import starting


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
