"""Documents brought into the form that their user wants them in: sealed with the newest key, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderRefusedError
from common.core.ids import is_document_id
from common.core.logs import get_logger
from common.database import keys, users
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.due import read_due
from common.database.firestore import transactional
from common.database.sealing import LEVEL, TITLE_KEY, opened, seal, versions
from common.models.data_key import ENHANCED, STANDARD
from common.models.protection import Protection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from google.cloud.firestore import CollectionReference, DocumentReference, DocumentSnapshot, Query, Transaction

COLLECTIONS = (
    "conversations",
    "memories",
    "messages",
    "action_items",
    "chat_sessions",
    "daily_summaries",
    "goals",
    "meetings",
    "notifications",
    "folders",
    "files",
    "claims",
    "chat_threads",
)
"""Those directly below a user that hold words, or hold documents that have some below them."""
PAGE = 50
"""Documents looked at in a step; each may hold a megabyte."""
STATE = "state"


_PROTECTION = "protection"


def states(*, uid: str) -> Documents[Protection]:
    """How far it is, in one document."""
    return Documents("users", uid, _PROTECTION, model=Protection, noun="Protection")


def list_due(moment: datetime, *, limit: int) -> list[tuple[str, Protection]]:
    """(uid, how far it is) that somebody should look after by `moment`, over all users, the longest due first."""
    return read_due(firestore_client().collection_group(_PROTECTION), moment, limit=limit, of=states)


def read_page(*, uid: str, collection: str, after: str | None) -> list[DocumentSnapshot[Any]]:
    """The next documents of a collection, and of all that is below it, after the one at the path `after`."""
    query = _everything(users.reference(uid=uid).collection(collection))
    if after is not None:
        query = query.start_after({"__name__": firestore_client().document(after)})
    return list(query.limit(PAGE).stream())


def reseal(snapshots: Iterable[DocumentSnapshot[Any]], *, uid: str) -> tuple[int, int]:
    """Give documents the form that their user wants; how many had another, and how many cannot be read.

    Raises:
        ProviderError: not now.
    """
    changed = unreadable = 0
    for snapshot in snapshots:
        if not _fits(snapshot.to_dict() or {}, snapshot.reference.path, uid=uid):
            try:
                changed += _reseal(snapshot.reference, uid=uid)
            except ProviderRefusedError:
                get_logger().error("document_sealed", collection=snapshot.reference.parent.id)
                unreadable += 1
    return changed, unreadable


def reseal_one(*, uid: str, collection: str, document_id: str) -> None:
    """The same with one document and all that is below it, some hundreds at most; nothing if there is none."""
    if not is_document_id(document_id):
        return
    place = users.reference(uid=uid).collection(collection).document(document_id)
    reseal([place.get()], uid=uid)
    for below in place.collections():
        reseal(_everything(below).limit(PAGE * 10).stream(), uid=uid)


def list_others(*, uid: str, collection: str, level: str, limit: int) -> list[str]:
    """The ids of documents that say of themselves that they are protected otherwise."""
    found = users.reference(uid=uid).collection(collection).select([LEVEL]).limit(limit).stream()
    return [each.id for each in found if ((each.to_dict() or {}).get(LEVEL) or STANDARD) != level]


def _everything(collection: CollectionReference) -> Query:
    return collection.recursive()  # by their paths


def _fits(fields: dict[str, Any], path: str, *, uid: str) -> bool:
    key = keys.current(uid=uid)
    if fields.get(LEVEL) == ENHANCED and key is None:
        return False
    return versions(fields, path) <= {None if key is None else key.version}


def _reseal(place: DocumentReference, *, uid: str) -> bool:
    """Whether it was changed: somebody else may have been quicker, or have deleted it."""

    @transactional
    def apply(transaction: Transaction) -> bool:
        fields = place.get(transaction=transaction).to_dict() or {}
        if not fields or _fits(fields, place.path, uid=uid):
            return False
        key = keys.current(uid=uid)
        plain = opened(fields, place.path)
        wanted = _unsealed(plain) if key is None else {**seal(plain, place.path, key=key), LEVEL: ENHANCED}
        transaction.update(place, {name: value for name, value in wanted.items() if value != fields.get(name)})
        return True

    changed: bool = apply(firestore_client().transaction())
    return changed


def _unsealed(plain: dict[str, Any]) -> dict[str, Any]:
    structured = plain.get("structured")
    if isinstance(structured, dict):
        plain = {**plain, "structured": {name: value for name, value in structured.items() if name != TITLE_KEY}}
    return {**plain, LEVEL: STANDARD}
