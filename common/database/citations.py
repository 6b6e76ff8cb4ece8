"""Titles of the conversations that answers rest on; read when they are shown, so that none outlives what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from common.core.errors import ProviderRefusedError
from common.core.ids import is_document_id
from common.core.logs import get_logger
from common.database import conversations
from common.database.clients import firestore_client
from common.database.snapshots import fields_of
from common.models.chat import CitedConversation

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = ("id", "created_at", "deleted", "structured.title", "structured.emoji")


def find(conversation_ids: Iterable[str], *, uid: str) -> dict[str, CitedConversation]:
    """Those of `conversation_ids` that exist, by id, in one read that brings no transcripts."""
    known = [each for each in dict.fromkeys(conversation_ids) if is_document_id(each)]
    if not known:
        return {}
    collection = conversations.collection(uid=uid)
    found = {}
    for snapshot in firestore_client().get_all([collection.document(each) for each in known], field_paths=_SHOWN):
        try:
            fields = fields_of(snapshot)
            if not snapshot.exists or fields.get("deleted"):
                continue
            found[snapshot.id] = CitedConversation.model_validate({"id": snapshot.id, **fields})
        except ValidationError as error:
            get_logger().error("citation_unreadable", conversation_id=snapshot.id, problems=error.error_count())
        except ProviderRefusedError:
            get_logger().error("citation_sealed", conversation_id=snapshot.id)
    return found
