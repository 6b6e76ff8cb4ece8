"""The read and write units that Pinecone would bill a request with.

The rules are those of https://docs.pinecone.io/guides/manage-cost/understanding-cost: a query reads a unit per GB of
its namespace and a quarter at least; a fetch one per ten records; a page of a list one. What is written counts by the
KB, five units a request at least: its id, its metadata, four bytes a dimension, nine a sparse value.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_LEAST_READ, _LEAST_WRITE = 0.25, 5
_FETCHED_PER_UNIT = 10
_KB = 1024
_BYTES_PER_DIMENSION, _BYTES_PER_SPARSE_VALUE = 4, 9
_WRITES = {"upsert", "update", "delete"}


def units(operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[float, float]:
    """Read units and write units of one request; namespaces here are far smaller than a GB.

    Args:
        operation: query, fetch, fetch_by_metadata, list_ids, upsert, update or delete; others are free.
        request: its JSON.
        answer: the answer's.
    """
    if operation in _WRITES:
        records = request.get("vectors") or [request]
        return 0.0, float(max(_LEAST_WRITE, -(-sum(map(record_bytes, records)) // _KB)))
    if operation == "query":
        return _LEAST_READ, 0.0
    if operation in {"fetch", "fetch_by_metadata"}:
        return float(max(1, -(-len(answer.get("vectors", ())) // _FETCHED_PER_UNIT))), 0.0
    return (1.0, 0.0) if operation == "list_ids" else (0.0, 0.0)


def record_bytes(record: Mapping[str, Any]) -> int:
    """What a record is billed as, by its parts; of a deletion, the ids."""
    metadata = record.get("metadata") or record.get("setMetadata")
    sparse = record.get("sparseValues") or {}
    return (
        _length(record.get("id"))
        + sum(map(_length, record.get("ids") or ()))
        + (_length(json.dumps(metadata, ensure_ascii=False)) if metadata else 0)
        + _BYTES_PER_DIMENSION * _size(record.get("values"))
        + _BYTES_PER_SPARSE_VALUE * _size(sparse.get("indices"))
    )


def _length(text: Any) -> int:
    return len(str(text or "").encode())


def _size(values: Sequence[float] | None) -> int:
    return len(values or ())
