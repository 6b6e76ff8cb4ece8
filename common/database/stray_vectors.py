"""Vectors of documents that are not there: of what was said after a backup, where the database was brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.ids import is_document_id
from common.core.settings import settings
from common.database import action_items, conversations, memories
from common.database.clients import firestore_client
from common.database.vector_calls import call
from common.database.vector_records import indexes
from common.database.vectors import Namespace, document_id_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.cloud.firestore import DocumentReference

_AT_ONCE = 100


def remove_strays() -> int:
    """Look through both indexes, and remove every vector whose document is not there; how many there were.

    Raises:
        ProviderError: an index does not answer; what was done until then need not be done again.
    """
    return sum(
        _remove(ids, index=index, namespace=namespace)
        for index in indexes()
        for namespace in Namespace
        for ids in _all_ids(index, namespace)
    )


def _remove(ids: Sequence[str], *, index: Any, namespace: Namespace) -> int:
    known = _call(index.fetch, ids=list(ids), namespace=namespace).vectors
    places = {id_: _place(known[id_].metadata or {}, namespace) for id_ in ids if id_ in known}
    wanted = {place.path: place for place in places.values() if place is not None}
    there = {each.reference.path for each in firestore_client().get_all(list(wanted.values()), ()) if each.exists}
    gone = [id_ for id_, place in places.items() if place is not None and place.path not in there]
    if gone:
        _call(index.delete, absent=None, ids=gone, namespace=namespace)
    return len(gone)


def _place(metadata: dict[str, Any], namespace: Namespace) -> DocumentReference | None:
    """Where a vector's document would be; None of one that does not say so, which is none of ours."""
    uid, document_id = metadata.get("uid"), document_id_in(metadata, namespace=namespace)
    if not (isinstance(uid, str) and is_document_id(uid) and isinstance(document_id, str)):
        return None
    if not is_document_id(document_id):
        return None
    match namespace:
        case Namespace.MEMORIES:
            return memories.of(uid=uid).reference(document_id)
        case Namespace.ACTION_ITEMS:
            return action_items.of(uid=uid).reference(document_id)
        case Namespace.CONVERSATIONS | Namespace.PASSAGES:
            return conversations.reference(uid=uid, conversation_id=document_id)


def _all_ids(index: Any, namespace: Namespace) -> Iterator[list[str]]:
    """Every id, in portions."""
    further: dict[str, str] = {}
    # A namespace that nobody has written to yet does not exist.
    while page := _call(index.list_paginated, absent=None, namespace=namespace, **further):
        ids = [item.id for item in page.vectors]
        for at in range(0, len(ids), _AT_ONCE):
            yield ids[at : at + _AT_ONCE]
        if page.pagination is None or not page.pagination.next:
            return
        further = {"pagination_token": page.pagination.next}


def _call(work: Any, **asked: Any) -> Any:
    return call(work, within_s=settings().index_patience_s, **asked)
