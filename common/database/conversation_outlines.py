"""What a search must know of a conversation before it is shown: read without its transcript, which is most of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.database.clients import firestore_client
from common.database.conversations import reference
from common.database.snapshots import fields_of
from common.models.conversation import ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_FIELDS = ("status", "discarded", "deleted", "created_at", "started_at")


@dataclass(frozen=True)
class Outline:
    """Whether a conversation can be found, and when it was."""

    id: str
    findable: bool
    discarded: bool
    created_at: datetime
    started_at: datetime


def find_outlines(*, uid: str, conversation_ids: Sequence[str]) -> dict[str, Outline]:
    """Those of `conversation_ids` that exist, by their ids, in that order."""
    references = [reference(uid=uid, conversation_id=each) for each in dict.fromkeys(conversation_ids)]
    if not references:
        return {}
    found = {
        snapshot.id: _outline(snapshot.id, fields_of(snapshot))
        for snapshot in firestore_client().get_all(references, field_paths=_FIELDS)
        if snapshot.exists
    }
    return {each: found[each] for each in dict.fromkeys(conversation_ids) if each in found}


def _outline(conversation_id: str, fields: dict[str, Any]) -> Outline:
    created_at = fields["created_at"]
    return Outline(
        id=conversation_id,
        findable=not fields.get("deleted") and fields.get("status") != ConversationStatus.IN_PROGRESS,
        discarded=bool(fields.get("discarded")),
        created_at=created_at,
        started_at=fields.get("started_at") or created_at,
    )
