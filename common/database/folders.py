"""Collection `users/{uid}/folders`, and which folder a conversation is in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import LockedError, NotFoundError
from common.core.ids import is_document_id
from common.database import conversations
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, WRITE_LIMIT, Documents
from common.database.firestore import field_filter, transactional
from common.database.sealing import protected
from common.database.snapshots import fields_of
from common.models.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import Transaction

_PARALLEL = 8


def of(*, uid: str) -> Documents[Folder]:
    """A user's folders."""
    return Documents("users", uid, "folders", model=Folder, noun="Folder")


def list_all(*, uid: str) -> list[Folder]:
    """Every folder, in the user's order."""
    folders = of(uid=uid)
    return in_order(folders.stream(folders.collection.limit(LIST_LIMIT)))


def in_order(folders: Sequence[Folder]) -> list[Folder]:
    """Folders in the user's order."""
    return sorted(folders, key=lambda folder: (folder.order, folder.created_at, folder.id))


def counts(folder_ids: Sequence[str], *, uid: str) -> list[int]:
    """How many conversations are in each folder, discarded ones left out; counted by the store, without reading."""

    def count(folder_id: str) -> int:
        return conversations.count(uid=uid, folder_id=folder_id, include_discarded=False)

    if not folder_ids:
        return []
    with ThreadPoolExecutor(min(_PARALLEL, len(folder_ids))) as pool:
        return list(pool.map(count, folder_ids))


def add(make: Callable[[list[Folder]], Folder], *, uid: str) -> Folder:
    """Create a folder from those there are, in one transaction; `make` may return one of them instead, or raise."""
    folders = of(uid=uid)

    @transactional
    def apply(transaction: Transaction) -> Folder:
        known = _read_all(folders, transaction)
        folder = make(known)
        if folder not in known:
            place = folders.reference(folder.id)
            transaction.create(place, protected(folder.to_firestore(), place.path, whole=True))
        return folder

    added: Folder = apply(firestore_client().transaction())
    return added


def reorder(folder_ids: Sequence[str], *, uid: str) -> None:
    """Put these folders first, in this order, the others after them.

    Raises:
        NotFoundError: one of them is not there.
    """
    folders = of(uid=uid)

    @transactional
    def apply(transaction: Transaction) -> None:
        there = {folder.id: folder for folder in in_order(_read_all(folders, transaction))}
        if not set(folder_ids) <= set(there):
            raise folders.missing()
        now = clock.now()
        for place, folder_id in enumerate(dict.fromkeys([*folder_ids, *there])):
            if there[folder_id].order != place:
                transaction.update(folders.reference(folder_id), {"order": place, "updated_at": now})

    apply(firestore_client().transaction())


def file(conversation_ids: Sequence[str], *, uid: str, folder_id: str | None) -> int:
    """Put conversations into a folder, or into none, because the user says so.

    Args:
        conversation_ids: which; those that do not exist and those that are locked stay where they are.
        uid: whose.
        folder_id: where to, or None.

    Returns:
        How many there are in it now of those named.

    Raises:
        NotFoundError: no such folder.
    """
    possible = [each for each in conversation_ids if is_document_id(each)]
    return sum(outcome is None for outcome in _file(possible, uid=uid, folder_id=folder_id))


def file_one(conversation_id: str, *, uid: str, folder_id: str | None) -> None:
    """The same for one conversation.

    Raises:
        NotFoundError: no such folder or conversation.
        LockedError: the conversation was made without credit.
    """
    for outcome in _file([conversation_id], uid=uid, folder_id=folder_id):
        if outcome is not None:
            raise outcome


def move_all(*, uid: str, source: str, target: str | None) -> None:
    """Empty a folder into another, or into none; as much at a time as fits into a transaction.

    Raises:
        NotFoundError: no such target.
    """
    inside: Any = conversations.collection(uid=uid).where(filter=field_filter("folder_id", "==", source))

    @transactional
    def move(transaction: Transaction) -> int:
        _require(target, uid=uid, transaction=transaction)
        found = list(inside.select([]).limit(WRITE_LIMIT).stream(transaction=transaction))
        for snapshot in found:
            transaction.update(snapshot.reference, {"folder_id": target, "updated_at": clock.now()})
        return len(found)

    while move(firestore_client().transaction()) == WRITE_LIMIT:
        pass


def _file(
    conversation_ids: Sequence[str], *, uid: str, folder_id: str | None
) -> list[NotFoundError | LockedError | None]:
    """What became of each: None where it is filed."""
    targets = [conversations.reference(uid=uid, conversation_id=each) for each in dict.fromkeys(conversation_ids)]

    @transactional
    def apply(transaction: Transaction) -> list[NotFoundError | LockedError | None]:
        # Read together with the conversations: a folder that is being deleted gets nothing more.
        _require(folder_id, uid=uid, transaction=transaction)
        fields = ["is_locked", "deleted"]
        found = firestore_client().get_all(targets, field_paths=fields, transaction=transaction)
        outcomes: list[NotFoundError | LockedError | None] = []
        filed = []
        for snapshot in found:
            known = fields_of(snapshot)
            if not snapshot.exists or known.get("deleted"):
                outcomes.append(NotFoundError("Conversation not found"))
            elif known.get("is_locked"):
                outcomes.append(LockedError("The conversation was recorded without credit"))
            else:
                outcomes.append(None)
                filed.append(snapshot.reference)
        for target in filed:
            transaction.update(target, {"folder_id": folder_id, "folder_user_set": True, "updated_at": clock.now()})
        return outcomes

    done: list[NotFoundError | LockedError | None] = apply(firestore_client().transaction())
    return done


def _read_all(folders: Documents[Folder], transaction: Transaction) -> list[Folder]:
    return folders.decoded(folders.collection.limit(LIST_LIMIT).stream(transaction=transaction))


def _require(folder_id: str | None, *, uid: str, transaction: Transaction) -> None:
    if folder_id is None:
        return
    folders = of(uid=uid)
    if not folders.reference(folder_id).get(transaction=transaction).exists:
        raise folders.missing()
