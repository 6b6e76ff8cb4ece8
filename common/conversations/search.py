"""Search by meaning: the nearest summaries and passages, one hit per conversation, and titles that say it exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from common.conversations.browse import truncated
from common.database import conversations, vectors
from common.database.vectors import Match, Namespace
from common.llm.providers import embedder
from common.models.conversation import Conversation, ConversationStatus

CANDIDATES = 100
"""Nearest vectors asked for per namespace, and newest conversations looked at where nothing is asked."""
USER = "user"
"""Stands for the owner where a person is asked for."""
_EXACT = 1.0


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
    person_id: str | None = None,
) -> list[Hit]:
    """Everything of the user's that is about `query`, best first. What is deleted is not found, at once.

    Args:
        query: in words; a blank one finds the newest.
        uid: the owner.
        include_discarded: whether what was discarded is found too.
        since: created then or later.
        until: created then or earlier.
        person_id: only where this person speaks, or `user`.

    Raises:
        ProviderError: the query could not be embedded.
    """
    if query.strip():
        hits = _about(query, uid=uid, since=since, until=until)
    else:
        newest = conversations.list_newest(uid=uid, limit=CANDIDATES, since=since, until=until)
        hits = [Hit(conversation, 0.0, ()) for conversation in newest]
    hits = [hit for hit in hits if _findable(hit.conversation, include_discarded)]
    if person_id is not None:
        hits = _spoken_by(person_id, hits, uid=uid)
    return [Hit(truncated(hit.conversation), hit.score, hit.segment_ids) for hit in hits]


def _about(query: str, *, uid: str, since: datetime | None, until: datetime | None) -> list[Hit]:
    [values] = embedder().embed([query], purpose="query")
    best: dict[str, Match] = {}
    for namespace in (Namespace.CONVERSATIONS, Namespace.PASSAGES):
        for match in vectors.query(values, uid=uid, namespace=namespace, limit=CANDIDATES, since=since, until=until):
            known = best.get(match.document_id)
            if known is None or match.score > known.score:
                best[match.document_id] = match
    ranked = sorted(best.values(), key=lambda match: -match.score)
    found = conversations.find_many(uid=uid, conversation_ids=[match.document_id for match in ranked])
    titled = conversations.list_titled(query.strip(), uid=uid, since=since, until=until)
    by_id = {conversation.id: conversation for conversation in (*found, *titled)}
    named = _titled(query, by_id.values())
    return [
        *(Hit(conversation, _EXACT, _segments(best.get(conversation.id))) for conversation in named.values()),
        *(
            Hit(by_id[match.document_id], match.score, match.segment_ids)
            for match in ranked
            if match.document_id in by_id and match.document_id not in named
        ),
    ]


def _titled(query: str, found: Iterable[Conversation]) -> dict[str, Conversation]:
    """Those whose title is the query, the newest first."""
    wanted = query.strip().casefold()
    exact = [each for each in found if each.structured.title.strip().casefold() == wanted]
    return {each.id: each for each in sorted(exact, key=lambda each: each.created_at, reverse=True)}


def _segments(match: Match | None) -> tuple[str, ...]:
    return match.segment_ids if match is not None else ()


def _spoken_by(person_id: str, hits: list[Hit], *, uid: str) -> list[Hit]:
    whole = {each.id: each for each in conversations.with_transcripts([hit.conversation for hit in hits], uid=uid)}
    return [hit for hit in hits if hit.conversation.id in whole and _speaks(person_id, whole[hit.conversation.id])]


def _speaks(person_id: str, conversation: Conversation) -> bool:
    return any(
        segment.is_user if person_id == USER else segment.person_id == person_id
        for segment in conversation.transcript_segments
    )


def _findable(conversation: Conversation, include_discarded: bool) -> bool:  # noqa: FBT001 - private, one caller
    if conversation.deleted or conversation.status is ConversationStatus.IN_PROGRESS:
        return False
    return include_discarded or not conversation.discarded
