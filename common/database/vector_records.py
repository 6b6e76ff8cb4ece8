"""Records of Pinecone's two indexes: what one holds the other holds too, under the same id and namespace.

Whatever asks an index raises a ProviderError where there is no answer in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.core.settings import settings
from common.database.clients import pinecone_index, pinecone_sparse_index
from common.database.vector_calls import call

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WRITE_LIMIT = 100
_WRITE_BYTES = 1_500_000
"""Of one request; Pinecone takes 2 MB."""
_BYTES_PER_NUMBER = 12
_DIGITS = 6
"""Of a value: more make no difference, but every request longer."""


@dataclass(frozen=True)
class Record:
    """A vector and terms, to be stored; without terms only the dense index has it."""

    id: str
    values: Sequence[float]
    terms: Mapping[int, float]
    metadata: dict[str, Any]

    def dense(self) -> dict[str, Any]:
        """As the dense index takes it."""
        return {"id": self.id, "values": [round(each, _DIGITS) for each in self.values], "metadata": self.metadata}

    def sparse(self) -> dict[str, Any]:
        """As the sparse index takes it."""
        weights = {"indices": list(self.terms), "values": [round(each, _DIGITS) for each in self.terms.values()]}
        return {"id": self.id, "sparse_values": weights, "metadata": self.metadata}


def indexes() -> list[Any]:
    """Those that there are."""
    return [index for index in (pinecone_index(), pinecone_sparse_index()) if index is not None]


def ask(index: Any, **question: Any) -> Any:
    """What an index answers to a query.

    Raises:
        ProviderError: nothing in the time that a search has, or nothing that can be read.
    """
    return call(index.query, within_s=settings().search_patience_s, **question)


def write(records: Sequence[Record], *, namespace: str) -> None:
    """Store each record in place of one with its id."""
    numbers = max((len(record.values) for record in records), default=0)
    _upsert(pinecone_index(), [record.dense() for record in records], namespace, numbers=numbers)
    if (sparse := pinecone_sparse_index()) is None:
        return
    numbers = 2 * max((len(record.terms) for record in records), default=0)
    _upsert(sparse, [record.sparse() for record in records if record.terms], namespace, numbers=numbers)
    # An index of terms takes no record without any; there may be an older one.
    _delete(sparse, [record.id for record in records if not record.terms], namespace)


def remove(ids: Iterable[str], *, namespace: str) -> None:
    """Remove what there is of these."""
    gone = sorted(ids)
    for index in indexes():
        _delete(index, gone, namespace)


def remove_where(conditions: Mapping[str, Any], *, namespace: str) -> None:
    """Remove whatever fits the conditions on its metadata."""
    for index in indexes():
        _drop(index, namespace, filter=dict(conditions))


def _upsert(index: Any, vectors: Sequence[dict[str, Any]], namespace: str, *, numbers: int) -> None:
    described = max((len(str(vector["metadata"])) for vector in vectors), default=0)
    portion = max(1, min(_WRITE_LIMIT, _WRITE_BYTES // (numbers * _BYTES_PER_NUMBER + described + 1)))
    for at in range(0, len(vectors), portion):
        call(index.upsert, within_s=_patience_s(), vectors=vectors[at : at + portion], namespace=namespace)


def _delete(index: Any, ids: Sequence[str], namespace: str) -> None:
    for at in range(0, len(ids), _WRITE_LIMIT):
        _drop(index, namespace, ids=list(ids[at : at + _WRITE_LIMIT]))


def _drop(index: Any, namespace: str, **which: Any) -> None:
    # A namespace that nobody has written to yet does not exist, and holds nothing to delete.
    call(index.delete, within_s=_patience_s(), absent=None, namespace=namespace, **which)


def _patience_s() -> float:
    return settings().index_patience_s
