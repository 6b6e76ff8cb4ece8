"""The gRPC server `google.cloud.tasks.v2.CloudTasks`."""

import asyncio
import secrets
from typing import Any

import grpc
import httpx
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from common.core import clock
from local.delivery import Faults
from local.operations import Operations
from local.rpc import RpcError, already_exists, invalid, not_found, start_server, unary
from local.state import State
from local.tasks.dispatch import SignOidc, TaskQueue, count_task
from local.tasks.names import check_location, location_of, split_task
from local.tasks.store import TaskStore
from local.tasks.validate import complete_queue, complete_task
from local.trouble import Trouble

_Queue = tasks_v2.Queue.pb()
_Task = tasks_v2.Task.pb()
_MAX_PAGE = 1000
_NO_QUEUE = "Requested entity was not found: queue {}"


class TasksServer:
    """Queues and tasks of any project and location.

    Args:
        state: where they live.
        sign_oidc: makes ID tokens for (audience, email); without it tasks go out without an Authorization header.
        faults: knobs for all queues.
        transport: how requests reach their targets; the network by default.
        operations: where calls and dispatches are counted: each is billed, for every 32 KB of a task.
        trouble: fault: calls that fail, or whose answers are lost.
    """

    def __init__(
        self,
        state: State,
        *,
        sign_oidc: SignOidc | None = None,
        faults: Faults | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        operations: Operations | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        self._trouble = trouble
        self._operations = operations or Operations()
        self._state = state
        self._transport = transport
        self._store = TaskStore(state)
        self._sign_oidc = sign_oidc
        self._faults = faults or Faults()
        self._queues: dict[str, TaskQueue] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._http: httpx.AsyncClient | None = None
        self._server: Any = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve and dispatch; returns the port."""
        # Each task's dispatch deadline is the timeout.
        transport = self._transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None))
        self._http = httpx.AsyncClient(timeout=None, trust_env=False, transport=transport)  # noqa: S113
        services = {"google.cloud.tasks.v2.CloudTasks": self._methods()}
        self._server, bound = await start_server(host, port, services, trouble=self._trouble)
        for queue in self._store.list_queues():
            self._run_queue(queue)
        return bound

    async def stop(self, grace_s: float = 2.0) -> None:
        """Refuse calls, give requests under way `grace_s` nominal seconds and stop; safe to call when not started."""
        if self._server is not None:
            await self._server.stop(clock.seconds(grace_s))
        await asyncio.gather(*(queue.stop(grace_s) for queue in self._queues.values()))
        await asyncio.gather(*self._runs.values(), return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()
        self._server, self._http = None, None
        self._queues.clear()
        self._runs.clear()

    def set_faults(self, faults: Faults) -> None:
        """Misbehave like this for every task created from now on."""
        self._faults = faults
        for queue in self._queues.values():
            queue.faults = faults

    def ensure_queue(
        self,
        name: str,
        *,
        max_attempts: int | None = None,
        max_retry_duration_s: float | None = None,
        min_backoff_s: float | None = None,
        max_backoff_s: float | None = None,
        max_doublings: int | None = None,
        max_concurrent_dispatches: int | None = None,
    ) -> None:
        """Create the queue of this full name or give it this configuration (Google's default where None)."""
        location_of(name)
        queue = self._store.find_queue(name) or _Queue(name=name, state=tasks_v2.Queue.State.RUNNING)
        queue.ClearField("retry_config")
        queue.ClearField("rate_limits")
        retry = queue.retry_config
        if max_retry_duration_s is not None:
            retry.max_retry_duration.FromMilliseconds(round(max_retry_duration_s * 1000))
        if min_backoff_s is not None:
            retry.min_backoff.FromMilliseconds(round(min_backoff_s * 1000))
        if max_backoff_s is not None:
            retry.max_backoff.FromMilliseconds(round(max_backoff_s * 1000))
        retry.max_attempts = max_attempts or 0
        retry.max_doublings = max_doublings or 0
        queue.rate_limits.max_concurrent_dispatches = max_concurrent_dispatches or 0
        complete_queue(queue)
        self._save(queue)

    def _methods(self) -> dict[str, Any]:
        v2 = tasks_v2
        empty = empty_pb2.Empty
        return {
            "CreateQueue": unary(self._create_queue, v2.CreateQueueRequest.pb(), _Queue),
            "GetQueue": unary(lambda r: self._queue(r.name), v2.GetQueueRequest.pb(), _Queue),
            "ListQueues": unary(self._list_queues, v2.ListQueuesRequest.pb(), v2.ListQueuesResponse.pb()),
            "UpdateQueue": unary(self._update_queue, v2.UpdateQueueRequest.pb(), _Queue),
            "DeleteQueue": unary(self._delete_queue, v2.DeleteQueueRequest.pb(), empty),
            "PauseQueue": unary(lambda r: self._set_paused(r.name, paused=True), v2.PauseQueueRequest.pb(), _Queue),
            "ResumeQueue": unary(lambda r: self._set_paused(r.name, paused=False), v2.ResumeQueueRequest.pb(), _Queue),
            "PurgeQueue": unary(self._purge_queue, v2.PurgeQueueRequest.pb(), _Queue),
            "CreateTask": unary(self._create_task, v2.CreateTaskRequest.pb(), _Task),
            "GetTask": unary(self._get_task, v2.GetTaskRequest.pb(), _Task),
            "ListTasks": unary(self._list_tasks, v2.ListTasksRequest.pb(), v2.ListTasksResponse.pb()),
            "DeleteTask": unary(self._delete_task, v2.DeleteTaskRequest.pb(), empty),
            "RunTask": unary(self._run_task, v2.RunTaskRequest.pb(), _Task),
        }

    def _run_queue(self, config: Any) -> None:
        if self._http is None:
            return
        queue = TaskQueue(
            self._state,
            config,
            store=self._store,
            http=self._http,
            sign_oidc=self._sign_oidc,
            faults=self._faults,
            operations=self._operations,
        )
        self._queues[config.name] = queue
        self._runs[config.name] = asyncio.get_running_loop().create_task(queue.run())

    def _save(self, config: Any) -> None:
        self._store.save_queue(config)
        if config.name in self._queues:
            self._queues[config.name].configure(config)
        else:
            self._run_queue(config)

    def _queue(self, name: str) -> Any:
        location_of(name)
        queue = self._store.find_queue(name)
        if queue is None:
            raise not_found(_NO_QUEUE.format(name))
        return queue

    def _create_queue(self, request: Any) -> Any:
        queue = request.queue
        if location_of(queue.name) != check_location(request.parent):
            raise invalid(f'The queue name "{queue.name}" does not lie in "{request.parent}".')
        if self._store.find_queue(queue.name):
            raise already_exists("Queue already exists")
        complete_queue(queue)
        queue.state = tasks_v2.Queue.State.RUNNING
        self._save(queue)
        return queue

    def _list_queues(self, request: Any) -> Any:
        if request.filter:
            raise RpcError(grpc.StatusCode.UNIMPLEMENTED, "ListQueues.filter is not supported here.")
        parent = check_location(request.parent) + "/"
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        found = self._store.list_queues(parent, after=request.page_token, limit=size + 1)
        token = found[size - 1].name if len(found) > size else ""
        return tasks_v2.ListQueuesResponse.pb()(queues=found[:size], next_page_token=token)

    def _update_queue(self, request: Any) -> Any:
        location_of(request.queue.name)
        queue = self._store.find_queue(request.queue.name)
        if queue is None:
            queue = request.queue
            queue.state = tasks_v2.Queue.State.RUNNING
        elif request.update_mask.paths:
            # RetryConfig and RateLimits in the mask replace the message: a merge would keep what the caller cleared.
            for path in request.update_mask.paths:
                if "." not in path and path in queue.DESCRIPTOR.fields_by_name:
                    queue.ClearField(path)
            request.update_mask.MergeMessage(request.queue, queue)
        else:
            queue.retry_config.CopyFrom(request.queue.retry_config)
            queue.rate_limits.CopyFrom(request.queue.rate_limits)
        complete_queue(queue)
        self._save(queue)
        return queue

    async def _delete_queue(self, request: Any) -> Any:
        self._queue(request.name)
        delivery = self._queues.pop(request.name)
        run = self._runs.pop(request.name)
        with self._state.transaction():
            delivery.clear()
            self._store.delete_queue(request.name)
        await delivery.stop(grace_s=0)
        await run
        return empty_pb2.Empty()

    def _set_paused(self, name: str, *, paused: bool) -> Any:
        queue = self._queue(name)
        queue.state = tasks_v2.Queue.State.PAUSED if paused else tasks_v2.Queue.State.RUNNING
        self._save(queue)
        return queue

    def _purge_queue(self, request: Any) -> Any:
        queue = self._queue(request.name)
        queue.purge_time.FromDatetime(clock.now())
        with self._state.transaction():
            self._queues[queue.name].clear()
            self._store.delete_tasks(queue.name)
            self._store.save_queue(queue)
        return queue

    def _create_task(self, request: Any) -> Any:
        location_of(request.parent)
        task = request.task
        if not task.name:
            task.name = f"{request.parent}/tasks/{secrets.randbelow(9 * 10**19) + 10**19}"
        elif split_task(task.name)[0] != request.parent:
            raise invalid(f'The task name "{task.name}" does not lie in the queue "{request.parent}".')
        complete_task(task)
        count_task(self._operations, task)
        if self._store.find_queue(request.parent) is None:
            raise not_found("Queue does not exist. If you just created the queue, wait at least a minute.")
        if self._store.find_task(task.name):
            raise already_exists("Requested entity already exists")
        if self._store.is_burnt(task.name):
            raise already_exists(
                "The task cannot be created because a task with this name existed too recently. For more information "
                "about task de-duplication see https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations"
                ".queues.tasks/create#body.request_body.FIELDS.task."
            )
        with self._state.transaction():
            self._store.add_task(request.parent, task)
            self._queues[request.parent].put(
                target=request.parent,  # the limits of a queue are its own, not those of its targets
                headers={},
                body=task.SerializeToString(),
                not_before=task.schedule_time.ToDatetime(tzinfo=clock.now().tzinfo),
                key=task.name,
            )
        return _view(task, request.response_view)

    def _task(self, name: str) -> Any:
        split_task(name)
        task = self._store.find_task(name)
        if task is None:
            raise not_found(
                "The task no longer exists, though a task with this name existed recently. The task either "
                "successfully completed or was deleted."
                if self._store.is_burnt(name)
                else "Requested entity was not found."
            )
        return task

    def _get_task(self, request: Any) -> Any:
        return _view(self._task(request.name), request.response_view)

    def _list_tasks(self, request: Any) -> Any:
        self._queue(request.parent)
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        found = self._store.list_tasks(request.parent, after=request.page_token, limit=size + 1)
        token = found[size - 1].name if len(found) > size else ""
        tasks = [_view(task, request.response_view) for task in found[:size]]
        return tasks_v2.ListTasksResponse.pb()(tasks=tasks, next_page_token=token)

    def _delete_task(self, request: Any) -> Any:
        self._operations.count("tasks.operations")
        task = self._task(request.name)
        with self._state.transaction():
            self._queues[split_task(task.name)[0]].remove(task.name)
            self._store.delete_task(task.name)
        return empty_pb2.Empty()

    def _run_task(self, request: Any) -> Any:
        task = self._task(request.name)
        task.schedule_time.FromDatetime(clock.now())
        self._queues[split_task(task.name)[0]].force(task.name)
        return _view(task, request.response_view)


def _view(task: Any, view: int) -> Any:
    """The task as far as a view shows it: the body only in FULL."""
    shown = _Task()
    shown.CopyFrom(task)
    shown.view = view or tasks_v2.Task.View.BASIC
    if shown.view != tasks_v2.Task.View.FULL:
        shown.http_request.ClearField("body")
    return shown
