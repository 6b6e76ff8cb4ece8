"""Where else a user keeps what is to be done: the task lists they have connected, and the one that gets new tasks."""

from common.core import clock
from common.core.errors import NotFoundError
from common.database import users
from common.models.user import TaskApp, TaskIntegration


def connect_task_app(app: TaskApp, *, connected: bool, uid: str) -> None:
    """Note whether a task list is connected; one that no longer is gets no tasks."""
    if connected:
        integration = TaskIntegration(connected=True, connected_at=clock.now())
        users.change(uid=uid, task_integrations={app.value: integration.model_dump()})
    else:
        _disconnect(app, uid=uid)


def disconnect_task_app(name: str, *, uid: str) -> None:
    """Forget a task list.

    Raises:
        NotFoundError: none of that name is connected.
    """
    if not (known := users.find(uid=uid).task_integrations.get(name)) or not known.connected:
        raise NotFoundError("Task integration not found")
    _disconnect(TaskApp(name), uid=uid)


def choose_task_app(app: TaskApp | None, *, uid: str) -> None:
    """Have new tasks put there, too; None for nowhere."""
    users.change(uid=uid, default_task_integration=app.value if app is not None else None)


def _disconnect(app: TaskApp, *, uid: str) -> None:
    users.change(uid=uid, task_integrations={app.value: TaskIntegration().model_dump()})
    if users.find(uid=uid).default_task_integration == app:
        choose_task_app(None, uid=uid)
