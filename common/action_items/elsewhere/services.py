"""The services that keep tasks, as their own documentation has them: where users sign in, and how a task is made.

Todoist: https://developer.todoist.com, Asana: https://developers.asana.com, Google Tasks:
https://developers.google.com/workspace/tasks, ClickUp: https://developer.clickup.com.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from common.core.errors import BadRequestError
from common.core.settings import settings
from common.models.user import TaskApp, TaskIntegration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from common.models.task_grant import TaskGrant

ASANA = "https://app.asana.com/api/1.0"
CLICKUP = "https://api.clickup.com/api/v2"


@dataclass(frozen=True)
class Mark:
    """What a task is known by there, should it have to be put a second time.

    Attributes:
        key: a UUID that stands for the task and nothing else.
        since: it cannot have been there before.
        tries: the how many-th this is, from 1.
    """

    key: str
    since: datetime
    tries: int = 1


@dataclass(frozen=True)
class NewTask:
    """A task to be put there."""

    title: str
    description: str | None = None
    due_at: datetime | None = None
    zone: tzinfo = UTC
    """The user's: some services keep the day alone on which it is due."""
    mark: Mark | None = None


@dataclass(frozen=True)
class Service:
    """One of them.

    Attributes:
        name: what users call it.
        authorize_url: where a user is sent to, with `authorize_with` besides what OAuth asks for.
        token_url: where a code, or a refresh token, is given for what lets us in.
        make: the address and the body of a task.
        id_of: the id of the task in the answer.
        revoke: where, and with what request, what lets us in is given back; None where nothing is published for it.
    """

    name: str
    authorize_url: str
    token_url: str
    make: Callable[[NewTask, TaskIntegration], tuple[str, dict[str, Any]]]
    id_of: Callable[[Any], object]
    revoke: Callable[[TaskGrant, tuple[str, str]], tuple[str, dict[str, Any]]] | None = None
    authorize_with: Mapping[str, str] = field(default_factory=dict)


def service_of(app: TaskApp) -> Service:
    """The service behind a task list.

    Raises:
        BadRequestError: there is none, it is on the user's own device.
    """
    if app not in _SERVICES:
        raise BadRequestError("This task list is on the user's own device")
    return _SERVICES[app]


def client_of(app: TaskApp) -> tuple[str, str]:
    """What we are known as at its service: an id and a secret.

    Raises:
        BadRequestError: nothing is set up here, or there is no such service.
    """
    service, known = service_of(app), settings()
    client_id, secret = getattr(known, f"{app.value}_client_id"), getattr(known, f"{app.value}_client_secret")
    if not client_id or secret is None:
        names = f"{app.value.upper()}_CLIENT_ID, {app.value.upper()}_CLIENT_SECRET"
        raise BadRequestError(f"{service.name} is not set up here ({names})")
    return client_id, secret.get_secret_value()


def reached_at(url: str) -> str:
    """Where an address of a service is reached from here."""
    return url.replace("https://", f"{settings().task_apps_address}/", 1) if settings().task_apps_address else url


def _todoist(task: NewTask, _: TaskIntegration) -> tuple[str, dict[str, Any]]:
    due = task.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if task.due_at else None
    body = {"content": task.title, "description": task.description, "due_datetime": due}
    return "https://api.todoist.com/api/v1/tasks", _without_nothing(body)


def _asana(task: NewTask, chosen: TaskIntegration) -> tuple[str, dict[str, Any]]:
    if not chosen.workspace_gid:
        raise BadRequestError("Choose a workspace of Asana first")
    body = {
        "name": task.title,
        "notes": task.description,
        "due_at": task.due_at.astimezone(UTC).isoformat() if task.due_at else None,
        "workspace": chosen.workspace_gid,
        "projects": [chosen.project_gid] if chosen.project_gid else None,
        "assignee": "me",
        "external": {"gid": task.mark.key} if task.mark else None,
    }
    return f"{ASANA}/tasks", {"data": _without_nothing(body)}


def _google_tasks(task: NewTask, chosen: TaskIntegration) -> tuple[str, dict[str, Any]]:
    # Of `due` the service keeps the day alone: the user's, not that of Greenwich.
    due = task.due_at.astimezone(task.zone).strftime("%Y-%m-%dT00:00:00.000Z") if task.due_at else None
    body = {"title": task.title, "notes": task.description, "due": due}
    place = quote(chosen.default_list_id, safe="") if chosen.default_list_id else "@default"
    return f"https://tasks.googleapis.com/tasks/v1/lists/{place}/tasks", _without_nothing(body)


def _clickup(task: NewTask, chosen: TaskIntegration) -> tuple[str, dict[str, Any]]:
    if not chosen.list_id:
        raise BadRequestError("Choose a list of ClickUp first")
    due = int(task.due_at.timestamp() * 1000) if task.due_at else None
    body = {"name": task.title, "description": task.description, "due_date": due, "due_date_time": due and True}
    return f"{CLICKUP}/list/{quote(chosen.list_id, safe='')}/task", _without_nothing(body)


def _revoke_at_todoist(grant: TaskGrant, client: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    return "https://api.todoist.com/api/v1/revoke", {"auth": client, "data": _renewing(grant)}


def _revoke_at_asana(grant: TaskGrant, client: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    data = {"client_id": client[0], "client_secret": client[1], "token": _renewing(grant)["token"]}
    return "https://app.asana.com/-/oauth_revoke", {"data": data}


def _revoke_at_google(grant: TaskGrant, _: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    return "https://oauth2.googleapis.com/revoke", {"data": {"token": _renewing(grant)["token"]}}


def _renewing(grant: TaskGrant) -> dict[str, str]:
    """The token that ends the others with it, as RFC 7009 names it."""
    if grant.refresh_token:
        return {"token": grant.refresh_token, "token_type_hint": "refresh_token"}
    return {"token": grant.access_token, "token_type_hint": "access_token"}


def _without_nothing(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


_SERVICES = {
    TaskApp.TODOIST: Service(
        name="Todoist",
        authorize_url="https://todoist.com/oauth/authorize",
        authorize_with={"scope": "data:read_write"},
        token_url="https://todoist.com/oauth/access_token",  # noqa: S106 - an address, not a secret
        make=_todoist,
        id_of=lambda answer: answer["id"],
        revoke=_revoke_at_todoist,
    ),
    TaskApp.ASANA: Service(
        name="Asana",
        authorize_url="https://app.asana.com/-/oauth_authorize",
        authorize_with={"scope": "tasks:read tasks:write workspaces:read projects:read users:read"},
        token_url="https://app.asana.com/-/oauth_token",  # noqa: S106 - an address, not a secret
        make=_asana,
        id_of=lambda answer: answer["data"]["gid"],
        revoke=_revoke_at_asana,
    ),
    TaskApp.GOOGLE_TASKS: Service(
        name="Google Tasks",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        authorize_with={
            "scope": "https://www.googleapis.com/auth/tasks",
            "access_type": "offline",
            "prompt": "consent",
        },
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, not a secret
        make=_google_tasks,
        id_of=lambda answer: answer["id"],
        revoke=_revoke_at_google,
    ),
    TaskApp.CLICKUP: Service(
        name="ClickUp",
        authorize_url="https://app.clickup.com/api",
        token_url=f"{CLICKUP}/oauth/token",
        make=_clickup,
        id_of=lambda answer: answer["id"],
    ),
}
