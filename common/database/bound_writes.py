"""What a run of a conversation has yielded is written together, and only while that run is the latest.

The conversation is read in the same transaction: nothing is written for one that was deleted or has begun another run,
and deleting it waits for whoever is writing. What conversations of one user teach at the same time is told apart by
counts in `users/{uid}/learning`: whoever has judged by what was known before another wrote, judges again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from common.core.errors import OutdatedError, PostponedError, RetryableError
from common.database import conversations
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.models.conversation import ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.cloud.firestore import DocumentReference, DocumentSnapshot, Transaction

    from common.database.documents import Documents
    from common.models.conversation import Conversation

Taught = Literal["memories", "action_items"]

_BEING_MERGED = "The conversation is being merged"

MOST_CHANGES = 450
"""Of one transaction; Firestore takes 500."""


@dataclass(frozen=True)
class Change:
    """A document as it was read, and as it shall be; None where there is none.

    `place` is its id where that is not its own; what is written over `unseen` may be whatever it is by then.
    """

    store: Documents[Any]
    before: Any
    after: Any
    place: str = ""
    unseen: bool = False

    @property
    def document_id(self) -> str:
        """Where it is, or shall be."""
        known = self.after if self.before is None else self.before
        return self.place or str(known.id)


def count_taught(*, uid: str, kind: Taught = "memories") -> int:
    """How often conversations have changed what is known of a user, or what stands on their list."""
    return _taught(_learning(uid, kind).get())


def is_current(conversation: Conversation, *, run: int) -> bool:
    """Whether this run is what the conversation shows.

    Raises:
        PostponedError: it waits for a merge: either it will be gone, or be as before.
    """
    if conversation.run != run:
        return False
    if conversation.status is ConversationStatus.MERGING:
        raise PostponedError(_BEING_MERGED)
    return conversation.status is ConversationStatus.COMPLETED


def write_for_run(
    changes: Sequence[Change],
    *,
    uid: str,
    conversation_id: str,
    run: int,
    taught: int | None = None,
    kind: Taught = "memories",
) -> bool:
    """Make all changes or none.

    Args:
        changes: MOST_CHANGES at most.
        uid: the owner.
        conversation_id: the conversation that they follow from.
        run: of it.
        taught: `count_taught` before anything was read, where the changes depend on what others teach; they count too.
        kind: what that was counted of.

    Returns:
        Whether they were made: not if the conversation is gone, or this run of it is not the completed latest.

    Raises:
        OutdatedError: another conversation has taught something since.
        PostponedError: the conversation waits for a merge.
        RetryableError: one of the documents is not any more what it was: read and decide again.
    """
    target = conversations.reference(uid=uid, conversation_id=conversation_id)
    learning = _learning(uid, kind)

    @transactional
    def apply(transaction: Transaction) -> bool:
        snapshot = target.get(["run", "status"], transaction=transaction)
        now = (snapshot.get("run") or 0, snapshot.get("status")) if snapshot.exists else None
        if now == (run, ConversationStatus.MERGING.value):
            raise PostponedError(_BEING_MERGED)
        if now != (run, ConversationStatus.COMPLETED.value):
            return False
        if taught is not None and _taught(learning.get(transaction=transaction)) != taught:
            raise OutdatedError("Another conversation has taught something meanwhile")
        seen = [change for change in changes if not change.unseen]
        there = _read([change.store.reference(change.document_id) for change in seen], transaction)
        for change in seen:
            found = change.store.decoded([there[change.store.reference(change.document_id).path]])
            if (found[0] if found else None) != change.before:
                raise RetryableError("What was learned was changed meanwhile")
        for change in changes:
            change.store.write_in(transaction, change.document_id, change.after)
        if taught is not None and changes:
            transaction.set(learning, {"taught": taught + 1})
        return True

    made: bool = apply(firestore_client().transaction())
    return made


def _learning(uid: str, kind: Taught) -> DocumentReference:
    return firestore_client().collection("users", uid, "learning").document(kind)


def _taught(snapshot: DocumentSnapshot[Any]) -> int:
    return int(snapshot.get("taught") or 0) if snapshot.exists else 0


def _read(places: list[DocumentReference], transaction: Transaction) -> dict[str, DocumentSnapshot[Any]]:
    """What is at each of these places, by its path."""
    found = firestore_client().get_all(places, transaction=transaction) if places else []
    return {snapshot.reference.path: snapshot for snapshot in found}
