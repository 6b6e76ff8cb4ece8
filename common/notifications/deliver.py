"""A notification that is due goes to the user's devices: to each once, or, after a crash, twice under the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import ProviderError
from common.database import account_deletions, notifications
from common.database.once import do_once
from common.notifications.devices import tell_devices
from common.notifications.notify import KEPT_S
from common.notifications.payloads import message_for

if TYPE_CHECKING:
    from common.models.events import NotificationDue

_STEP = "push"


def deliver(event: NotificationDue) -> None:
    """Tell every device that has not been told.

    Raises:
        ProviderError: not every device could be told; those that were are not told again.
        LeaseHeldError: somebody is at it right now.
    """
    store = notifications.of(uid=event.uid)
    # Whoever has left has no notifications, and should not get a claim for one, either.
    if store.find(event.notification_id) is None or account_deletions.under_way(event.uid):
        return
    do_once(
        lambda: _deliver(event.notification_id, uid=event.uid),
        uid=event.uid,
        step=_STEP,
        subject=event.notification_id,
        kept_s=KEPT_S,
    )


def _deliver(notification_id: str, *, uid: str) -> str:
    notification = notifications.of(uid=uid).find(notification_id)
    if notification is None:
        return "gone"
    told = tell_devices(
        lambda token: message_for(notification, uid=uid, token=token),
        uid=uid,
        kind=notification.kind,
        told=notification.told,
    )
    if told.settled:
        notifications.note_told(notification_id, told.settled, uid=uid)
    if told.incomplete:
        raise ProviderError("not every device could be told")
    return "told" if told.settled else "nobody"
