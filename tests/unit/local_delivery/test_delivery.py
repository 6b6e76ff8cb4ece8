import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common.core import clock
from local.delivery import Answer, Backoff, Delivery, DeliveryQueue, Faults
from local.state import State

QUICK = Backoff(0.01, 0.05)


async def _until(condition: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109 - a test's patience
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - the condition is a row in a database
            await asyncio.sleep(0.005)


def _put(queue: DeliveryQueue, body: bytes = b"x", **kwargs: Any) -> str:
    return queue.put(target=kwargs.pop("target", "http://t/"), headers={"a": "b"}, body=body, **kwargs)


class Receiver:
    """Records what it is sent and answers from a list, 200 when that is used up."""

    def __init__(self, *answers: int | Answer | Exception) -> None:
        self.answers = list(answers)
        self.seen: list[Delivery] = []
        self.under_way = 0
        self.most_under_way = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def __call__(self, delivery: Delivery) -> int | Answer:
        self.seen.append(delivery)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.hold.wait()
            answer = self.answers.pop(0) if self.answers else 200
        finally:
            self.under_way -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def _play(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


async def _running(queue: DeliveryQueue, condition: Callable[[], bool]) -> None:
    task = asyncio.create_task(queue.run())
    await _until(condition)
    await queue.stop()
    await task


def test_an_item_is_delivered_once_with_what_was_put(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        item = _put(queue, b"\x00body")
        await _running(queue, lambda: queue.pending() == 0)
        (seen,) = receiver.seen
        assert (seen.id, seen.body, seen.headers, seen.attempt) == (item, b"\x00body", {"a": "b"}, 0)
        assert seen.last_status is None
        state.close()

    _play(play())


def test_a_put_while_running_wakes_the_queue(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        task = asyncio.create_task(queue.run())
        await asyncio.sleep(0.02)
        _put(queue)
        await _until(lambda: len(receiver.seen) == 1, timeout=0.5)
        await queue.stop()
        await task
        state.close()

    _play(play())


def test_a_rolled_back_transaction_delivers_nothing(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        task = asyncio.create_task(queue.run())
        await asyncio.sleep(0)

        def fail_after_put() -> None:
            with state.transaction():
                _put(queue)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_put()
        await asyncio.sleep(0.05)
        await queue.stop()
        await task
        assert receiver.seen == []
        state.close()

    _play(play())


def test_failures_and_exceptions_are_retried_with_the_last_status(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(500, OSError("gone"), 301), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        assert [(d.attempt, d.last_status) for d in receiver.seen] == [(0, None), (1, 500), (2, None), (3, 301)]
        state.close()

    _play(play())


def test_backoff_doubles_then_grows_linearly_up_to_the_maximum() -> None:
    backoff = Backoff(10, 300, doublings=3)
    assert [backoff.delay(n) for n in range(8)] == [10, 20, 40, 80, 160, 240, 300, 300]
    assert Backoff(10, 600).delay(10_000) == 600


def test_retry_after_postpones_beyond_the_backoff(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(Answer(429, retry_after_s=0.3)), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        _put(queue)
        start = clock.monotonic()
        await _running(queue, lambda: queue.pending() == 0)
        assert clock.monotonic() - start >= 0.3
        state.close()

    _play(play())


def test_exhausted_attempts_end_in_on_dead_in_the_deleting_transaction(path: Path) -> None:
    async def play() -> None:
        dead: list[tuple[str, str, int]] = []
        receiver, state = Receiver(500, 500, 500), State(path)

        def bury(delivery: Delivery, reason: str) -> None:
            assert state.connection.in_transaction
            dead.append((delivery.id, reason, delivery.attempt))

        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, max_attempts=3, on_dead=bury)
        item = _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        assert dead == [(item, "attempts", 2)]
        state.close()

    _play(play())


def test_old_age_ends_in_on_dead(path: Path) -> None:
    async def play() -> None:
        dead: list[str] = []
        state = State(path)
        queue = DeliveryQueue(
            state,
            "q",
            send=Receiver(*[503] * 1000),
            backoff=QUICK,
            max_age_s=0.2,
            on_dead=lambda _, reason: dead.append(reason),
        )
        _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        assert dead == ["age"]
        state.close()

    _play(play())


def test_not_before_is_kept(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        due = clock.now() + timedelta(seconds=0.2)
        _put(queue, not_before=due)
        await _running(queue, lambda: queue.pending() == 0)
        assert clock.now() >= due
        state.close()

    _play(play())


def test_an_item_in_flight_at_a_crash_is_delivered_again_after_the_restart(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        receiver.hold.clear()
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        item = _put(queue)
        task = asyncio.create_task(queue.run())
        await _until(lambda: bool(receiver.seen))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        state.close()
        after, again = Receiver(), State(path)
        queue = DeliveryQueue(again, "q", send=after, backoff=QUICK)
        await _running(queue, lambda: queue.pending() == 0)
        assert [(d.id, d.attempt) for d in after.seen] == [(item, 0)]
        again.close()

    _play(play())


def test_a_busy_target_is_limited_and_does_not_hold_up_another(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        receiver.hold.clear()
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, concurrency=2)
        for _ in range(5):
            _put(queue, target="http://slow/")
        _put(queue, target="http://other/")
        task = asyncio.create_task(queue.run())
        await _until(lambda: len(receiver.seen) == 3)
        await asyncio.sleep(0.05)
        assert sorted(d.target for d in receiver.seen) == ["http://other/", "http://slow/", "http://slow/"]
        receiver.hold.set()
        await _until(lambda: queue.pending() == 0)
        assert len(receiver.seen) == 6
        await queue.stop()
        await task
        state.close()

    _play(play())


def test_total_concurrency_bounds_all_targets_together(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        receiver.hold.clear()
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, total_concurrency=3)
        for number in range(8):
            _put(queue, target=f"http://t{number}/")
        task = asyncio.create_task(queue.run())
        await _until(lambda: receiver.under_way == 3)
        receiver.hold.set()
        await _until(lambda: queue.pending() == 0)
        assert receiver.most_under_way == 3
        await queue.stop()
        await task
        state.close()

    _play(play())


def test_stop_lets_what_is_in_flight_finish(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        receiver.hold.clear()
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        _put(queue)
        task = asyncio.create_task(queue.run())
        await _until(lambda: bool(receiver.seen))
        asyncio.get_running_loop().call_later(0.05, receiver.hold.set)
        await queue.stop(grace_s=2)
        await task
        assert queue.pending() == 0
        state.close()

    _play(play())


def test_a_key_that_waits_is_not_put_twice_but_may_come_back_later(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        assert _put(queue, key="k") == _put(queue, key="k")
        assert queue.pending() == 1
        assert queue.remove("k")
        assert not queue.remove("k")
        _put(queue, key="k")
        assert queue.pending() == 1
        state.close()

    _play(play())


def test_a_paused_queue_sends_only_what_is_forced(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK)
        queue.paused = True
        _put(queue, key="a")
        _put(queue, key="b", not_before=clock.now() + timedelta(hours=1))
        task = asyncio.create_task(queue.run())
        await asyncio.sleep(0.05)
        assert receiver.seen == []
        queue.force("b")
        await _until(lambda: [d.key for d in receiver.seen] == ["b"])
        queue.paused = False
        await _until(lambda: [d.key for d in receiver.seen] == ["b", "a"])
        await queue.stop()
        await task
        state.close()

    _play(play())


def test_a_failing_hook_undoes_the_settling(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        calls: list[int] = []

        def fail_once(_: Delivery) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise ValueError

        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, on_done=fail_once)
        _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        assert len(receiver.seen) == len(calls) == 2
        state.close()

    _play(play())


async def _order(path: Path, seed: int) -> list[bytes]:
    receiver, state = Receiver(), State(path)
    faults = Faults(duplicate=True, shuffle_seed=seed)
    queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, concurrency=1, faults=faults)
    for number in range(10):
        _put(queue, b"%d" % number)
    await _running(queue, lambda: queue.pending() == 0)
    state.close()
    return [d.body for d in receiver.seen]


def test_faults_deliver_everything_twice_in_a_reproducible_disorder(tmp_path: Path) -> None:
    first = asyncio.run(_order(tmp_path / "a", 7))
    assert sorted(first) == sorted([b"%d" % n for n in range(10)] * 2)
    assert first == asyncio.run(_order(tmp_path / "b", 7))
    assert first != asyncio.run(_order(tmp_path / "c", 8))
    assert first != sorted(first)


def test_a_late_fault_holds_items_back(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        faults = Faults(shuffle_seed=1, extra_delay_s=0.3)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, faults=faults)
        for _ in range(10):
            _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        late = [d.due_at - d.created_at for d in receiver.seen]
        assert max(late) > timedelta(seconds=0.1)
        assert max(late) <= timedelta(seconds=0.31)
        state.close()

    _play(play())


def test_delays_are_nominal_and_shrink_with_the_clock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        receiver, state = Receiver(500, Answer(503, retry_after_s=200)), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=Backoff(100, 600), max_age_s=86_400)
        _put(queue)
        await _running(queue, lambda: queue.pending() == 0)
        assert len(receiver.seen) == 3
        state.close()

    monkeypatch.setattr(clock, "scale", lambda: 1000.0)
    started = clock.monotonic()
    _play(play())
    assert 0.3 <= clock.monotonic() - started < 3


def test_two_thousand_items_leave_in_the_order_they_came(path: Path) -> None:
    async def play() -> None:
        receiver, state = Receiver(), State(path)
        queue = DeliveryQueue(state, "q", send=receiver, backoff=QUICK, concurrency=1)
        with state.transaction():
            for number in range(2000):
                _put(queue, b"%d" % number)
        await _running(queue, lambda: queue.pending() == 0)
        assert [int(d.body) for d in receiver.seen] == list(range(2000))
        state.close()

    _play(play())
