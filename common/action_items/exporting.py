"""What a conversation gives to do shall be put into the task list that the user has chosen for what is new."""

from collections.abc import Iterable

from common.database import topics, users
from common.models.action_item import ActionItem
from common.models.events import ActionItemsToExport
from common.models.user import TaskApp


def announce_export(items: Iterable[ActionItem], *, uid: str) -> None:
    """Have these put there, if there is such a list."""
    ids = tuple(item.id for item in items if is_to_export(item))
    if ids and list_for_new_tasks(uid) is not None:
        topics.publish(ActionItemsToExport(uid=uid, action_item_ids=ids))


def is_to_export(item: ActionItem) -> bool:
    """Whether it is still to be put there."""
    return not (item.completed or item.exported or item.is_locked)


def list_for_new_tasks(uid: str) -> TaskApp | None:
    """The list that the user has chosen; None where they have not, or one that is not known here."""
    chosen = users.find(uid=uid).default_task_integration
    return next((app for app in TaskApp if app == chosen), None)
