"""What was learned from a conversation and stands on its own: memories and action items that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import tracing
from common.database import action_items, forgotten, memories, refusals
from common.database.clients import firestore_client
from common.database.documents import WRITE_LIMIT
from common.database.firestore import field_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.cloud.firestore import CollectionReference, Query

_TRIES = 5


def delete_all(*, uid: str, conversation_id: str) -> int:
    """Delete everything that was learned from a conversation; how much there was.

    A memory that others had taught before this conversation changed it is what it was then.
    """
    known, tasks = memories.of(uid=uid), action_items.of(uid=uid)
    learned = known.stream(_from(known.collection, [conversation_id]))
    memories.delete([memory for memory in learned if not memories.give_back(memory, uid=uid)], uid=uid)
    _delete_former(uid=uid, conversation_id=conversation_id)
    return len(learned) + len(tasks.delete_found(_from(tasks.collection, [conversation_id])))


def forget_deletions(*, uid: str, conversation_id: str) -> None:
    """Delete the notes about what was learned from a conversation, and deleted: it is not learned from any more."""
    notes = forgotten.of(uid=uid)
    notes.delete_found(_from(notes.collection, [conversation_id]))


def repoint(conversation_ids: Sequence[str], *, uid: str, to: str) -> int:
    """Whatever names one of these conversations names another from now on; how much did."""
    repointed = 0
    change = {"conversation_id": to}
    traced = {**change, **tracing.carried()}  # a function follows it
    for collection, fields in (
        (memories.of(uid=uid).collection, traced),
        (_former(uid=uid), change),
        (action_items.of(uid=uid).collection, traced),
        (forgotten.of(uid=uid).collection, change),
    ):
        query = _from(collection, conversation_ids).select([]).limit(WRITE_LIMIT)
        failures = 0
        while found := list(query.stream()):
            batch = firestore_client().batch()
            for snapshot in found:
                batch.update(snapshot.reference, fields)
            try:
                batch.commit()
            except refusals.NotFound:  # one was deleted just now: look again
                failures += 1
                if failures == _TRIES:
                    raise
                continue
            repointed += len(found)
    return repointed


def _former(*, uid: str) -> Query:
    """What the user's memories were before."""
    return firestore_client().collection_group(memories.HISTORY).where(filter=field_filter("uid", "==", uid))


def _delete_former(*, uid: str, conversation_id: str) -> None:
    """Delete former states that came from a conversation, of memories that others have changed since."""
    for snapshot in _from(_former(uid=uid), [conversation_id]).select([]).stream():
        snapshot.reference.delete()


def _from(collection: CollectionReference | Query, conversation_ids: Sequence[str]) -> Query:
    return collection.where(filter=field_filter("conversation_id", "in", list(conversation_ids)))
