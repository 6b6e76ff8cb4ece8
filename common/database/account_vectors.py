"""A user's vectors, in every namespace of both indexes.

Their ids begin with the uid and a dash, but so do those of a user whose uid goes on with a dash: whose a vector is
says its metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.database import vectors
from common.database.account_part import Part
from common.database.vector_records import indexes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AT_ONCE = 100

Named = tuple[int, str, str]
"""The place of an index among all, a namespace and a vector's id."""


def _find(uid: str, limit: int) -> list[Named]:
    found: list[Named] = []
    for place, index in enumerate(indexes()):
        for namespace in _namespaces(index):
            for ids in _ids(uid, index, namespace):
                known = index.fetch(ids=ids, namespace=namespace).vectors
                found += [(place, namespace, id_) for id_ in ids if id_ in known and _owner(known[id_].metadata) == uid]
                if len(found) >= limit:
                    return found[:limit]
    return found


def _namespaces(index: Any) -> list[str]:
    stored = index.describe_index_stats().namespaces or {}
    return sorted({*stored, *(namespace.value for namespace in vectors.Namespace)})


def _ids(uid: str, index: Any, namespace: str) -> Iterator[list[str]]:
    """Ids that may be the user's, in portions."""
    from pinecone import NotFoundError

    try:
        for page in index.list(prefix=f"{uid}-", namespace=namespace):
            ids = [getattr(item, "id", item) for item in getattr(page, "vectors", page)]
            for at in range(0, len(ids), _AT_ONCE):
                yield ids[at : at + _AT_ONCE]
    except NotFoundError:  # a namespace that nobody has written to yet
        return


def _owner(metadata: dict[str, object] | None) -> object:
    return (metadata or {}).get("uid")


def _delete(found: Sequence[Named]) -> None:
    all_indexes = indexes()
    for place, namespace in sorted({(place, namespace) for place, namespace, _ in found}):
        ids = [id_ for *inside, id_ in found if inside == [place, namespace]]
        for at in range(0, len(ids), _AT_ONCE):
            all_indexes[place].delete(ids=ids[at : at + _AT_ONCE], namespace=namespace)


VECTORS = Part("vectors", _find, _delete)
