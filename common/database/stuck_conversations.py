"""Over all users: conversations that wait for something that may never come, for the sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.firestore import FieldFilter

from common.database.clients import firestore_client
from common.database.conversation_queries import COLLECTION
from common.database.whole_conversations import with_owner

if TYPE_CHECKING:
    from datetime import datetime

    from common.models.conversation import Conversation, ConversationStatus


def list_unchanged_since(moment: datetime, *, status: ConversationStatus, limit: int) -> list[tuple[str, Conversation]]:
    """(uid, conversation) in `status` that last changed before `moment`, oldest first."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=FieldFilter("status", "==", status.value))
        .where(filter=FieldFilter("updated_at", "<", moment))
        .order_by("updated_at")
        .limit(limit)
    )
    return list(with_owner(query.stream()))


def list_due_for_retry(moment: datetime, *, limit: int) -> list[tuple[str, Conversation]]:
    """(uid, conversation) that failed and asked to be tried again before `moment`."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=FieldFilter("failure.retry_at", "<=", moment))
        .order_by("failure.retry_at")
        .limit(limit)
    )
    return list(with_owner(query.stream()))
