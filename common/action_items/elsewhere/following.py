"""New tasks of a user go to the list that they have chosen at a service, each once."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from common.action_items.edit import arrange_action_items
from common.action_items.elsewhere.putting import put_task
from common.action_items.elsewhere.services import Mark, NewTask
from common.core import clock
from common.core.errors import BadRequestError, ConflictError, NotFoundError, OutsideError
from common.core.ids import derived_id
from common.core.logs import get_logger
from common.database.once import try_once
from common.models.action_item import ActionItem, ActionItemChanges
from common.models.user import TaskApp

_STEP = "task_put"
_KEPT_S = 30 * 24 * 3600.0
_SKEW = timedelta(minutes=5)
"""By which the service's clock may be behind ours."""
_REFUSALS = (BadRequestError, ConflictError, NotFoundError, OutsideError)
"""What trying again would not change: the user has to do something, or the service does not want this."""


def put_each(app: TaskApp, items: Sequence[ActionItem], *, uid: str) -> str:
    """Put them there, and note of each that it is; says what came of it.

    After a crash between the two the next try finds the task there, and only notes it (`finding.py`).

    Raises:
        ProviderError: the service cannot be reached now; what is there already is not put there again.
        LeaseHeldError: somebody is at one of them right now.
    """
    done = [
        try_once(partial(_put, app, item, uid), uid=uid, step=_STEP, subject=item.id, kept_s=_KEPT_S) for item in items
    ]
    return f"{done.count('put')} of {len(done)} put"


def _put(app: TaskApp, item: ActionItem, uid: str, tries: int) -> str:
    mark = Mark(derived_id(_STEP, app.value, uid, item.id), since=item.created_at - _SKEW, tries=tries)
    try:
        put_task(app, NewTask(item.description, due_at=item.due_at, mark=mark), uid=uid)
    except _REFUSALS as refused:
        get_logger().info("task_not_put", app=app.value, action_item_id=item.id, error=type(refused).__name__)
        return "refused"
    noted = ActionItemChanges(exported=True, export_platform=app.value, export_date=clock.now())
    arrange_action_items({item.id: noted}, uid=uid)
    return "put"
