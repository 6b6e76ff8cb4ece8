"""Search by meaning: the nearest summaries and passages, one hit per conversation."""

from dataclasses import dataclass
from datetime import datetime

from common.database import conversations, vectors
from common.database.vectors import Match, Namespace
from common.llm.providers import embedder
from common.models.conversation import Conversation, ConversationStatus

CANDIDATES = 100
"""Nearest vectors asked for per namespace."""


@dataclass(frozen=True)
class Hit:
    """A conversation found, how near it is (cosine), and the segments that made it so, if any."""

    conversation: Conversation
    score: float
    segment_ids: tuple[str, ...]


def search_conversations(
    query: str,
    *,
    uid: str,
    include_discarded: bool,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Hit]:
    """Everything of the user's that is about `query`, best first. What is deleted is not found, at once.

    Raises:
        ProviderError: the query could not be embedded.
    """
    [values] = embedder().embed([query], purpose="query")
    best: dict[str, Match] = {}
    for namespace in (Namespace.CONVERSATIONS, Namespace.PASSAGES):
        for match in vectors.query(values, uid=uid, namespace=namespace, limit=CANDIDATES, since=since, until=until):
            known = best.get(match.document_id)
            if known is None or match.score > known.score:
                best[match.document_id] = match
    ranked = sorted(best.values(), key=lambda match: -match.score)
    found = conversations.find_many(uid=uid, conversation_ids=[match.document_id for match in ranked])
    by_id = {conversation.id: conversation for conversation in found if _findable(conversation, include_discarded)}
    return [
        Hit(by_id[match.document_id], match.score, match.segment_ids)
        for match in ranked
        if match.document_id in by_id
    ]


def _findable(conversation: Conversation, include_discarded: bool) -> bool:  # noqa: FBT001 - private, one caller
    if conversation.deleted or conversation.status is ConversationStatus.IN_PROGRESS:
        return False
    return include_discarded or not conversation.discarded
