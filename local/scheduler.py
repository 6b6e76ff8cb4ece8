"""Cloud Scheduler: calls functions by their cron lines, at least once, in UTC; gaps pass at the cloud's speed."""

import asyncio
from collections.abc import Mapping

import httpx
from cronsim import CronSim

from common.core import clock
from common.core.logs import get_logger
from local.functions import function_url
from local.manifest import Function

_ATTEMPT_DEADLINE_S = 180.0


class Scheduler:
    """Runs the scheduled functions of the manifest."""

    def __init__(self, functions: Mapping[str, Function], http: httpx.AsyncClient) -> None:
        self._scheduled = {
            name: function.trigger.schedule.cron for name, function in functions.items() if function.trigger.schedule
        }
        self._http = http

    async def run(self) -> None:
        """Call what is due, for ever."""
        async with asyncio.TaskGroup() as jobs:
            for name, cron in self._scheduled.items():
                jobs.create_task(self._run(name, cron))

    async def _run(self, name: str, cron: str) -> None:
        began, start = clock.monotonic(), clock.now()
        for due in CronSim(cron, start):
            # Measured from the start, so that however long the calls take the moments do not drift.
            waited = clock.monotonic() - began
            ahead = clock.seconds((due - start).total_seconds()) - waited
            if ahead < 0:
                continue  # it fell into the call before: Cloud Scheduler does not catch up, either
            await asyncio.sleep(ahead)
            await self._call(name, due.isoformat())

    async def _call(self, name: str, due: str) -> None:
        headers = {
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": name,
            "X-CloudScheduler-ScheduleTime": due,
            "Content-Type": "application/octet-stream",
        }
        try:
            answer = await self._http.post(function_url(name), headers=headers, timeout=_ATTEMPT_DEADLINE_S)
        except (httpx.HTTPError, RuntimeError) as error:
            get_logger().warning("schedule_failed", function=name, error=type(error).__name__)
            return
        if answer.is_error:
            get_logger().warning("schedule_failed", function=name, status=answer.status_code)
