"""The user's devices set alarms for what is due; they are told when one is to be set, moved or dropped."""

from datetime import datetime
from typing import Literal

from common.action_items.edit import shown
from common.core import clock
from common.core.errors import ProviderError
from common.core.ids import derived_id
from common.database import action_items
from common.models.action_item import ActionItem
from common.models.events import ActionItemDue
from common.models.notification import Notification
from common.notifications.devices import tell_devices
from common.notifications.payloads import message_for

Change = Literal["created", "changed", "deleted"]
_MOST_LOOKS = 3
REMINDER, UPDATE, DELETE = "action_item_reminder", "action_item_update", "action_item_delete"


def remind(event: ActionItemDue) -> None:
    """Have the user's devices set, move or drop the alarm of an item, as the item is by now.

    They may be told twice, which changes nothing: what they are told is the alarm, not a change of it. Of two who tell
    them at once, the last one told may know less: so it is looked at once more.

    Raises:
        ProviderError: not every device could be told.
    """
    told, change = None, event.change
    for _ in range(_MOST_LOOKS):
        alarm = _alarm(event, change)
        if alarm is None or (told is not None and _says(alarm) == _says(told)):
            return
        _tell(alarm, uid=event.uid)
        told, change = alarm, "deleted" if alarm.kind == DELETE else "changed"


def _says(alarm: Notification) -> tuple[bool, dict[str, str]]:
    """What the devices know then, however they are told."""
    return alarm.kind == DELETE, alarm.data


def _tell(alarm: Notification, *, uid: str) -> None:
    told = tell_devices(lambda token: message_for(alarm, uid=uid, token=token), uid=uid, kind=alarm.kind)
    if told.incomplete:
        raise ProviderError("not every device could be reminded")


def _alarm(event: ActionItemDue, change: Change) -> Notification | None:
    """What the devices are to be told by now, if anything."""
    item = action_items.of(uid=event.uid).find(event.action_item_id)
    kind = kind_of(change, item, now=clock.now())
    if kind is None:
        return None
    due_at = item.due_at if item is not None and kind != DELETE else None
    return Notification(
        id=derived_id("reminder", event.event_id),
        kind=kind,
        data={
            "action_item_id": event.action_item_id,
            "description": shown(item).description if item is not None else "",
            "due_at": due_at.isoformat() if due_at is not None else "",
        },
        created_at=event.changed_at,
    )


def kind_of(change: Change, item: ActionItem | None, *, now: datetime) -> str | None:
    """What the devices are to be told; None where none of them can have an alarm, nor shall have one. Pure."""
    if item is not None and not item.completed and item.due_at is not None and item.due_at > now:
        return REMINDER if change == "created" else UPDATE
    return None if change == "created" else DELETE
