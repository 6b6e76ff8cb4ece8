"""The end of what a user was granted at a service: forgotten here first, then given back, where that is possible.

Todoist: https://developer.todoist.com/api/v1/#tag/Authorization (RFC 7009).
Asana: https://developers.asana.com/docs/oauth.
Google: https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke.
ClickUp publishes nothing for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.action_items.elsewhere.services import client_of, reached_at, service_of
from common.core import deletions
from common.core.clock import Deadline
from common.core.deletions import Deletion
from common.core.errors import BadRequestError, ProviderError
from common.core.logs import get_logger
from common.database import task_grants, users
from common.models.user import TaskApp
from common.speech.posting import send
from common.users.task_apps import connect_task_app, connected

if TYPE_CHECKING:
    from common.models.task_grant import TaskGrant

_WITHIN_S = 4.0
"""Real seconds for a service to take back what is of no use any more."""
_ALL_WITHIN_S = 15.0


def leave(name: str, *, uid: str) -> None:
    """Disconnect a task list.

    Raises:
        NotFoundError: none of that name is connected.
    """
    connected(name, users.find(uid=uid))
    disconnect(TaskApp(name), uid=uid)


def disconnect(app: TaskApp, *, uid: str) -> None:
    """The same of one that may not be connected."""
    grant = task_grants.of(uid=uid).find(app.value)
    connect_task_app(app, connected=False, uid=uid)
    deletions.tell(Deletion.TASK_LIST, app.value, uid=uid)
    if grant is not None:
        give_back(grant, deadline=Deadline.real(_WITHIN_S))


def give_back_all(*, uid: str) -> None:
    """Forget and give back whatever a user was granted at services."""
    deadline = Deadline.real(_ALL_WITHIN_S)
    grants = task_grants.of(uid=uid)
    known = grants.find_many([app.value for app in TaskApp])
    grants.delete_many([grant.id for grant in known])
    for grant in known:
        give_back(grant, deadline=deadline)


def give_back(grant: TaskGrant, *, deadline: Deadline) -> None:
    """Have it forgotten where it was granted; whether it is, is their own affair."""
    app = TaskApp(grant.id)
    service = service_of(app)
    if service.revoke is None or deadline.passed:
        return
    within_s = min(deadline.remaining, _WITHIN_S)
    try:
        url, request = service.revoke(grant, client_of(app))
        answer = send("POST", reached_at(url), provider=service.name, within_s=within_s, **request)
    except (BadRequestError, ProviderError) as error:
        get_logger().info("task_grant_not_revoked", app=app.value, error=type(error).__name__)
        return
    if not answer.ok:
        get_logger().info("task_grant_not_revoked", app=app.value, status=answer.status)
