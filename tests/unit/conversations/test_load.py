"""How busy an instance is: what is put off is done together, and standing still is noticed."""

import asyncio
import json
import time

import pytest

from common.conversations.live.load import Load
from tests.support.scenarios import run, until


def test_what_is_put_off_is_done_soon_and_once() -> None:
    async def scenario() -> None:
        done: list[str] = []

        def work() -> None:
            done.append("work")

        load = Load()
        load.do_soon(work)
        load.do_soon(work)
        assert not done
        await until(lambda: done)
        assert done == ["work"]
        load.close()

    run(scenario)


def test_what_is_called_off_is_not_done() -> None:
    async def scenario() -> None:
        done: list[str] = []

        def first() -> None:
            done.append("first")

        def second() -> None:
            done.append("second")

        load = Load()
        load.do_soon(first)
        await asyncio.sleep(0.15)  # it is due next
        load.do_soon(second)
        load.call_off(first)
        await until(lambda: done)
        load.do_soon(first)
        load.call_off(first)
        await asyncio.sleep(0.3)
        assert done == ["second"]
        load.close()

    run(scenario)


def test_what_is_put_off_waits_for_a_tenth_of_a_second_at_least() -> None:
    async def scenario() -> None:
        waited: list[float] = []
        load = Load()
        load.do_soon(lambda: None)  # the next round is for this
        await asyncio.sleep(0.09)
        asked = time.perf_counter()
        load.do_soon(lambda: waited.append(time.perf_counter() - asked))
        await until(lambda: waited)
        assert waited[0] >= 0.1
        load.close()

    run(scenario)


def test_an_event_loop_that_stood_still_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        load = Load()
        await asyncio.sleep(0.3)
        time.sleep(1.3)  # noqa: ASYNC251 - that is what must not happen
        await asyncio.sleep(0.05)
        load.close()

    run(scenario)
    [line] = [line for line in capsys.readouterr().out.splitlines() if "event_loop_stalled" in line]
    told = json.loads(line)
    assert 1.0 <= told["seconds"] < 10
    assert told["share"] < 0.9, "it waited, and computed nothing"
