"""Collection `users/{uid}/tombstones`: what was deleted, so that nothing late brings it back or outlives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import NotFoundError
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter, transactional
from common.database.shares import shares
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference, Transaction

KEPT_S = 90 * 24 * 3600.0


class Tombstone(Document):
    """A conversation that its owner has deleted; with `cascade`, what was learned from it went too."""

    id: str
    deleted_at: Moment
    cascade: bool = False
    merged_into: str | None = None
    """The conversation that it has become part of, where it was not deleted but merged."""
    expire_at: Moment
    """When a TTL policy may remove it."""


def of(*, uid: str) -> Documents[Tombstone]:
    """A user's tombstones, under the ids of the conversations."""
    return Documents("users", uid, "tombstones", model=Tombstone, noun="Tombstone")


def carve(conversation_id: str, *, cascade: bool, merged_into: str | None = None) -> Tombstone:
    """One that says: deleted now, or merged."""
    now = clock.now()
    return Tombstone(
        id=conversation_id,
        deleted_at=now,
        cascade=cascade,
        merged_into=merged_into,
        expire_at=now + clock.duration(KEPT_S),
    )


def list_merged_into(conversation_id: str, *, uid: str) -> list[str]:
    """The conversations that have become part of one, directly or by several merges; as long as that is known."""
    graves = of(uid=uid)
    found = [conversation_id]
    for into in found:  # grows while it is read
        query = graves.collection.where(filter=field_filter("merged_into", "==", into)).limit(LIST_LIMIT)
        found += [grave.id for grave in graves.stream(query) if grave.id not in found]
    return found[1:]


def bury(conversation: DocumentReference, *, uid: str, cascade: bool) -> str | None:
    """Delete a conversation, and what lets others read it, and leave a tombstone; in one transaction.

    Returns:
        The revision of its transcript, where that stood in chunks.

    Raises:
        NotFoundError: there is none.
    """
    grave = carve(conversation.id, cascade=cascade).to_firestore()
    place = of(uid=uid).reference(conversation.id)
    revision: str | None = None

    @transactional
    def apply(transaction: Transaction) -> str | None:
        nonlocal revision
        snapshot = conversation.get(["visibility", "transcript_revision"], transaction=transaction)
        if not snapshot.exists:
            if place.get(transaction=transaction).to_dict() == grave:
                return revision  # done, but the answer was lost
            raise NotFoundError("Conversation not found")
        fields = snapshot.to_dict() or {}
        if fields.get("visibility", "private") != "private":
            shared = shares().reference(conversation.id).get(transaction=transaction)
            # Another user's conversation may have the same id: ids are sometimes made by clients.
            if shared.exists and shared.get("uid") == uid:
                transaction.delete(shared.reference)
        transaction.delete(conversation)
        transaction.set(place, grave)
        revision = fields.get("transcript_revision")
        return revision

    apply(firestore_client().transaction())
    return revision
