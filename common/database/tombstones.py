"""Collection `users/{uid}/tombstones`: what was deleted, so that nothing late brings it back or outlives it."""

from __future__ import annotations

from common.core import clock
from common.database.documents import Documents
from common.models.base import Document, Moment

KEPT_S = 90 * 24 * 3600.0


class Tombstone(Document):
    """A conversation that its owner has deleted; with `cascade`, what was learned from it went too."""

    id: str
    deleted_at: Moment
    cascade: bool = False
    expire_at: Moment
    """When a TTL policy may remove it."""


def of(*, uid: str) -> Documents[Tombstone]:
    """A user's tombstones, under the ids of the conversations."""
    return Documents("users", uid, "tombstones", model=Tombstone, noun="Tombstone")


def carve(conversation_id: str, *, cascade: bool) -> Tombstone:
    """One that says: deleted now."""
    now = clock.now()
    return Tombstone(id=conversation_id, deleted_at=now, cascade=cascade, expire_at=now + clock.duration(KEPT_S))
