"""Telling a user something: kept first, then announced to whoever sends it to the devices."""

from collections.abc import Mapping, Sequence

from common.core import clock
from common.core.errors import ConflictError
from common.core.ids import derived_id, new_id
from common.database import notifications, topics
from common.models.events import NotificationDue
from common.models.notification import Notification

KEPT_S = 30 * 24 * 3600.0
"""So long it is known that something was told already."""


def notify(
    *,
    uid: str,
    kind: str,
    title: str,
    body: str,
    once: Sequence[str] = (),
    data: Mapping[str, str] | None = None,
    app_id: str | None = None,
) -> Notification:
    """Tell a user something, on all devices.

    Args:
        uid: whom.
        kind: what clients tell kinds of notifications apart by.
        title: what is shown first.
        body: what is shown below.
        once: names what has happened; the same is told once, however often this is called. Empty: it is always new.
        data: what the client needs to act on it.
        app_id: the app that says it.
    """
    now = clock.now()
    notification = Notification(
        id=_id(uid, kind, once) if once else new_id(),
        kind=kind,
        title=title,
        body=body,
        data=dict(data or {}),
        app_id=app_id,
        created_at=now,
        expire_at=now + clock.duration(KEPT_S),
    )
    try:
        notifications.of(uid=uid).create(notification)
    except ConflictError:
        # Kept, but perhaps never announced: whoever sends it goes by the event's id and sends it once.
        notification = notifications.of(uid=uid).get(notification.id)
    topics.publish(NotificationDue(uid=uid, notification_id=notification.id))
    return notification


def withdraw(*, uid: str, kind: str, once: Sequence[str]) -> None:
    """Forget what was said on that occasion; what has left for the devices is there."""
    notifications.of(uid=uid).delete_many([_id(uid, kind, once)])


def _id(uid: str, kind: str, once: Sequence[str]) -> str:
    return derived_id("notification", uid, kind, *once)
