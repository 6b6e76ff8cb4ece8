"""Collection `users/{uid}/failures`: how often in a row a follower could not do its work."""

from __future__ import annotations

from google.cloud import firestore

from common.core import clock
from common.core.errors import LeaseHeldError, RetryableError
from common.database.clients import firestore_client
from common.models.base import Document, Moment

_FORGOTTEN_AFTER_S = 3600.0


class _Failures(Document):
    attempts: int = 0
    last_at: Moment


def count(error: RetryableError, *, uid: str, key: str) -> int:
    """Count one more failure; what failed an hour ago is another story. Waiting for a lease is no failure."""
    if isinstance(error, LeaseHeldError):
        return 0
    target = firestore_client().collection("users", uid, "failures").document(key)

    @firestore.transactional
    def apply(transaction: firestore.Transaction) -> int:
        snapshot = target.get(transaction=transaction)
        now = clock.now()
        before = _Failures.model_validate(snapshot.to_dict()) if snapshot.exists else _Failures(last_at=now)
        recent = now - before.last_at < clock.duration(_FORGOTTEN_AFTER_S)
        after = _Failures(attempts=before.attempts + 1 if recent else 1, last_at=now)
        transaction.set(target, after.to_firestore())
        return after.attempts

    attempts: int = apply(firestore_client().transaction())
    return attempts
