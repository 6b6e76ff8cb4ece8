"""The time that an answer has."""

import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from common.chat.pacing import STILL_WORKING, TOO_LONG, paced, within
from common.chat.ports import Part, Thinking, Words
from common.core import clock
from common.core.clock import Deadline
from common.core.errors import ProviderError

Emit = Callable[[Part], None]
WHO: ContextVar[str] = ContextVar("who", default="nobody")


def _paced(work: Callable[[Emit], None], *, total_s: float = 5.0, heartbeat_s: float = 5.0) -> list[Part]:
    return list(paced(work, deadline=Deadline.real(total_s), stop=threading.Event(), heartbeat_s=heartbeat_s))


def test_parts_come_in_their_order_from_another_thread_in_the_callers_context() -> None:
    WHO.set("ada")
    threads = []

    def work(emit: Emit) -> None:
        threads.append(threading.current_thread())
        for word in ("one", "two", WHO.get()):
            emit(Words(word))

    assert _paced(work) == [Words("one"), Words("two"), Words("ada")]
    assert threads != [threading.current_thread()]


def test_a_thought_comes_while_nothing_else_does() -> None:
    go_on = threading.Event()

    def work(emit: Emit) -> None:
        go_on.wait(5)
        emit(Words("late"))

    parts = paced(work, deadline=Deadline.real(5), stop=threading.Event(), heartbeat_s=0.02)
    assert next(parts) == Thinking(STILL_WORKING)
    go_on.set()
    assert list(parts)[-1] == Words("late")


def test_nobody_waits_for_ever_and_the_work_is_told_so() -> None:
    stop, before = threading.Event(), clock.monotonic()

    def work(_: Emit) -> None:
        stop.wait(10)

    with pytest.raises(ProviderError, match=TOO_LONG):
        list(paced(work, deadline=Deadline.real(0.1), stop=stop))
    assert stop.is_set()
    assert clock.monotonic() - before < 5


@pytest.mark.parametrize("error", [ProviderError("away"), KeyError("defect"), SystemExit(1)])
def test_what_goes_wrong_is_raised_where_it_is_waited_for(error: BaseException) -> None:
    def work(emit: Emit) -> None:
        emit(Words("half"))
        raise error

    parts = paced(work, deadline=Deadline.real(5), stop=threading.Event())
    assert next(parts) == Words("half")
    with pytest.raises(type(error)):
        next(parts)


def test_who_goes_away_lets_the_work_end_though_nobody_takes_what_it_makes() -> None:
    ended, stop = threading.Event(), threading.Event()

    def work(emit: Emit) -> None:
        for _ in range(1000):
            emit(Words("more"))
        ended.set()

    parts = paced(work, deadline=Deadline.real(5), stop=stop)
    next(parts)
    parts.close()  # type: ignore[attr-defined]  # it is a generator
    assert ended.wait(5)


def test_what_is_waited_for_answers_fails_or_is_late() -> None:
    assert within(5, lambda: 7) == 7
    nothing: dict[str, int] = {}
    with pytest.raises(KeyError):
        within(5, lambda: nothing["missing"])
    release = threading.Event()
    with pytest.raises(ProviderError, match=TOO_LONG):
        within(0.05, lambda: release.wait(5))
    release.set()
