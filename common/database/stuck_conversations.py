"""Over all users: conversations that wait for something that may never come, for the sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.database.clients import firestore_client
from common.database.conversation_queries import COLLECTION
from common.database.firestore import field_filter
from common.database.sealing import holds_sealed
from common.database.whole_conversations import with_owner

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from google.cloud.firestore import DocumentSnapshot

    from common.models.conversation import Conversation, ConversationStatus


def list_unchanged_since(moment: datetime, *, status: ConversationStatus, limit: int) -> list[tuple[str, Conversation]]:
    """(uid, conversation) in `status` that last changed before `moment`, oldest first."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=field_filter("status", "==", status.value))
        .where(filter=field_filter("updated_at", "<", moment))
        .order_by("updated_at")
        .limit(limit)
    )
    return _opened(query.stream())


def list_due_for_retry(moment: datetime, *, limit: int) -> list[tuple[str, Conversation]]:
    """(uid, conversation) that failed and asked to be tried again before `moment`."""
    query = (
        firestore_client()
        .collection_group(COLLECTION)
        .where(filter=field_filter("failure.retry_at", "<=", moment))
        .order_by("failure.retry_at")
        .limit(limit)
    )
    return _opened(query.stream())


def _opened(snapshots: Iterable[DocumentSnapshot[Any]]) -> list[tuple[str, Conversation]]:
    """Those that can be read now: while no keys can be had, others than the sealed ones, without waiting for each."""
    found: list[tuple[str, Conversation]] = []
    without_keys = False
    for snapshot in snapshots:
        if without_keys and holds_sealed(snapshot.to_dict() or {}):
            continue
        try:
            found += with_owner([snapshot])
        except ProviderError:
            get_logger().warning("conversation_not_opened", conversation_id=snapshot.id)
            without_keys = True
    return found
