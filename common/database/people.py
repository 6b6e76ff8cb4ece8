"""Collection `users/{uid}/people`: one person per name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ConflictError
from common.core.ids import new_id
from common.database import cache
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import MOST_IN_A_FILTER, field_filter, transactional
from common.database.snapshots import fields_of
from common.models.person import Person, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.cloud.firestore import Transaction

_EDITION_NOTED_S = 24 * 3600


def of(*, uid: str) -> Documents[Person]:
    """A user's people."""
    return Documents("users", uid, "people", model=Person, noun="Person")


def names(*, uid: str, person_ids: Iterable[str]) -> dict[str, str]:
    """The names of those of `person_ids` that are known, in one read."""
    return {person.id: person.name for person in of(uid=uid).find_many(list(dict.fromkeys(person_ids)))}


def list_all(*, uid: str) -> list[Person]:
    """Everybody, by name; LIST_LIMIT at most."""
    people = of(uid=uid)
    found = people.stream(people.collection.limit(LIST_LIMIT))
    return sorted(found, key=lambda person: (name_key(person.name), person.id))


def list_named(names: Iterable[str], *, uid: str) -> list[Person]:
    """Those who are called by one of these names, as far as one filter takes them."""
    people = of(uid=uid)
    wanted = sorted(set(names))[:MOST_IN_A_FILTER]
    found = {
        person.id: person
        for field, values in (("name_key", sorted({name_key(name) for name in wanted})), ("name", wanted))
        for person in people.stream(people.collection.where(filter=field_filter(field, "in", values)).limit(LIST_LIMIT))
    }
    return [found[each] for each in sorted(found)]


def get_or_create(*, uid: str, name: str) -> Person:
    """The person of this name, whoever asks first making one."""

    @transactional
    def apply(transaction: Transaction) -> Person:
        known = _named(name, uid=uid, transaction=transaction)
        if known is not None:
            return known
        now = clock.now()
        person = Person(id=new_id(), name=name, name_key=name_key(name), created_at=now, updated_at=now)
        transaction.create(of(uid=uid).reference(person.id), person.to_firestore())
        return person

    person: Person = apply(firestore_client().transaction())
    note_change(uid=uid)
    return person


def rename(*, uid: str, person_id: str, name: str) -> Person:
    """Call a person something else.

    Raises:
        NotFoundError: there is no such person.
        ConflictError: somebody else is called that.
    """
    people = of(uid=uid)
    target = people.reference(person_id)

    @transactional
    def apply(transaction: Transaction) -> None:
        snapshot = target.get(transaction=transaction)
        if not snapshot.exists:
            raise people.missing()
        namesake = _named(name, uid=uid, transaction=transaction)
        if namesake is not None and namesake.id != person_id:
            raise ConflictError("There is a person of this name")
        transaction.update(target, {"name": name, "name_key": name_key(name), "updated_at": clock.now()})

    apply(firestore_client().transaction())
    note_change(uid=uid)
    return people.get(person_id)


def note_change(*, uid: str) -> None:
    """Let those who know the user's people, or how somebody sounds, find out that they must look again."""
    cache.put(_edition_key(uid), new_id(), seconds=_EDITION_NOTED_S)


def edition(*, uid: str) -> str | None:
    """Stands for the last change of the user's people and voices; None where none is noted, or nothing can be."""
    return cache.get(_edition_key(uid))


def forget_edition(*, uid: str) -> None:
    """Drop the note."""
    cache.forget(_edition_key(uid))


def _edition_key(uid: str) -> str:
    return f"users:{uid}:people_edition"


def _named(name: str, *, uid: str, transaction: Transaction) -> Person | None:
    """Somebody of this name; documents that do not know their key are found by the name as it is written."""
    collection = of(uid=uid).collection
    for field, value in (("name_key", name_key(name)), ("name", name)):
        found = collection.where(filter=field_filter(field, "==", value)).limit(1).stream(transaction=transaction)
        for snapshot in found:
            return Person.model_validate({"id": snapshot.id, **fields_of(snapshot)})
    return None
