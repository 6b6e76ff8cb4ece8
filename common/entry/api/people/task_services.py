"""`/v1/task-integrations`: lists at other services, signed in to, looked around in, and given tasks."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from common.action_items.elsewhere.putting import (
    Place,
    asana_projects,
    asana_workspaces,
    clickup_lists,
    clickup_spaces,
    clickup_teams,
    put_task,
)
from common.action_items.elsewhere.services import Mark, NewTask, service_of
from common.action_items.elsewhere.signing_in import come_back, send_away
from common.core import clock
from common.core.errors import EarshotError
from common.core.ids import derived_id
from common.core.logs import bind, get_logger
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User, limit_requests
from common.entry.api.once import KEPT_S, Once, OncePerKey
from common.entry.api.return_page import return_page
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.given import GivenMoment
from common.models.user import TaskApp

_PREFIX = "/v1/task-integrations"
router = Router(prefix=_PREFIX, tags=["settings"], responses=responses())

ASKED_PER_HOUR = 600
_HOUR_S = 3600
_CALLBACK = f"{_PREFIX}/oauth/callback"
_AWAY = responses(400, 401, 404, 409, 429, 502)
_PAGES: dict[int | str, str] = {
    200: "The page: done",
    400: "The page: nobody waits for this, or the user was refused",
    502: "The page: the service does not answer as it should",
}

PlaceId = Annotated[str, Path(min_length=1, max_length=200)]


class SignInAt(Shape):
    """Where the user signs in, in a browser, and comes back from to a page that leads to the app."""

    auth_url: str


class TaskToPut(BaseModel):
    """A task for the list."""

    title: str = Field(min_length=1, max_length=500, pattern=r"\S", examples=["Call the landlord"])
    description: str | None = Field(None, max_length=5000)
    due_date: GivenMoment | None = None


class TaskPut(Shape):
    """It is there."""

    success: Literal[True] = True
    external_task_id: str


class AsanaPlace(Shape):
    """A workspace or a project."""

    gid: str
    name: str


class ClickUpPlace(Shape):
    """A team, a space or a list."""

    id: str
    name: str


class Workspaces(Shape):
    """Those of the user."""

    workspaces: list[AsanaPlace]


class Projects(Shape):
    """Those of a workspace."""

    projects: list[AsanaPlace]


class Teams(Shape):
    """Those of the user."""

    teams: list[ClickUpPlace]


class Spaces(Shape):
    """Those of a team."""

    spaces: list[ClickUpPlace]


class Lists(Shape):
    """Those of a space."""

    lists: list[ClickUpPlace]


@router.get("/{app_key}/oauth-url", responses=responses(400, 401, 404))
def oauth_url(user: User, base_url: BaseUrl, app_key: TaskApp) -> SignInAt:
    """Say where to sign in at the service behind a list."""
    return SignInAt(auth_url=send_away(app_key, uid=user, redirect_uri=f"{base_url}{_CALLBACK}"))


@router.get(
    "/oauth/callback",
    response_class=Response,  # what does not fit the description is answered in JSON
    responses={
        **responses(),
        **{status: {"description": said, "content": {"text/html": {}}} for status, said in _PAGES.items()},
    },
)
def callback(
    base_url: BaseUrl,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=8192)] = "",
    error: Annotated[str, Query(max_length=500, description="Why there is no code")] = "",
) -> HTMLResponse:
    """Where a user comes back to after signing in: a page that says how it went, and leads back to the app."""
    bind(step="task_app_callback")
    try:
        app = come_back(state, "" if error else code, redirect_uri=f"{base_url}{_CALLBACK}")
    except EarshotError as failed:
        get_logger().info("task_app_sign_in_failed", error=type(failed).__name__)
        if failed.retryable:
            raise
        return return_page("That did not work", str(failed), status=failed.status if failed.status in _PAGES else 502)
    onward = f"omi://{app.value}/callback?success=true"
    return return_page("Done", f"{service_of(app).name} is connected. You can close this page.", onward=onward)


@router.post("/{app_key}/tasks", responses=_AWAY)
def create_task(user: User, app_key: TaskApp, body: TaskToPut, once: OncePerKey) -> TaskPut:
    """Put a task into a list that is connected; one that may be there under its `Idempotency-Key` is looked for."""
    _limit(user)
    task = NewTask(title=body.title.strip(), description=body.description, due_at=body.due_date)

    def put() -> TaskPut:
        marked = replace(task, mark=_mark(once, uid=user))
        return TaskPut(external_task_id=put_task(app_key, marked, uid=user))

    return once(TaskPut, put, uid=user)


@router.get("/asana/workspaces", responses=_AWAY)
def workspaces(user: User) -> Workspaces:
    """The user's workspaces at Asana."""
    _limit(user)
    return Workspaces(workspaces=[_of_asana(each) for each in asana_workspaces(uid=user)])


@router.get("/asana/projects/{workspace_gid}", responses=_AWAY)
def projects(user: User, workspace_gid: PlaceId) -> Projects:
    """The projects of a workspace."""
    _limit(user)
    return Projects(projects=[_of_asana(each) for each in asana_projects(workspace_gid, uid=user)])


@router.get("/clickup/teams", responses=_AWAY)
def teams(user: User) -> Teams:
    """The user's teams at ClickUp."""
    _limit(user)
    return Teams(teams=[_of_clickup(each) for each in clickup_teams(uid=user)])


@router.get("/clickup/spaces/{team_id}", responses=_AWAY)
def spaces(user: User, team_id: PlaceId) -> Spaces:
    """The spaces of a team."""
    _limit(user)
    return Spaces(spaces=[_of_clickup(each) for each in clickup_spaces(team_id, uid=user)])


@router.get("/clickup/lists/{space_id}", responses=_AWAY)
def lists(user: User, space_id: PlaceId) -> Lists:
    """The lists of a space."""
    _limit(user)
    return Lists(lists=[_of_clickup(each) for each in clickup_lists(space_id, uid=user)])


def _of_asana(place: Place) -> AsanaPlace:
    return AsanaPlace(gid=place.id, name=place.name)


def _of_clickup(place: Place) -> ClickUpPlace:
    return ClickUpPlace(id=place.id, name=place.name)


def _mark(once: Once, *, uid: str) -> Mark | None:
    if once.named is None:
        return None
    # When it was first tried is not known: so long ago at most as its key counts.
    return Mark(derived_id(uid, once.named), since=clock.now() - timedelta(seconds=KEPT_S), tries=once.tries)


def _limit(user: str) -> None:
    limit_requests("tasks:put", subject=user, limit=ASKED_PER_HOUR, window_s=_HOUR_S)
