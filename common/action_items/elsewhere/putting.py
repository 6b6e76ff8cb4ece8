"""Putting tasks into a list that a user keeps at another service, and what there is to choose from there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from common.action_items.elsewhere.asking import ask
from common.action_items.elsewhere.finding import find_task
from common.action_items.elsewhere.services import ASANA, CLICKUP, NewTask, service_of
from common.core.errors import OutsideError
from common.core.time_zones import zone_of
from common.database import users
from common.models.user import TaskApp
from common.users.task_apps import connected

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 100


@dataclass(frozen=True)
class Place:
    """Something that holds tasks, or what holds them."""

    id: str
    name: str


def put_task(app: TaskApp, task: NewTask, *, uid: str) -> str:
    """Put a task where the user has chosen; the id that it has there, "" where the service does not say it again.

    One with a mark that is tried again is looked for first, and not put where it is found (`finding.py`).

    Raises:
        BadRequestError: the list is on the user's own device, or no place was chosen.
        NotFoundError: the service is not connected.
        ConflictError: it has to be connected again.
        OutsideError: it refuses this, or answers nonsense.
        ProviderError: it cannot be reached now.
    """
    service, user = service_of(app), users.find(uid=uid)
    url, body = service.make(replace(task, zone=zone_of(user.time_zone)), connected(app.value, user))
    mark = task.mark
    again = mark is not None and mark.tries > 1
    if mark is not None and again:
        known = find_task(app, task, mark, place_url=url, uid=uid)
        if known is not None:
            return known
    headers = {"X-Request-Id": mark.key} if mark is not None and app is TaskApp.TODOIST else {}
    answer = ask(app, "POST", url, uid=uid, json=body, headers=headers)
    if answer is None and again:
        return ""  # discarded, for it was done before
    try:
        return str(service.id_of(answer))
    except (KeyError, TypeError):
        raise OutsideError(f"{service.name} answers nonsense") from None


def asana_workspaces(*, uid: str) -> list[Place]:
    """What the user's projects at Asana belong to; errors as of `put_task`."""
    return _places(TaskApp.ASANA, f"{ASANA}/workspaces", "data", {"limit": _MOST}, uid=uid)


def asana_projects(workspace_gid: str, *, uid: str) -> list[Place]:
    """The projects there; errors as of `put_task`."""
    asked = {"workspace": workspace_gid, "archived": "false", "limit": _MOST}
    return _places(TaskApp.ASANA, f"{ASANA}/projects", "data", asked, uid=uid)


def clickup_teams(*, uid: str) -> list[Place]:
    """What the user's spaces at ClickUp belong to; errors as of `put_task`."""
    return _places(TaskApp.CLICKUP, f"{CLICKUP}/team", "teams", {}, uid=uid)


def clickup_spaces(team_id: str, *, uid: str) -> list[Place]:
    """The spaces there; errors as of `put_task`."""
    url = f"{CLICKUP}/team/{quote(team_id, safe='')}/space"
    return _places(TaskApp.CLICKUP, url, "spaces", {"archived": "false"}, uid=uid)


def clickup_lists(space_id: str, *, uid: str) -> list[Place]:
    """The lists there that are in no folder; errors as of `put_task`."""
    url = f"{CLICKUP}/space/{quote(space_id, safe='')}/list"
    return _places(TaskApp.CLICKUP, url, "lists", {"archived": "false"}, uid=uid)


def _places(app: TaskApp, url: str, within: str, asked: Mapping[str, Any], *, uid: str) -> list[Place]:
    connected(app.value, users.find(uid=uid))
    answer = ask(app, "GET", url, uid=uid, params=asked)
    listed = answer.get(within) if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise OutsideError(f"{service_of(app).name} answers nonsense")
    known = (each for each in listed if isinstance(each, dict))
    places = (Place(str(each.get("gid") or each.get("id") or ""), str(each.get("name") or "")) for each in known)
    return [place for place in places if place.id][:_MOST]
