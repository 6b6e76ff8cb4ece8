"""Apple's Reminders: nobody but the user's own phone or Mac reaches them, so that is asked to put tasks there.

What it has put there it says by `/v1/action-items/sync-batch`; what it was never asked for, because it was off, it
finds in `/v1/action-items/pending-sync` (CONTRACT section 5.9).
"""

import json
from collections.abc import Sequence
from functools import partial

from common.action_items.edit import shown
from common.core import clock
from common.core.errors import ProviderError
from common.core.ids import derived_id, digest
from common.database import fcm_tokens
from common.database.once import do_once
from common.models.action_item import ActionItem
from common.models.fcm_token import FcmToken
from common.models.notification import Notification
from common.notifications.devices import tell_devices
from common.notifications.notify import KEPT_S
from common.notifications.payloads import cut, fits, message_for

KIND = "apple_reminders_sync"
_APPLE = frozenset({"ios", "macos"})
_UNKNOWN = "unknown"
"""What clients register as that do not say which they are."""
_LONGEST_DESCRIPTION = 500
"""Bytes; a reminder is a line."""


def ask_device(items: Sequence[ActionItem], *, uid: str) -> str:
    """Ask the Apple device that was used last to put these there; says what came of it.

    One device only: the others have the same reminders through iCloud, and would make them a second time.

    Raises:
        ProviderError: the device could not be asked.
        LeaseHeldError: somebody is at it right now.
    """
    device = best_device(fcm_tokens.list_all(uid=uid))
    if device is None:
        return "no device"
    for group in in_messages(items):
        # Each message once: if a later one fails, the device is not asked for what it has done already.
        subject = digest(*(item.id for item in group))
        do_once(
            partial(_ask, group, device=device, uid=uid, subject=subject),
            uid=uid,
            step=KIND,
            subject=subject,
            kept_s=KEPT_S,
        )
    return f"{len(items)} to export"


def _ask(group: Sequence[ActionItem], *, device: FcmToken, uid: str, subject: str) -> str:
    notification = Notification(
        id=derived_id("export", uid, subject), kind=KIND, data=data_of(group), created_at=clock.now()
    )
    told = tell_devices(
        lambda token: message_for(notification, uid=uid, token=token), uid=uid, kind=KIND, devices=[device]
    )
    if told.incomplete:
        raise ProviderError("the device could not be asked to export")
    return "asked" if told.settled else "nobody"


def best_device(devices: Sequence[FcmToken]) -> FcmToken | None:
    """The Apple device that was used last; one that has not said what it is where none is known to be Apple's. Pure."""
    for platforms in (_APPLE, {_UNKNOWN}):
        candidates = [device for device in devices if device.platform in platforms]
        if candidates:
            return max(candidates, key=lambda device: (device.created_at is not None, device.created_at, device.id))
    return None


def in_messages(items: Sequence[ActionItem]) -> list[list[ActionItem]]:
    """The items in as many messages as it takes. Pure."""
    groups: list[list[ActionItem]] = []
    for item in items:
        if groups and fits(data_of([*groups[-1], item])):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def data_of(items: Sequence[ActionItem]) -> dict[str, str]:
    """What one message says; older apps read the first item, which stands there by itself, too. Pure."""
    told = [_told(item) for item in items]
    return {
        "action_item_id": items[0].id,
        "description": told[0]["description"] or "",
        "due_at": told[0]["due_at"] or "",
        "items": json.dumps(told, ensure_ascii=False, separators=(",", ":")),
    }


def _told(item: ActionItem) -> dict[str, str | None]:
    description = cut(shown(item).description, _LONGEST_DESCRIPTION)
    return {"id": item.id, "description": description, "due_at": item.due_at.isoformat() if item.due_at else None}
