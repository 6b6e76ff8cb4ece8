"""Pinecone: what the search finds. The only module that writes a filter, and every filter has the user in it.

Two indexes hold records under the same ids and namespaces: a dense one what is meant, a sparse one which terms are
there. Each is asked on its own; common/indexing makes one ranking of what both answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict

from common.database.clients import pinecone_index, pinecone_sparse_index
from common.database.sealing import former_labels, labels
from common.database.vector_records import Record, ask, remove, remove_where, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack


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
    """A stretch of transcript to be found by.

    `number` counts within the conversation, times are in seconds, `worth` is what it is worth whatever is asked.
    """

    number: int
    values: Sequence[float]
    start: float
    end: float
    segment_ids: tuple[str, ...]
    terms: Mapping[int, float] = field(default_factory=dict)
    worth: float = 0.0


@dataclass(frozen=True)
class Facts:
    """What a conversation and its passages are filtered by: when it began, who speaks, what it is about."""

    started_at: datetime | None = None
    people: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A hit: which document, how good, and which segments where it was a passage.

    `score` is the cosine in an answer of the dense index; `terms` are weights in one of the sparse index; `worth` is
    that of a passage; `began` is when its conversation did, to the second.
    """

    id: str
    document_id: str
    score: float
    number: int | None = None
    segment_ids: tuple[str, ...] = ()
    terms: Mapping[int, float] = field(default_factory=dict)
    worth: float = 0.0
    began: datetime | None = None


class Wanted(TypedDict, total=False):
    """Which conversations: begun within these times, with one of these people, with one of these topics."""

    since: datetime | None
    until: datetime | None
    people: Sequence[str]
    topics: Sequence[str]


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
    values: Sequence[float],
    *,
    uid: str,
    conversation_id: str,
    created_at: datetime,
    passages: Sequence[Passage],
    terms: Mapping[int, float] | None = None,
    facts: Facts | None = None,
) -> None:
    """Replace everything the search knows of a conversation."""
    metadata = {
        "uid": uid,
        "memory_id": conversation_id,
        "created_at": int(created_at.timestamp()),
        **_described(facts or Facts(), uid=uid),
    }
    records = [
        Record(
            passage_vector_id(uid=uid, conversation_id=conversation_id, number=passage.number),
            passage.values,
            passage.terms,
            metadata
            | {
                "number": passage.number,
                "start": passage.start,
                "end": passage.end,
                "segment_ids": list(passage.segment_ids),
                "worth": passage.worth,
            },
        )
        for passage in passages
    ]
    write(records, namespace=Namespace.PASSAGES)
    further = {"number": {"$gte": len(passages)}}
    remove_where(_of(conversation_id, uid=uid) | further, namespace=Namespace.PASSAGES)
    summary = conversation_vector_id(uid=uid, conversation_id=conversation_id)
    write([Record(summary, values, terms or {}, metadata)], namespace=Namespace.CONVERSATIONS)


def delete_conversation(*, uid: str, conversation_id: str) -> None:
    """Remove everything the search knows of a conversation; knowing nothing is fine."""
    remove_where(_of(conversation_id, uid=uid), namespace=Namespace.PASSAGES)
    remove([conversation_vector_id(uid=uid, conversation_id=conversation_id)], namespace=Namespace.CONVERSATIONS)


def put(
    values: Sequence[float],
    *,
    uid: str,
    namespace: Namespace,
    document_id: str,
    created_at: datetime,
    terms: Mapping[int, float] | None = None,
) -> None:
    """Replace the one vector of a memory or an action item."""
    metadata = {"uid": uid, _id_in_metadata(namespace): document_id, "created_at": int(created_at.timestamp())}
    write([Record(vector_id(uid=uid, document_id=document_id), values, terms or {}, metadata)], namespace=namespace)


def document_id_in(metadata: Mapping[str, Any], *, namespace: Namespace) -> object:
    """What a record's metadata says its document is."""
    return metadata.get(_id_in_metadata(namespace))


def delete(*, uid: str, namespace: Namespace, document_id: str) -> None:
    """Remove the one vector of a memory or an action item; there being none is fine."""
    remove([vector_id(uid=uid, document_id=document_id)], namespace=namespace)


def query(
    values: Sequence[float], *, uid: str, namespace: Namespace, limit: int, **wanted: Unpack[Wanted]
) -> list[Match]:
    """The user's nearest vectors, best first.

    Raises:
        ProviderError: the index does not answer.
    """
    answer = ask(
        pinecone_index(),
        vector=list(values),
        top_k=limit,
        namespace=namespace.value,
        filter=_conditions(uid, wanted),
        include_metadata=True,
    )
    return [_match(found, namespace) for found in answer.matches]


def query_terms(
    terms: Sequence[int], *, uid: str, namespace: Namespace, limit: int, **wanted: Unpack[Wanted]
) -> list[Match]:
    """The user's texts that have most of these terms, with the weights of all that they have.

    Raises:
        ProviderError: the index does not answer.
    """
    index = pinecone_sparse_index()
    if index is None or not terms:
        return []
    answer = ask(
        index,
        sparse_vector={"indices": list(terms), "values": [1.0] * len(terms)},
        top_k=limit,
        namespace=namespace.value,
        filter=_conditions(uid, wanted),
        include_values=True,
        include_metadata=True,
    )
    return [_match(found, namespace) for found in answer.matches]


def _described(facts: Facts, *, uid: str) -> dict[str, Any]:
    people, topics = labels(facts.people, uid=uid), labels(facts.topics, uid=uid)
    described: dict[str, Any] = {"people": people, "topics": topics}
    if facts.started_at is not None:
        described["started_at"] = int(facts.started_at.timestamp())
    return {name: value for name, value in described.items() if value != []}


def _conditions(uid: str, wanted: Wanted) -> dict[str, object]:
    conditions: dict[str, object] = {"uid": {"$eq": uid}}
    since, until = wanted.get("since"), wanted.get("until")
    within = {"$gte": since and int(since.timestamp()), "$lte": until and int(until.timestamp())}
    if asked := {operator: bound for operator, bound in within.items() if bound is not None}:
        conditions["started_at"] = asked
    for name, values in (("people", wanted.get("people")), ("topics", wanted.get("topics"))):
        if values:
            conditions[name] = {"$in": [*values, *former_labels(values, uid=uid)]}
    return conditions


def _match(found: Any, namespace: Namespace) -> Match:
    metadata = found.metadata
    weights = getattr(found, "sparse_values", None)
    number = metadata.get("number")
    began = metadata.get("started_at") or metadata.get("created_at")
    return Match(
        id=str(found.id),
        document_id=str(metadata[_id_in_metadata(namespace)]),
        score=float(found.score),
        number=None if number is None else int(number),
        segment_ids=tuple(metadata.get("segment_ids") or ()),
        worth=float(metadata.get("worth") or 0.0),
        began=None if began is None else datetime.fromtimestamp(began, UTC),
        terms={} if weights is None else dict(zip(weights.indices, weights.values, strict=True)),
    )


def _id_in_metadata(namespace: Namespace) -> str:
    return _ID_IN_METADATA.get(namespace, _USUAL_ID_IN_METADATA)


def _of(conversation_id: str, *, uid: str) -> dict[str, Any]:
    """What all records of a conversation have in common. What lists ids may not know the newest of them yet."""
    return {"uid": {"$eq": uid}, "memory_id": {"$eq": conversation_id}}
