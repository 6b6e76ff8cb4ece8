"""Pinecone: what the search finds. The only module that writes a filter, and every filter has the user in it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.database.clients import pinecone_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_WRITE_LIMIT = 100


class Namespace(StrEnum):
    """Where which kind of vector lives; the names are those of today's clients."""

    CONVERSATIONS = "ns1"
    PASSAGES = "ns_tchunks"
    MEMORIES = "ns2"
    ACTION_ITEMS = "ns4"


_ID_IN_METADATA = {Namespace.ACTION_ITEMS: "action_item_id"}
_USUAL_ID_IN_METADATA = "memory_id"
"""Conversations were called memories once."""


@dataclass(frozen=True)
class Passage:
    """A stretch of transcript to be found by. `number` counts within the conversation, times in seconds."""

    number: int
    values: Sequence[float]
    start: float
    end: float
    segment_ids: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A hit: which document, how near (cosine, 1 is the same), and which segments where it was a passage."""

    document_id: str
    score: float
    segment_ids: tuple[str, ...] = ()


def vector_id(*, uid: str, document_id: str) -> str:
    """Id of the one vector of a memory or an action item."""
    return f"{uid}-{document_id}"


def conversation_vector_id(*, uid: str, conversation_id: str) -> str:
    """Id of a conversation's summary vector."""
    return vector_id(uid=uid, document_id=conversation_id)


def passage_vector_id(*, uid: str, conversation_id: str, number: int) -> str:
    """Id of a passage's vector; all of a conversation share the prefix."""
    return f"{conversation_vector_id(uid=uid, conversation_id=conversation_id)}-{number}"


def put_conversation(
    values: Sequence[float], *, uid: str, conversation_id: str, created_at: datetime, passages: Sequence[Passage]
) -> None:
    """Replace everything the search knows of a conversation."""
    index = pinecone_index()
    metadata = {"uid": uid, "memory_id": conversation_id, "created_at": int(created_at.timestamp())}
    vectors = [
        {
            "id": passage_vector_id(uid=uid, conversation_id=conversation_id, number=passage.number),
            "values": list(passage.values),
            "metadata": metadata
            | {"start": passage.start, "end": passage.end, "segment_ids": list(passage.segment_ids)},
        }
        for passage in passages
    ]
    for at in range(0, len(vectors), _WRITE_LIMIT):
        index.upsert(vectors=vectors[at : at + _WRITE_LIMIT], namespace=Namespace.PASSAGES.value)
    current = {vector["id"] for vector in vectors}
    stale = [known for known in _passage_ids(uid=uid, conversation_id=conversation_id) if known not in current]
    _delete(stale, namespace=Namespace.PASSAGES)
    summary = {
        "id": conversation_vector_id(uid=uid, conversation_id=conversation_id),
        "values": list(values),
        "metadata": metadata,
    }
    index.upsert(vectors=[summary], namespace=Namespace.CONVERSATIONS.value)


def delete_conversation(*, uid: str, conversation_id: str) -> None:
    """Remove everything the search knows of a conversation; knowing nothing is fine."""
    _delete(_passage_ids(uid=uid, conversation_id=conversation_id), namespace=Namespace.PASSAGES)
    _delete([conversation_vector_id(uid=uid, conversation_id=conversation_id)], namespace=Namespace.CONVERSATIONS)


def put(values: Sequence[float], *, uid: str, namespace: Namespace, document_id: str, created_at: datetime) -> None:
    """Replace the one vector of a memory or an action item."""
    metadata = {"uid": uid, _id_in_metadata(namespace): document_id, "created_at": int(created_at.timestamp())}
    vector = {"id": vector_id(uid=uid, document_id=document_id), "values": list(values), "metadata": metadata}
    pinecone_index().upsert(vectors=[vector], namespace=namespace.value)


def delete(*, uid: str, namespace: Namespace, document_id: str) -> None:
    """Remove the one vector of a memory or an action item; there being none is fine."""
    _delete([vector_id(uid=uid, document_id=document_id)], namespace=namespace)


def query(
    values: Sequence[float],
    *,
    uid: str,
    namespace: Namespace,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Match]:
    """The user's nearest vectors, best first."""
    created: dict[str, int] = {}
    if since is not None:
        created["$gte"] = int(since.timestamp())
    if until is not None:
        created["$lte"] = int(until.timestamp())
    conditions: dict[str, object] = {"uid": {"$eq": uid}}
    if created:
        conditions["created_at"] = created
    answer = pinecone_index().query(
        vector=list(values), top_k=limit, namespace=namespace.value, filter=conditions, include_metadata=True
    )
    return [
        Match(
            document_id=str(match.metadata[_id_in_metadata(namespace)]),
            score=float(match.score),
            segment_ids=tuple(match.metadata.get("segment_ids") or ()),
        )
        for match in answer.matches
    ]


def _id_in_metadata(namespace: Namespace) -> str:
    return _ID_IN_METADATA.get(namespace, _USUAL_ID_IN_METADATA)


def _passage_ids(*, uid: str, conversation_id: str) -> list[str]:
    prefix = f"{conversation_vector_id(uid=uid, conversation_id=conversation_id)}-"
    pages = pinecone_index().list(prefix=prefix, namespace=Namespace.PASSAGES.value)
    return [getattr(item, "id", item) for page in pages for item in getattr(page, "vectors", page)]


def _delete(ids: Sequence[str], *, namespace: Namespace) -> None:
    from pinecone import NotFoundError

    # A namespace that nobody has written to yet does not exist, and holds nothing to delete.
    with suppress(NotFoundError):
        for at in range(0, len(ids), _WRITE_LIMIT):
            pinecone_index().delete(ids=list(ids[at : at + _WRITE_LIMIT]), namespace=namespace.value)
