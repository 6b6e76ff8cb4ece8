"""Collection `analytics`: one rating per user and thing."""

from __future__ import annotations

from common.core import clock
from common.core.ids import derived_id
from common.database.documents import Documents
from common.models.rating import RatedKind, Rating

_RATINGS = Documents("analytics", model=Rating, noun="Rating")


def put(kind: RatedKind, *, uid: str, subject_id: str, value: int, reason: str | None) -> None:
    """Note what a user thinks of something, in place of what they thought before."""
    _RATINGS.put(
        Rating(
            id=_id(kind, uid=uid, subject_id=subject_id),
            type=kind.value,
            uid=uid,
            subject_id=subject_id,
            value=value,
            reason=reason,
            created_at=clock.now(),
        )
    )


def find(kind: RatedKind, *, uid: str, subject_id: str) -> Rating | None:
    """What a user thinks of something, if they said so."""
    return _RATINGS.find(_id(kind, uid=uid, subject_id=subject_id))


def _id(kind: RatedKind, *, uid: str, subject_id: str) -> str:
    return derived_id("rating", kind.value, uid, subject_id)
