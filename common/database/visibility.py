"""Who may read a conversation: the field in its document and the entry in `shared_conversations`, changed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import ConflictError, NotFoundError
from common.database import conversations
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.database.shares import Share, shares
from common.models.conversation import ConversationVisibility

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction


def set_visibility(*, uid: str, conversation_id: str, visibility: ConversationVisibility) -> None:
    """Change who may read a conversation, in one transaction.

    Raises:
        NotFoundError: there is none.
        ConflictError: another user shares a conversation with this id.
    """
    target = conversations.reference(uid=uid, conversation_id=conversation_id)
    everybodys = shares().reference(conversation_id)

    @transactional
    def apply(transaction: Transaction) -> bool:
        if not target.get(["visibility"], transaction=transaction).exists:
            raise NotFoundError("Conversation not found")
        shared = everybodys.get(transaction=transaction)
        owner = shared.get("uid") if shared.exists else None
        if visibility is ConversationVisibility.PRIVATE:
            if owner == uid:
                transaction.delete(everybodys)
        elif owner not in {None, uid}:
            raise ConflictError("Another conversation is shared under this id")
        else:
            transaction.set(everybodys, Share(id=conversation_id, uid=uid, shared_at=clock.now()).to_firestore())
        transaction.update(target, {"visibility": visibility.value, "updated_at": clock.now()})
        return owner == uid

    was_shared: bool = apply(firestore_client().transaction())
    if was_shared and visibility is ConversationVisibility.PRIVATE:
        deletions.tell(Deletion.SHARED_CONVERSATION, conversation_id, uid=uid)
