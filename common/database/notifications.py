"""Collection `users/{uid}/notifications`: what a user is told on their devices."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from common.database import refusals
from common.database.documents import Documents
from common.database.firestore import array_union
from common.models.notification import Notification

if TYPE_CHECKING:
    from collections.abc import Sequence


def of(*, uid: str) -> Documents[Notification]:
    """A user's notifications."""
    return Documents("users", uid, "notifications", model=Notification, noun="Notification")


def note_told(notification_id: str, tokens: Sequence[str], *, uid: str) -> None:
    """Note under which tokens, by their digests, one has been sent; nothing where it was deleted meanwhile."""
    with suppress(refusals.NotFound):
        of(uid=uid).reference(notification_id).update({"told": array_union(list(tokens))})
