"""Beginning a conversation where somebody else may begin the same one at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.logs import get_logger
from common.database import conversations, whole_conversations
from common.database.clients import firestore_client
from common.database.conversation_queries import newest_first
from common.database.firestore import transactional
from common.models.conversation import Conversation, ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Transaction

MOST_IN_PROGRESS = 50
"""Conversations in progress that are looked at, recordings that are being uploaded among them."""


def list_in_progress(*, uid: str, limit: int = MOST_IN_PROGRESS) -> list[Conversation]:
    """What is being captured, newest first."""
    return conversations.list_newest(uid=uid, limit=limit, statuses=[ConversationStatus.IN_PROGRESS.value])


def create_unless(
    another: Callable[[Conversation], bool], conversation: Conversation, *, uid: str
) -> Conversation | None:
    """Store a new conversation, in one transaction with a look at those that are in progress.

    Args:
        another: whether one of those will do as well; may be asked more than once.
        conversation: the new one.
        uid: the owner.

    Returns:
        It as it is stored; None where another will do, and nothing was stored.
    """
    within = conversations.collection(uid=uid)
    query = newest_first(within, {"statuses": [ConversationStatus.IN_PROGRESS.value]}).limit(MOST_IN_PROGRESS)

    @transactional
    def apply(transaction: Transaction) -> Conversation | None:
        found = query.stream(transaction=transaction)
        if any(another(each) for _, each in whole_conversations.with_owner(found)):
            return None
        return conversations.write_new(conversation, uid=uid, to=transaction)

    stored: Conversation | None = apply(firestore_client().transaction())
    if stored is not None:
        get_logger().info("conversation_begun", conversation_id=stored.id, kind=stored.capture.kind)
    return stored
