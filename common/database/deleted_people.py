"""Collection `users/{uid}/deleted_people`: whose ids are taken out of conversations, and must not come back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.ids import is_document_id
from common.database import conversations, people, transcripts
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.due import read_due
from common.database.firestore import transactional
from common.models.deleted_person import DeletedPerson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from google.cloud.firestore import DocumentSnapshot, Transaction

    from common.models.person import Person

PAGE = 200
"""Documents looked at in a step, of which only the fields that say who speaks are read."""
LOOK_AGAIN = timedelta(minutes=15)
"""Real time without a page done after which nobody is at it any more; a queue tries again sooner."""
_COLLECTION = "deleted_people"
SUGGESTIONS = "speaker_label_suggestions"
_TELLING = (
    transcripts.SPEAKERS,
    "transcript_revision",
    SUGGESTIONS,
    "created_at",
    "segments",
    "person_id",
    "source",
    "speaker_label_source",
)


def of(*, uid: str) -> Documents[DeletedPerson]:
    """A user's, under the ids of the people."""
    return Documents("users", uid, _COLLECTION, model=DeletedPerson, noun="Deleted person")


def list_due(moment: datetime, *, limit: int) -> list[tuple[str, DeletedPerson]]:
    """(uid, deleted person) that somebody should look after by `moment`, over all users, the longest due first."""
    return read_due(firestore_client().collection_group(_COLLECTION), moment, limit=limit, of=of)


def delete(person: Person, *, uid: str) -> DeletedPerson:
    """Delete a person and note that all that names them is to follow, in one transaction.

    Raises:
        NotFoundError: there is none any more.
    """
    now = clock.now()
    noted = DeletedPerson(id=person.id, name=person.name, deleted_at=now, look_at=now + LOOK_AGAIN)
    target, notes = people.of(uid=uid).reference(person.id), of(uid=uid)

    @transactional
    def apply(transaction: Transaction) -> None:
        if not target.get(["name_key"], transaction=transaction).exists:
            if notes.reference(person.id).get(["deleted_at"], transaction=transaction).to_dict() == {"deleted_at": now}:
                return  # done, but the answer was lost
            raise people.of(uid=uid).missing()
        transaction.delete(target)
        notes.write_in(transaction, person.id, noted)

    apply(firestore_client().transaction())
    return noted


def among(person_ids: Iterable[str], *, uid: str) -> set[str]:
    """Those of these ids that are of somebody who was deleted; programs hand over ids of their own, too."""
    wanted = sorted({each for each in person_ids if is_document_id(each)})
    return {each.id for each in of(uid=uid).find_many(wanted)} if wanted else set()


def read_page(*, uid: str, after: str | None) -> list[DocumentSnapshot[Any]]:
    """The next of a user's conversations, and of all that is below them, after the one at the path `after`."""
    query = conversations.collection(uid=uid).recursive().select(_TELLING)  # by their paths
    if after is not None:
        query = query.start_after({"__name__": firestore_client().document(after)})
    return list(query.limit(PAGE).stream())
