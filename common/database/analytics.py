"""Collection `analytics`: what users think of what was made for them."""

from __future__ import annotations

from common.core import clock
from common.core.ids import derived_id
from common.database.documents import Documents
from common.models.rating import RatedKind, Rating

ALL: Documents[Rating] = Documents("analytics", model=Rating, noun="Rating")


def find(kind: RatedKind, subject_id: str, *, uid: str) -> Rating | None:
    """What a user thinks of something, if they have said so."""
    return ALL.find(_id(kind, subject_id, uid=uid))


def put(kind: RatedKind, subject_id: str, *, uid: str, value: int, reason: str | None = None) -> None:
    """Keep what a user thinks of something, in place of what they thought before."""
    ALL.put(
        Rating(
            id=_id(kind, subject_id, uid=uid),
            type=kind.value,
            uid=uid,
            subject_id=subject_id,
            value=value,
            reason=reason,
            created_at=clock.now(),
        )
    )


def _id(kind: RatedKind, subject_id: str, *, uid: str) -> str:
    return derived_id("rating", kind.value, uid, subject_id)
