"""Collection `users/{uid}/claims`: who works on which step of what, and what is done already.

    running(token, attempts, leased_at) ──▶ done(result)
          │  ▲                         └──▶ parked(reason)
          └──┘ released, or the lease expired

A claim is keyed by (step, subject, run), never by the message that asked for it. The lease's age is judged by the
reader's clock and the duration the writer noted, so it also ends in a cloud that was restarted at another speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import LeaseHeldError, LeaseLostError
from common.core.ids import new_id
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.database.sealing import protected
from common.database.snapshots import fields_of
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference, Transaction, WriteBatch


class ClaimState(StrEnum):
    """What became of the work."""

    RUNNING = "running"
    RELEASED = "released"
    DONE = "done"
    PARKED = "parked"


class ClaimRecord(Document):
    """The stored claim."""

    step: str
    subject: str
    run: int
    state: ClaimState
    token: str
    attempts: int
    deaths: int = 0
    leased_at: Moment
    lease_seconds: float
    result: str | None = None
    reason: str | None = None
    expire_at: Moment | None = None
    """When a TTL policy may remove it; None for claims that guard a step for good."""

    @property
    def leased(self) -> bool:
        """Whether somebody may still be working on it."""
        expires = self.leased_at + clock.duration(self.lease_seconds)
        return self.state is ClaimState.RUNNING and clock.now() < expires


@dataclass(frozen=True)
class Claim:
    """The right to do a step, for as long as the lease lasts. `attempts` counts this one.

    `deaths` is how many of those before it ended without a word, by a lease that expired.
    `noted` is what an earlier attempt left for whoever comes after it.
    """

    uid: str
    step: str
    subject: str
    run: int
    token: str
    attempts: int
    noted: str | None = None
    deaths: int = 0

    @property
    def key(self) -> str:
        """Document id."""
        return f"{self.step}:{self.subject}:{self.run}"


@dataclass(frozen=True)
class Settled:
    """The step was done, or given up, before."""

    state: ClaimState
    result: str | None


def acquire(
    *,
    uid: str,
    step: str,
    subject: str,
    run: int,
    lease_seconds: float,
    kept_s: float | None = None,
    noted: str | None = None,
) -> Claim | Settled:
    """Claim a step, or learn that it is settled.

    Args:
        uid: whose it is.
        step: what is done.
        subject: to what, within the user.
        run: which time.
        lease_seconds: for how long nobody else may claim it.
        kept_s: after so many seconds it counts as never claimed.
        noted: what the first attempt notes for those after it.

    Raises:
        LeaseHeldError: somebody else holds it right now.
    """
    claim = Claim(uid=uid, step=step, subject=subject, run=run, token=new_id(), attempts=1)
    target = _reference(claim)

    @transactional
    def apply(transaction: Transaction) -> Claim | Settled:
        before = _read(target, transaction)
        if before is not None and before.expire_at is not None and before.expire_at <= clock.now():
            before = None
        if before is not None and before.state in {ClaimState.DONE, ClaimState.PARKED}:
            return Settled(before.state, before.result)
        if before is not None and before.token == claim.token:  # done, but the answer was lost
            return replace(claim, attempts=before.attempts, noted=before.result, deaths=before.deaths)
        if before is not None and before.leased:
            raise LeaseHeldError(f"{step} is being worked on")
        attempts = before.attempts + 1 if before is not None else 1
        deaths = before.deaths + (before.state is ClaimState.RUNNING) if before is not None else 0
        record = ClaimRecord(
            step=step,
            subject=subject,
            run=run,
            state=ClaimState.RUNNING,
            token=claim.token,
            attempts=attempts,
            deaths=deaths,
            leased_at=clock.now(),
            lease_seconds=lease_seconds,
            result=before.result if before is not None else noted,
            expire_at=clock.now() + clock.duration(kept_s) if kept_s is not None else None,
        )
        transaction.set(target, protected(record.to_firestore(), target.path))
        return replace(claim, attempts=attempts, noted=record.result, deaths=deaths)

    acquired: Claim | Settled = apply(firestore_client().transaction())
    return acquired


def settle_with(batch: WriteBatch, *, uid: str, step: str, subject: str, kept_s: float) -> None:
    """Have a step be done by what else `batch` writes: committed again, that is refused as existing already.

    Args:
        batch: it, not committed yet.
        uid: whose it is.
        step: what is done.
        subject: to what, within the user.
        kept_s: for how many seconds it is known.
    """
    claim = Claim(uid=uid, step=step, subject=subject, run=0, token=new_id(), attempts=1)
    target = _reference(claim)
    record = ClaimRecord(
        step=step,
        subject=subject,
        run=0,
        state=ClaimState.DONE,
        token=claim.token,
        attempts=1,
        leased_at=clock.now(),
        lease_seconds=0.0,
        expire_at=clock.now() + clock.duration(kept_s),
    )
    batch.create(target, protected(record.to_firestore(), target.path))


def renew(claim: Claim) -> bool:
    """Extend the lease by its length from now; False when somebody else has taken the claim over."""
    try:
        _settle(claim, {"leased_at": clock.now()})
    except LeaseLostError:
        return False
    return True


def is_leased(*, uid: str, step: str, subject: str, run: int) -> bool:
    """Whether somebody works on this step right now."""
    snapshot = _reference(Claim(uid=uid, step=step, subject=subject, run=run, token="", attempts=0)).get()
    return snapshot.exists and ClaimRecord.model_validate(fields_of(snapshot)).leased


def is_done(*, uid: str, step: str, subject: str, run: int) -> bool:
    """Whether this step was done."""
    snapshot = _reference(Claim(uid=uid, step=step, subject=subject, run=run, token="", attempts=0)).get()
    return snapshot.exists and ClaimRecord.model_validate(fields_of(snapshot)).state is ClaimState.DONE


def attempts(*, uid: str, step: str, subject: str, run: int) -> int:
    """How often this step was begun."""
    snapshot = _reference(Claim(uid=uid, step=step, subject=subject, run=run, token="", attempts=0)).get()
    return ClaimRecord.model_validate(fields_of(snapshot)).attempts if snapshot.exists else 0


def note(claim: Claim, text: str) -> None:
    """Leave a note for whoever has to go on with the step, should this attempt be cut short.

    Raises:
        LeaseLostError: somebody else has taken the claim over.
    """
    _settle(claim, {"result": text})


def finish(claim: Claim, *, result: str) -> None:
    """Mark the step as done.

    Raises:
        LeaseLostError: somebody else has taken the claim over.
    """
    _settle(claim, {"state": ClaimState.DONE.value, "result": result})


def release(claim: Claim) -> None:
    """Let the next delivery try at once instead of waiting for the lease to expire.

    Raises:
        LeaseLostError: somebody else has taken the claim over.
    """
    _settle(claim, {"state": ClaimState.RELEASED.value})


def postpone(claim: Claim) -> None:
    """The same where nothing was tried: what it waits for has to come first.

    Raises:
        LeaseLostError: somebody else has taken the claim over.
    """
    _settle(claim, {"state": ClaimState.RELEASED.value, "attempts": claim.attempts - 1})


def park(claim: Claim, *, reason: str) -> None:
    """Give the step up.

    Raises:
        LeaseLostError: somebody else has taken the claim over.
    """
    _settle(claim, {"state": ClaimState.PARKED.value, "reason": reason})


def reopen(*, uid: str, step: str, subject: str, run: int) -> bool:
    """Let a step that was given up be done after all, with all its attempts; False where it was not given up."""
    target = _reference(Claim(uid=uid, step=step, subject=subject, run=run, token="", attempts=0))

    @transactional
    def apply(transaction: Transaction) -> bool:
        before = _read(target, transaction)
        if before is None or before.state is not ClaimState.PARKED:
            return False
        transaction.delete(target)
        return True

    reopened: bool = apply(firestore_client().transaction())
    return reopened


def _settle(claim: Claim, fields: dict[str, Any]) -> None:
    target = _reference(claim)

    @transactional
    def apply(transaction: Transaction) -> None:
        before = _read(target, transaction)
        ours = before if before is not None and before.token == claim.token else None
        if ours is not None and ours.state == fields.get("state"):
            return  # done, but the answer was lost
        if ours is None or ours.state is not ClaimState.RUNNING:
            raise LeaseLostError(f"{claim.step} was taken over")
        transaction.update(target, protected(fields, target.path))

    apply(firestore_client().transaction())


def _reference(claim: Claim) -> DocumentReference:
    return firestore_client().collection("users", claim.uid, "claims").document(claim.key)


def _read(target: DocumentReference, transaction: Transaction) -> ClaimRecord | None:
    snapshot = target.get(transaction=transaction)
    return ClaimRecord.model_validate(fields_of(snapshot)) if snapshot.exists else None
