"""One queue of Cloud Tasks: its retry policy and the HTTP requests by which it hands tasks over."""

import asyncio
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx
from google.cloud import tasks_v2
from google.rpc import code_pb2  # type: ignore[import-untyped]  # ships no types

from common.core import clock, logs
from local.delivery import Answer, Backoff, Delivery, DeliveryQueue, Faults
from local.operations import Operations
from local.state import State
from local.tasks.names import split_task
from local.tasks.store import TaskStore

_Task = tasks_v2.Task.pb()
SignOidc = Callable[[str, str], str]
"""Makes the ID token for (audience, service account email)."""

_BILLED_BYTES = 32 * 1024
_CODES = {
    400: code_pb2.INVALID_ARGUMENT,
    401: code_pb2.UNAUTHENTICATED,
    403: code_pb2.PERMISSION_DENIED,
    404: code_pb2.NOT_FOUND,
    409: code_pb2.ABORTED,
    429: code_pb2.RESOURCE_EXHAUSTED,
    503: code_pb2.UNAVAILABLE,
    504: code_pb2.DEADLINE_EXCEEDED,
}


class TaskQueue(DeliveryQueue):
    """Delivers the tasks of one queue; a delivery's body is the serialised task, its key the task's name."""

    def __init__(
        self,
        state: State,
        config: Any,
        *,
        store: TaskStore,
        http: httpx.AsyncClient,
        sign_oidc: SignOidc | None,
        faults: Faults,
        operations: Operations,
    ) -> None:
        super().__init__(
            state,
            f"tasks:{config.name}",
            send=self._dispatch,
            backoff=Backoff(0.1, 3600),
            on_done=self._finished,
            on_dead=self._given_up,
            faults=faults,
        )
        self._config = config
        self._store = store
        self._http = http
        self._sign_oidc = sign_oidc
        self._operations = operations
        self.configure(config)

    def configure(self, config: Any) -> None:
        """Take over a changed configuration (`google.cloud.tasks.v2.Queue`) for all later attempts."""
        retry = config.retry_config
        self._config = config
        self.backoff = Backoff(
            retry.min_backoff.ToTimedelta().total_seconds(),
            retry.max_backoff.ToTimedelta().total_seconds(),
            retry.max_doublings,
        )
        self.concurrency = self.total_concurrency = config.rate_limits.max_concurrent_dispatches
        self.paused = config.state == tasks_v2.Queue.State.PAUSED

    def give_up_reason(self, delivery: Delivery) -> str | None:
        """A task is given up when the attempts and the retry duration, if one is set, are both used up."""
        retry = self._config.retry_config
        duration = retry.max_retry_duration.ToTimedelta().total_seconds()
        unlimited = retry.max_attempts < 0
        attempts_left = delivery.attempt + 1 < retry.max_attempts or (unlimited and not duration)
        if attempts_left:
            return None
        if not duration:
            return "attempts"
        task = self._store.find_task(delivery.key or "")
        first = task.first_attempt.dispatch_time.ToDatetime(tzinfo=UTC) if task else delivery.created_at
        return "age" if clock.now() - first >= clock.duration(duration) else None

    def _finished(self, delivery: Delivery) -> None:
        self._store.delete_task(delivery.key or "")

    def _given_up(self, delivery: Delivery, reason: str) -> None:
        _, task_id = split_task(delivery.key or "")
        logs.get_logger().error("task_given_up", queue=self._config.name, task=task_id, reason=reason)
        self._store.delete_task(delivery.key or "")

    async def _dispatch(self, delivery: Delivery) -> Answer:
        task = _Task.FromString(delivery.body)
        count_task(self._operations, task)
        now = clock.now()
        headers = self._headers(task, delivery)
        self._store.record_dispatch(task.name, scheduled=delivery.due_at, dispatched=now)
        request = task.http_request
        deadline = clock.seconds(task.dispatch_deadline.ToTimedelta().total_seconds())
        try:
            async with asyncio.timeout(deadline):
                response = await self._http.request(
                    tasks_v2.HttpMethod(request.http_method).name, request.url, content=request.body, headers=headers
                )
        except TimeoutError:
            self._store.record_response(
                task.name, status=0, code=code_pb2.DEADLINE_EXCEEDED, message="DEADLINE_EXCEEDED(4)"
            )
            return Answer(0)
        except httpx.HTTPError as error:
            self._store.record_response(task.name, status=0, code=code_pb2.UNAVAILABLE, message=type(error).__name__)
            return Answer(0)
        status = response.status_code
        if response.is_success:
            return Answer(status)
        code = _CODES.get(status, code_pb2.UNKNOWN)
        self._store.record_response(task.name, status=status, code=code, message=f"HTTP status code {status}")
        return Answer(status, _retry_after(response))

    def _headers(self, task: Any, delivery: Delivery) -> dict[str, str]:
        """The task's own headers without those Cloud Tasks sets itself, then these."""
        own = {name: value for name, value in task.http_request.headers.items() if not _reserved(name)}
        queue, task_id = split_task(task.name)
        scheduled = task.schedule_time.ToDatetime(tzinfo=UTC) if delivery.attempt == 0 else delivery.due_at
        headers = {
            **own,
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": queue.rpartition("/")[2],
            "X-CloudTasks-TaskName": task_id,
            "X-CloudTasks-TaskRetryCount": str(delivery.attempt),
            "X-CloudTasks-TaskExecutionCount": str(self._store.executions(task.name)),
            "X-CloudTasks-TaskETA": f"{scheduled.timestamp():.6f}",
        }
        if delivery.attempt:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(delivery.last_status or 0)
            headers["X-CloudTasks-TaskRetryReason"] = _reason(delivery.last_status)
        oidc = task.http_request.oidc_token
        if task.http_request.HasField("oidc_token") and self._sign_oidc:
            audience = oidc.audience or task.http_request.url
            headers["Authorization"] = f"Bearer {self._sign_oidc(audience, oidc.service_account_email)}"
        return headers


def count_task(operations: Operations, task: Any) -> None:
    """Count what is billed for taking a task in, or for handing it over."""
    operations.count("tasks.operations", max(1, -(-task.ByteSize() // _BILLED_BYTES)))


def _reserved(name: str) -> bool:
    lower = name.lower()
    return lower in {"host", "content-length", "user-agent"} or lower.startswith(("x-cloudtasks-", "x-google-"))


def _reason(status: int | None) -> str:
    if status is None:
        return "No response"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(response: httpx.Response) -> float:
    """Nominal seconds a 429 or 503 asks to wait; its date is a point in real time."""
    value = response.headers.get("retry-after", "")
    if response.status_code not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE) or not value:
        return 0.0
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - clock.now()).total_seconds() * clock.scale())
