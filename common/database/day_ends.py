"""Collection `users/{uid}/day_ends`: one document at most, while there is something to sum up when the day ends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from common.core.errors import NotFoundError
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.due import read_due
from common.database.firestore import transactional
from common.database.snapshots import fields_of
from common.models.daily_summary import DayEnd

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import Transaction

_COLLECTION = "day_ends"
_NEXT = "next"


def of(*, uid: str) -> Documents[DayEnd]:
    """A user's."""
    return Documents("users", uid, _COLLECTION, model=DayEnd, noun="End of the day")


def find(*, uid: str) -> DayEnd | None:
    """When the user's day ends next, if that matters."""
    return of(uid=uid).find(_NEXT)


def expect(at: datetime, *, now: datetime, uid: str) -> None:
    """Have the day summed up at `at`, unless it will be earlier anyway; or the next, where this one has ended."""
    target = of(uid=uid).reference(_NEXT)

    @transactional
    def apply(transaction: Transaction) -> None:
        stored = fields_of(target.get(transaction=transaction))
        known = DayEnd.model_validate({"id": _NEXT, **stored}) if stored else None
        if known is None:
            transaction.set(target, DayEnd(id=_NEXT, at=at, look_at=at).to_firestore())
        elif known.at <= now and known.then is None:
            transaction.update(target, {"then": at})

    apply(firestore_client().transaction())


def move(at: datetime, *, now: datetime, uid: str) -> None:
    """The user's day ends at another time from now on; one that has ended stays as it is."""

    def moved(known: DayEnd) -> DayEnd | None:
        return known.model_copy(update={"at": at, "look_at": at}) if known.at > now else None

    with suppress(NotFoundError):
        of(uid=uid).change(_NEXT, moved)


def forget(*, uid: str) -> None:
    """Nothing is to be summed up."""
    of(uid=uid).delete_many([_NEXT])


def postpone(known: DayEnd, look_at: datetime, *, uid: str) -> bool:
    """Have somebody look after it later; False where it is not as it is known any more."""

    def postponed(current: DayEnd) -> DayEnd | None:
        return current.model_copy(update={"look_at": look_at}) if current.look_at == known.look_at else None

    try:
        return of(uid=uid).change(_NEXT, postponed).look_at == look_at
    except NotFoundError:
        return False


def settle(at: datetime, *, uid: str, then: datetime | None = None) -> None:
    """The day that ended at `at` is done with; the next one follows, at `then` or if anything is known of it."""
    target = of(uid=uid).reference(_NEXT)

    @transactional
    def apply(transaction: Transaction) -> None:
        stored = fields_of(target.get(transaction=transaction))
        known = DayEnd.model_validate({"id": _NEXT, **stored}) if stored else None
        if known is None or known.at != at:
            return
        following = then or known.then
        if following is None:
            transaction.delete(target)
        else:
            transaction.set(target, DayEnd(id=_NEXT, at=following, look_at=following).to_firestore())

    apply(firestore_client().transaction())


def list_due(moment: datetime, *, limit: int) -> list[tuple[str, DayEnd]]:
    """(uid, end of the day) that somebody should look after by `moment`, over all users, the longest due first."""
    return read_due(firestore_client().collection_group(_COLLECTION), moment, limit=limit, of=of)
