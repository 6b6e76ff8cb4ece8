"""Whether a task is at a service already, as each of them lets one tell; asked before a task is put a second time.

- Asana keeps an id of ours with a task, by which it is found: https://developers.asana.com/docs/custom-external-data.
- Todoist discards a request whose `X-Request-Id` it has seen (https://developer.todoist.com/rest/v1, Overview). For how
  long is said nowhere, so its open tasks are looked through as well: https://developer.todoist.com/api/v1/#tag/Tasks.
- Google Tasks (https://developers.google.com/workspace/tasks/reference/rest/v1/tasks/list) and ClickUp
  (https://developer.clickup.com/reference/gettasks) keep nothing of ours that their users would not see. A task of
  the same words that is not older than ours is taken for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from common.action_items.elsewhere.asking import ask, ask_if_there
from common.action_items.elsewhere.services import ASANA, service_of
from common.core.errors import OutsideError
from common.models.user import TaskApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from common.action_items.elsewhere.services import Mark, NewTask

    _Asked = dict[str, Any]
    _Onward = Callable[[dict[str, Any], _Asked], _Asked | None]
    """What is to be asked besides for the next page, after an answer and what was asked for it; None at the end."""

_MOST_PAGES = 10
"""Of a hundred or two tasks each, of those that came since."""


def find_task(app: TaskApp, task: NewTask, mark: Mark, *, place_url: str, uid: str) -> str | None:
    """The id that a task has there, or None if it is not there.

    Args:
        app: the service.
        task: what was to be put there.
        mark: what it is known by.
        place_url: where it was put by POST; GET lists what is there.
        uid: the user.

    Raises:
        As of `ask`.
    """
    if app is TaskApp.ASANA:
        found = ask_if_there(app, "GET", f"{ASANA}/tasks/external:{quote(mark.key, safe='')}", uid=uid)
        return str(service_of(app).id_of(found)) if found is not None else None
    for entry in _listed(app, mark, place_url, uid=uid):
        if _is_it(entry, task, mark):
            return str(entry.get("id"))
    return None


def _listed(app: TaskApp, mark: Mark, url: str, *, uid: str) -> Iterator[dict[str, Any]]:
    within, asked, onward = _LISTS[app](mark)
    for _ in range(_MOST_PAGES):
        answer = ask(app, "GET", url, uid=uid, params=asked)
        listed = answer.get(within, []) if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise OutsideError(f"{service_of(app).name} answers nonsense")
        yield from (each for each in listed if isinstance(each, dict))
        further = onward(answer, asked)
        if further is None:
            return
        asked = {**asked, **further}


def _is_it(entry: dict[str, Any], task: NewTask, mark: Mark) -> bool:
    """Whether a listed task is the one. Pure."""
    said = next((entry[name] for name in ("content", "title", "name") if isinstance(entry.get(name), str)), "")
    return " ".join(said.split()) == " ".join(task.title.split()) and _is_since(entry, mark)


def _is_since(entry: dict[str, Any], mark: Mark) -> bool:
    """Whether it is not older than ours, where the service was not asked for such alone. Pure."""
    if "content" not in entry:
        return True
    try:
        return datetime.fromisoformat(str(entry.get("added_at"))) >= mark.since
    except (TypeError, ValueError):
        return False


def _of_todoist(_: Mark) -> tuple[str, _Asked, _Onward]:
    return "results", {"limit": 200}, lambda answer, _: _next("cursor", answer.get("next_cursor"))


def _of_google(mark: Mark) -> tuple[str, _Asked, _Onward]:
    since = mark.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    asked = {"updatedMin": since, "showCompleted": "true", "showHidden": "true", "maxResults": 100}
    return "items", asked, lambda answer, _: _next("pageToken", answer.get("nextPageToken"))


def _of_clickup(mark: Mark) -> tuple[str, _Asked, _Onward]:
    asked = {"date_created_gt": int(mark.since.timestamp() * 1000), "include_closed": "true", "page": 0}

    def onward(answer: dict[str, Any], before: dict[str, Any]) -> dict[str, Any] | None:
        return {"page": before["page"] + 1} if answer.get("last_page") is False else None

    return "tasks", asked, onward


def _next(name: str, token: object) -> dict[str, Any] | None:
    return {name: token} if isinstance(token, str) and token else None


_LISTS = {TaskApp.TODOIST: _of_todoist, TaskApp.GOOGLE_TASKS: _of_google, TaskApp.CLICKUP: _of_clickup}
