"""Scheduled functions are called by their cron lines, at the cloud's speed, and whatever they answer."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from common.core import clock
from local.functions import function_url
from local.manifest import load
from local.scheduler import Scheduler


class Calls:
    """A function that notes when it is called and answers as it is told."""

    def __init__(self, *, status: int = 200, takes_s: float = 0.0, error: Exception | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.at: list[float] = []
        self._status, self._takes_s, self._error = status, takes_s, error

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.at.append(clock.monotonic())
        await asyncio.sleep(self._takes_s)
        if self._error is not None:
            raise self._error
        return httpx.Response(self._status)


async def _run(calls: Calls, *, count: int) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(calls)) as http:
        running = asyncio.create_task(Scheduler(load().functions, http).run())
        async with asyncio.timeout(10):
            while len(calls.requests) < count:  # noqa: ASYNC110 - the requests tell nobody
                await asyncio.sleep(0.005)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute passes in 0.3 s."""
    monkeypatch.setattr(clock, "scale", lambda: 200.0)


def test_the_call_is_that_of_cloud_scheduler() -> None:
    calls = Calls()
    asyncio.run(_run(calls, count=1))
    request = calls.requests[0]
    assert (request.method, str(request.url)) == ("POST", function_url("sweep"))
    assert request.headers["user-agent"] == "Google-Cloud-Scheduler"
    assert request.headers["x-cloudscheduler"] == "true"
    assert request.headers["x-cloudscheduler-jobname"] == "sweep"
    assert request.headers["content-type"] == "application/octet-stream"
    due = datetime.fromisoformat(request.headers["x-cloudscheduler-scheduletime"])
    assert due.second == 0


def test_every_minute_is_every_minute_however_long_the_calls_take() -> None:
    calls = Calls(takes_s=0.1)
    asyncio.run(_run(calls, count=5))
    dues = [datetime.fromisoformat(request.headers["x-cloudscheduler-scheduletime"]) for request in calls.requests]
    assert {second - first for first, second in pairwise(dues)} == {timedelta(minutes=1)}
    assert calls.at[-1] - calls.at[0] == pytest.approx(4 * 0.3, abs=0.25)


def test_a_call_that_takes_longer_than_its_interval_is_not_caught_up_with() -> None:
    calls = Calls(takes_s=0.45)
    asyncio.run(_run(calls, count=3))
    assert calls.at[2] - calls.at[0] == pytest.approx(4 * 0.3, abs=0.25), "every second minute"


@pytest.mark.parametrize("error", [None, httpx.ConnectError("refused"), RuntimeError("it does not start")])
def test_a_call_that_fails_is_not_the_last(error: Exception | None) -> None:
    calls = Calls(status=500, error=error)
    asyncio.run(_run(calls, count=3))
