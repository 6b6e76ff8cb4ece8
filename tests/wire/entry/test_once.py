"""A request under a key is done by one at a time, however long that takes."""

import threading
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from common.core.errors import InvalidInputError, UnderWayError
from common.entry.api import once
from common.entry.api.once import Once

pytestmark = pytest.mark.usefixtures("stores")


class Made(BaseModel):
    """What is answered."""

    number: int


def _once(asked: str = "a") -> Once:
    return Once(key="k1", route="POST /v1/things", asked=asked)


def _slowly(begun: threading.Event, done: threading.Event) -> Callable[[], Made]:
    def work() -> Made:
        begun.set()
        done.wait(5)
        return Made(number=1)

    return work


def _never() -> Made:
    raise AssertionError("done a second time")


def test_whoever_comes_while_it_is_done_is_told_to_come_back_even_after_the_lease_and_then_answered_the_same(
    uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "_LEASE_S", 0.6)
    begun, done = threading.Event(), threading.Event()
    answers: list[Made] = []
    first = threading.Thread(target=lambda: answers.append(_once()(Made, _slowly(begun, done), uid=uid)))
    first.start()
    assert begun.wait(5)
    for pause in (0.0, 1.2):
        threading.Event().wait(pause)
        with pytest.raises(UnderWayError) as refused:
            _once()(Made, _never, uid=uid)
        assert (refused.value.status, refused.value.headers) == (409, {"Retry-After": "1"})
    done.set()
    first.join(5)
    assert answers == [Made(number=1)]
    assert _once()(Made, _never, uid=uid) == answers[0]
    with pytest.raises(InvalidInputError):
        _once("b")(Made, _never, uid=uid)


def test_what_failed_is_tried_again_under_the_same_key(uid: str) -> None:
    def fails() -> Made:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        _once()(Made, fails, uid=uid)
    assert _once()(Made, lambda: Made(number=2), uid=uid) == Made(number=2)
