"""A user's vectors, in every namespace of both indexes.

Their ids begin with the uid and a dash, but so do those of a user whose uid goes on with a dash: whose a vector is
says its metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.settings import settings
from common.database import vectors
from common.database.account_part import Part
from common.database.vector_calls import call
from common.database.vector_records import indexes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_AT_ONCE = 100

Named = tuple[int, str, str]
"""The place of an index among all, a namespace and a vector's id."""


def _find(uid: str, limit: int) -> list[Named]:
    found: list[Named] = []
    for place, index in enumerate(indexes()):
        for namespace in _namespaces(index):
            for ids in _ids(uid, index, namespace):
                known = _call(index.fetch, ids=ids, namespace=namespace).vectors
                found += [(place, namespace, id_) for id_ in ids if id_ in known and _owner(known[id_].metadata) == uid]
                if len(found) >= limit:
                    return found[:limit]
    return found


def _namespaces(index: Any) -> list[str]:
    stored = _call(index.describe_index_stats).namespaces or {}
    return sorted({*stored, *(namespace.value for namespace in vectors.Namespace)})


def _ids(uid: str, index: Any, namespace: str) -> Iterator[list[str]]:
    """Ids that may be the user's, in portions."""
    further: dict[str, str] = {}
    # A namespace that nobody has written to yet does not exist.
    while page := _call(index.list_paginated, absent=None, prefix=f"{uid}-", namespace=namespace, **further):
        ids = [item.id for item in page.vectors]
        for at in range(0, len(ids), _AT_ONCE):
            yield ids[at : at + _AT_ONCE]
        if page.pagination is None or not page.pagination.next:
            return
        further = {"pagination_token": page.pagination.next}


def _owner(metadata: dict[str, object] | None) -> object:
    return (metadata or {}).get("uid")


def _delete(found: Sequence[Named]) -> None:
    all_indexes = indexes()
    for place, namespace in sorted({(place, namespace) for place, namespace, _ in found}):
        ids = [id_ for *inside, id_ in found if inside == [place, namespace]]
        for at in range(0, len(ids), _AT_ONCE):
            _call(all_indexes[place].delete, absent=None, ids=ids[at : at + _AT_ONCE], namespace=namespace)


def _call(work: Callable[..., Any], **asked: Any) -> Any:
    return call(work, within_s=settings().index_patience_s, **asked)


VECTORS = Part("vectors", _find, _delete)
