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
