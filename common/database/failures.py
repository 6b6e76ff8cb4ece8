"""Collection `users/{uid}/failures`: how often a follower could not do its work for one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import LeaseHeldError
from common.core.ids import digest
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

_KEPT_S = 48 * 3600.0
"""The platform gives an event up after a day; a TTL policy on `expire_at` removes the count some time later."""


class _Failures(Document):
    attempts: int = 0
    expire_at: Moment


def count(error: Exception, *, uid: str, event_id: str) -> int:
    """Count one more failed delivery of an event. Waiting for a lease is no failure."""
    if isinstance(error, LeaseHeldError):
        return 0
    target = firestore_client().collection("users", uid, "failures").document(digest(event_id))

    @transactional
    def apply(transaction: Transaction) -> int:
        snapshot = target.get(transaction=transaction)
        expire_at = clock.now() + clock.duration(_KEPT_S)
        before = _Failures.model_validate(snapshot.to_dict()) if snapshot.exists else _Failures(expire_at=expire_at)
        after = _Failures(attempts=before.attempts + 1, expire_at=expire_at)
        transaction.set(target, after.to_firestore())
        return after.attempts

    attempts: int = apply(firestore_client().transaction())
    return attempts
