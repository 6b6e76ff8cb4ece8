"""Collection `users/{uid}/index_leases`: who brings the index up to date with a document, and how far it is.

The index is written outside any transaction, so a worker whose lease ran out may still write an old state after its
successor wrote the new one. It notices when it wants to record what it did, and leaves a mark in `dirtied`; a record
made under an older mark does not count, and the holder does its work again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import LeaseHeldError, LeaseLostError
from common.core.ids import new_id
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference, Transaction

UNKNOWN = "unknown"
"""Recorded while the index is being written: what it holds then is anybody's guess."""
NOTHING = "nothing"
"""Recorded when the index holds nothing of the document."""


class _Record(Document):
    token: str | None = None
    leased_at: Moment | None = None
    lease_seconds: float = 0.0
    indexed: str = NOTHING
    dirtied: int = 0

    @property
    def leased(self) -> bool:
        if self.token is None or self.leased_at is None:
            return False
        return clock.now() < self.leased_at + clock.duration(self.lease_seconds)


@dataclass(frozen=True)
class IndexLease:
    """The right to write the vectors of a document. `indexed` is the revision that the index holds."""

    uid: str
    subject: str
    token: str
    indexed: str
    dirtied: int


def acquire(*, uid: str, subject: str, lease_seconds: float) -> IndexLease:
    """Take the lease.

    Raises:
        LeaseHeldError: somebody else holds it right now.
    """
    target = _reference(uid, subject)
    token = new_id()

    @transactional
    def apply(transaction: Transaction) -> IndexLease:
        before = _read(target, transaction)
        if before.leased and before.token != token:
            raise LeaseHeldError("the index of this document is being written")
        after = before.model_copy(update={"token": token, "leased_at": clock.now(), "lease_seconds": lease_seconds})
        transaction.set(target, after.to_firestore())
        return IndexLease(uid=uid, subject=subject, token=token, indexed=before.indexed, dirtied=before.dirtied)

    lease: IndexLease = apply(firestore_client().transaction())
    return lease


def renew(lease: IndexLease) -> bool:
    """Extend the lease by its length from now; False when somebody else has taken over."""
    target = _reference(lease.uid, lease.subject)

    @transactional
    def apply(transaction: Transaction) -> bool:
        before = _read(target, transaction)
        if before.token != lease.token:
            return False
        transaction.update(target, {"leased_at": clock.now()})
        return True

    kept: bool = apply(firestore_client().transaction())
    return kept


def record(lease: IndexLease, *, indexed: str) -> IndexLease:
    """Note which revision the index holds now.

    Returns:
        The lease as it is afterwards; `indexed` is UNKNOWN when a predecessor has written in between.

    Raises:
        LeaseLostError: somebody else has taken over; what was written may be wrong and is marked so.
    """
    target = _reference(lease.uid, lease.subject)

    @transactional
    def apply(transaction: Transaction) -> IndexLease | None:
        before = _read(target, transaction)
        if before.token != lease.token:
            # Whoever came after may be done already: what it noted must not count any more, either.
            marked = before.model_copy(update={"dirtied": before.dirtied + 1, "indexed": UNKNOWN})
            transaction.set(target, marked.to_firestore())
            return None
        held = indexed if before.dirtied == lease.dirtied else UNKNOWN
        transaction.set(target, before.model_copy(update={"indexed": held, "leased_at": clock.now()}).to_firestore())
        return replace(lease, indexed=held, dirtied=before.dirtied)

    renewed: IndexLease | None = apply(firestore_client().transaction())
    if renewed is None:
        raise LeaseLostError("the index of this document was taken over")
    return renewed


def doubt(*, uid: str, subject: str) -> None:
    """Forget which revision the index holds, for it may have lost it; also while somebody is writing it."""
    target = _reference(uid, subject)

    @transactional
    def apply(transaction: Transaction) -> None:
        before = _read(target, transaction)
        marked = before.model_copy(update={"dirtied": before.dirtied + 1, "indexed": UNKNOWN})
        transaction.set(target, marked.to_firestore())

    apply(firestore_client().transaction())


def release(lease: IndexLease) -> None:
    """Give the lease back; a document of which nothing is indexed leaves no trace."""
    target = _reference(lease.uid, lease.subject)

    @transactional
    def apply(transaction: Transaction) -> None:
        before = _read(target, transaction)
        if before.token != lease.token:
            return
        if before.indexed == NOTHING:
            transaction.delete(target)
        else:
            transaction.set(target, before.model_copy(update={"token": None}).to_firestore())

    apply(firestore_client().transaction())


def _reference(uid: str, subject: str) -> DocumentReference:
    return firestore_client().collection("users", uid, "index_leases").document(subject)


def _read(target: DocumentReference, transaction: Transaction) -> _Record:
    snapshot = target.get(transaction=transaction)
    return _Record.model_validate(snapshot.to_dict()) if snapshot.exists else _Record()
