"""The tables of Cloud Tasks: queues, tasks that wait, and the names that stay burnt after they are gone."""

from datetime import datetime
from typing import Any

from google.cloud import tasks_v2

from common.core import clock
from local.state import State

_Queue = tasks_v2.Queue.pb()
_Task = tasks_v2.Task.pb()
_NAME_KEPT_S = 24 * 3600.0
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tasks_queues (name TEXT PRIMARY KEY, queue BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS tasks_tasks (
    name TEXT PRIMARY KEY, queue TEXT NOT NULL, task BLOB NOT NULL, executions INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX IF NOT EXISTS tasks_by_queue ON tasks_tasks (queue, name)",
    "CREATE TABLE IF NOT EXISTS tasks_burnt_names (name TEXT PRIMARY KEY, until REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS tasks_burnt_until ON tasks_burnt_names (until)",
)


class TaskStore:
    """Queues and tasks as protobuf, by name."""

    def __init__(self, state: State) -> None:
        self._state = state
        for statement in _SCHEMA:
            state.connection.execute(statement)

    def find_queue(self, name: str) -> Any | None:
        """The queue of that name."""
        row = self._state.connection.execute("SELECT queue FROM tasks_queues WHERE name = ?", (name,)).fetchone()
        return _Queue.FromString(row["queue"]) if row else None

    def save_queue(self, queue: Any) -> None:
        """Create or replace a queue."""
        with self._state.transaction() as db:
            db.execute("INSERT OR REPLACE INTO tasks_queues VALUES (?, ?)", (queue.name, queue.SerializeToString()))

    def delete_queue(self, name: str) -> None:
        """Delete a queue and, burning their names, its tasks."""
        with self._state.transaction() as db:
            self.delete_tasks(name)
            db.execute("DELETE FROM tasks_queues WHERE name = ?", (name,))

    def list_queues(self, parent: str = "", *, after: str = "", limit: int = -1) -> list[Any]:
        """Queues below `parent` in the order of their names."""
        rows = self._state.connection.execute(
            "SELECT queue FROM tasks_queues WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
            (after, len(parent), parent, limit),
        )
        return [_Queue.FromString(row["queue"]) for row in rows]

    def find_task(self, name: str) -> Any | None:
        """The task of that name, while it waits or runs."""
        row = self._state.connection.execute("SELECT task FROM tasks_tasks WHERE name = ?", (name,)).fetchone()
        return _Task.FromString(row["task"]) if row else None

    def is_burnt(self, name: str) -> bool:
        """Whether a task of that name existed too recently."""
        query = "SELECT 1 FROM tasks_burnt_names WHERE name = ? AND until > ?"
        return self._state.connection.execute(query, (name, clock.now().timestamp())).fetchone() is not None

    def add_task(self, queue: str, task: Any) -> None:
        """Create a task."""
        with self._state.transaction() as db:
            db.execute(
                "INSERT INTO tasks_tasks (name, queue, task) VALUES (?, ?, ?)",
                (task.name, queue, task.SerializeToString()),
            )

    def list_tasks(self, queue: str, *, after: str, limit: int) -> list[Any]:
        """Tasks of a queue in the order of their names."""
        rows = self._state.connection.execute(
            "SELECT task FROM tasks_tasks WHERE queue = ? AND name > ? ORDER BY name LIMIT ?", (queue, after, limit)
        )
        return [_Task.FromString(row["task"]) for row in rows]

    def delete_task(self, name: str) -> bool:
        """Delete a task and burn its name; tells whether it was there."""
        now = clock.now()
        with self._state.transaction() as db:
            db.execute("DELETE FROM tasks_burnt_names WHERE until <= ?", (now.timestamp(),))
            if not db.execute("DELETE FROM tasks_tasks WHERE name = ?", (name,)).rowcount:
                return False
            until = (now + clock.duration(_NAME_KEPT_S)).timestamp()
            db.execute("INSERT OR REPLACE INTO tasks_burnt_names VALUES (?, ?)", (name, until))
        return True

    def delete_tasks(self, queue: str) -> None:
        """Delete a queue's tasks and burn their names."""
        until = (clock.now() + clock.duration(_NAME_KEPT_S)).timestamp()
        with self._state.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO tasks_burnt_names SELECT name, ? FROM tasks_tasks WHERE queue = ?",
                (until, queue),
            )
            db.execute("DELETE FROM tasks_tasks WHERE queue = ?", (queue,))

    def executions(self, name: str) -> int:
        """How many attempts at a task were answered by something else than a 5xx."""
        row = self._state.connection.execute("SELECT executions FROM tasks_tasks WHERE name = ?", (name,)).fetchone()
        return int(row["executions"]) if row else 0

    def record_dispatch(self, name: str, *, scheduled: datetime, dispatched: datetime) -> None:
        """Note that an attempt begins."""
        task = self.find_task(name)
        if task is None:
            return
        task.dispatch_count += 1
        task.last_attempt.Clear()
        task.last_attempt.schedule_time.FromDatetime(scheduled)
        task.last_attempt.dispatch_time.FromDatetime(dispatched)
        if not task.HasField("first_attempt"):
            task.first_attempt.dispatch_time.FromDatetime(dispatched)
        self._update(task, executions=0)

    def record_response(self, name: str, *, status: int, code: int, message: str) -> None:
        """Note how an attempt was answered: HTTP status (0 is not at all) and its gRPC code."""
        task = self.find_task(name)
        if task is None:
            return
        if status:
            task.response_count += 1
            task.last_attempt.response_time.FromDatetime(clock.now())
        task.last_attempt.response_status.code = code
        task.last_attempt.response_status.message = message
        self._update(task, executions=int(0 < status < 500))  # noqa: PLR2004 - HTTP's server errors

    def _update(self, task: Any, *, executions: int) -> None:
        with self._state.transaction() as db:
            db.execute(
                "UPDATE tasks_tasks SET task = ?, executions = executions + ? WHERE name = ?",
                (task.SerializeToString(), executions, task.name),
            )
