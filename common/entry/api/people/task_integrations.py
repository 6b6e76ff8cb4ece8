"""`/v1/task-integrations`: where else the user keeps what is to be done.

Apple's Reminders are reached by the user's own device, and get what conversations give to do by themselves; into the
other lists (`task_services.py`) the app puts what the user sends there.
"""

from typing import Literal

from fastapi import Response
from pydantic import BaseModel

from common.action_items.elsewhere import leaving
from common.database import users
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.user import TaskApp, TaskIntegration, TaskPlace
from common.users.task_apps import choose_place, choose_task_app, connect_task_app

router = Router(prefix="/v1/task-integrations", tags=["settings"], responses=responses(401))


class DefaultTaskApp(Shape):
    """Where new tasks are put, too; null for nowhere."""

    default_app: str | None


class TaskAppChoice(BaseModel):
    """The same, as it is chosen."""

    app_key: TaskApp | None


class TaskIntegrations(DefaultTaskApp):
    """What is connected."""

    integrations: dict[str, TaskIntegration]


class Connection(TaskPlace):
    """Whether it is connected, and the place in it; what else the app says of it is not kept."""

    connected: bool = True


class Connected(Shape):
    """It is noted."""

    status: Literal["ok"] = "ok"
    app_key: TaskApp


@router.get("")
def list_connected(user: User) -> TaskIntegrations:
    """What is connected, and where new tasks are put."""
    stored = users.find(uid=user)
    known = {name: each for name, each in stored.task_integrations.items() if each.connected}
    return TaskIntegrations(integrations=known, default_app=stored.default_task_integration)


@router.get("/default")
def default(user: User) -> DefaultTaskApp:
    """Where new tasks are put."""
    return DefaultTaskApp(default_app=users.find(uid=user).default_task_integration)


@router.put("/default", responses=responses(400))
def choose(user: User, body: TaskAppChoice) -> DefaultTaskApp:
    """Have what conversations give to do put there, too."""
    choose_task_app(body.app_key, uid=user)
    return DefaultTaskApp(default_app=body.app_key)


@router.put("/{app_key}", responses=responses(404))
def connect(user: User, app_key: TaskApp, body: Connection | None = None) -> Connected:
    """Note that Apple's Reminders are connected, or where in another list tasks are put; or that it is no longer."""
    wanted = body or Connection()
    if wanted.connected and app_key is not TaskApp.APPLE_REMINDERS:
        choose_place(app_key, wanted, uid=user)
    elif wanted.connected:
        connect_task_app(app_key, connected=True, uid=user)
    else:
        leaving.disconnect(app_key, uid=user)
    return Connected(app_key=app_key)


@router.delete("/{app_key}", status_code=204, response_class=Response, responses=responses(404))
def disconnect(user: User, app_key: str) -> None:
    """Forget it, and give back what lets us in; no task is put there any more."""
    leaving.leave(app_key, uid=user)
