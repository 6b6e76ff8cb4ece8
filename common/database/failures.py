"""Collection `users/{uid}/failures`: how often a follower could not do its work for one event."""

from __future__ import annotations

from google.cloud import firestore

from common.core import clock
from common.core.errors import LeaseHeldError
from common.core.ids import digest
from common.database.clients import firestore_client
from common.models.base import Document, Moment

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

    @firestore.transactional
    def apply(transaction: firestore.Transaction) -> int:
        snapshot = target.get(transaction=transaction)
        expire_at = clock.now() + clock.duration(_KEPT_S)
        before = _Failures.model_validate(snapshot.to_dict()) if snapshot.exists else _Failures(expire_at=expire_at)
        after = _Failures(attempts=before.attempts + 1, expire_at=expire_at)
        transaction.set(target, after.to_firestore())
        return after.attempts

    attempts: int = apply(firestore_client().transaction())
    return attempts
