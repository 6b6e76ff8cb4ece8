"""New tasks are put into the list that the user has chosen for them: by a device of theirs, or at a service."""

from common.action_items.elsewhere.apple_reminders import ask_device
from common.action_items.exporting import is_to_export, list_for_new_tasks
from common.database import account_deletions, action_items
from common.models.events import ActionItemsToExport
from common.models.user import TaskApp


def export(event: ActionItemsToExport) -> str:
    """Put them there, as they are by now, or ask a device to; says what came of it.

    Raises:
        ProviderError: the device, or the service, could not be asked.
        LeaseHeldError: somebody is at it right now.
    """
    uid = event.uid
    app = list_for_new_tasks(uid)
    if app is None or account_deletions.under_way(uid):
        return "not wanted"
    items = [item for item in action_items.of(uid=uid).find_many(event.action_item_ids) if is_to_export(item)]
    if not items:
        return "nothing to do"
    if app is TaskApp.APPLE_REMINDERS:
        return ask_device(items, uid=uid)
    from common.action_items.elsewhere.following import put_each  # few have such a list, and all wait for a start

    return put_each(app, items, uid=uid)
