"""Where else a user keeps what is to be done: the task lists they have connected, and the one that gets new tasks."""

from common.core import clock
from common.core.errors import BadRequestError, NotFoundError
from common.database import task_grants, users
from common.models.user import TaskApp, TaskIntegration, TaskPlace, UserSettings


def connect_task_app(app: TaskApp, *, connected: bool, uid: str) -> None:
    """Note whether a task list is connected; one that no longer is gets no tasks."""
    if connected:
        integration = TaskIntegration(connected=True, connected_at=clock.now())
        users.change(uid=uid, task_integrations={app.value: integration.model_dump()})
    else:
        task_grants.of(uid=uid).delete_many([app.value])
        lose_task_app(app, uid=uid)


def choose_place(app: TaskApp, place: TaskPlace, *, uid: str) -> None:
    """Have tasks put into this place of a list; what is not named stays.

    Raises:
        NotFoundError: the list is not connected.
    """
    known = connected(app.value, users.find(uid=uid)).model_dump(exclude_none=True)
    chosen = TaskIntegration.model_validate({**known, **place.model_dump(exclude_none=True)})
    users.change(uid=uid, task_integrations={app.value: chosen.model_dump()})


def choose_task_app(app: TaskApp | None, *, uid: str) -> None:
    """Have new tasks put there, too; None for nowhere.

    Raises:
        BadRequestError: it is at a service that is not connected.
    """
    if app is not None and app is not TaskApp.APPLE_REMINDERS:
        known = users.find(uid=uid).task_integrations.get(app.value)
        if known is None or not known.connected:
            raise BadRequestError("Connect this task list first")
    users.change(uid=uid, default_task_integration=app.value if app is not None else None)


def connected(name: str, user: UserSettings) -> TaskIntegration:
    """A task list of a user's that is connected.

    Raises:
        NotFoundError: none of that name is.
    """
    known = user.task_integrations.get(name)
    if known is None or not known.connected:
        raise NotFoundError("Task integration not found")
    return known


def lose_task_app(app: TaskApp, *, uid: str) -> None:
    """Note that a task list is connected no longer, and put nothing new there."""
    users.change(uid=uid, task_integrations={app.value: TaskIntegration().model_dump()})
    if users.find(uid=uid).default_task_integration == app:
        choose_task_app(None, uid=uid)
