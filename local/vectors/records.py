"""What a record is and what Pinecone refuses to store: ids, dense and sparse values, metadata, and their limits."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from local.vectors.errors import RefusalError

MAX_ID_LENGTH = 512
MAX_METADATA_BYTES = 40_960
MAX_SPARSE_VALUES = 2048
MAX_SPARSE_INDEX = 2**32 - 1
MAX_FLOAT32 = float(np.finfo(np.float32).max)
MAX_FLOAT64 = float(np.finfo(np.float64).max)

Metric = Literal["cosine", "dotproduct"]
VectorType = Literal["dense", "sparse"]


@dataclass(frozen=True)
class IndexSpec:
    """The shape of an index: `dimension` and `metric` for a dense one; a sparse one has no dimension."""

    dimension: int | None
    metric: Metric = "cosine"

    @property
    def vector_type(self) -> VectorType:
        """Which kind of values its records carry."""
        return "sparse" if self.dimension is None else "dense"


def dense_index(dimension: int, metric: Metric = "cosine") -> IndexSpec:
    """An index of vectors with `dimension` values each."""
    return IndexSpec(dimension, metric)


def sparse_index() -> IndexSpec:
    """An index of weighted terms, compared by dot product."""
    return IndexSpec(None, "dotproduct")


@dataclass(frozen=True)
class Sparse:
    """Weights of terms: `indices` ascending and unique `(n,) uint32`, `values` `(n,) float32`."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Record:
    """A stored vector: `dense` is `(dimension,) float32`; at least one of `dense` and `sparse` is there."""

    id: str
    dense: NDArray[np.float32] | None
    sparse: Sparse | None
    metadata: dict[str, Any] | None


def parse_record(raw: object, spec: IndexSpec) -> Record:
    """A record as an upsert carries it.

    Raises:
        RefusalError: for anything that this index cannot store.
    """
    if not isinstance(raw, dict):
        raise RefusalError("Each vector must be an object")
    record_id = parse_id(raw.get("id"))
    values, sparse_values = raw.get("values") or None, raw.get("sparseValues")
    if spec.vector_type == "sparse" and values is not None:
        raise RefusalError(f"Sparse index does not support dense vectors. Vector ID '{record_id}' has dense values")
    if spec.vector_type == "sparse" and sparse_values is None:
        raise RefusalError(f"Sparse vector must contain at least one value. Vector ID '{record_id}' has none")
    return Record(
        id=record_id,
        dense=parse_dense(values or [], spec, owner=record_id) if spec.vector_type == "dense" else None,
        sparse=None if sparse_values is None else parse_sparse(sparse_values),
        metadata=None if raw.get("metadata") is None else parse_metadata(raw["metadata"]),
    )


def parse_id(value: object) -> str:
    """A record id: 1 to 512 ASCII characters without NUL."""
    if not isinstance(value, str) or not value:
        raise RefusalError("Vector ID must be a non-empty string")
    if len(value) > MAX_ID_LENGTH:
        raise RefusalError(f"Vector ID is too long: {len(value)} characters, the limit is {MAX_ID_LENGTH}")
    if not value.isascii() or "\x00" in value:
        raise RefusalError(f"Vector ID must be ASCII, but got '{value}'")
    return value


def parse_dense(values: object, spec: IndexSpec, *, owner: str | None = None) -> NDArray[np.float32]:
    """Dense values `(dimension,) float32`, finite and not all zero; `owner` is the record's id, None for a query's."""
    numbers = _floats(values, "Dense vector")
    if len(numbers) != spec.dimension:
        raise RefusalError(
            f"Vector dimension {len(numbers)} does not match the dimension of the index {spec.dimension}"
        )
    if not numbers.any():
        whose = "Query vector" if owner is None else f"Vector ID '{owner}'"
        raise RefusalError(f"Dense vectors must contain at least one non-zero value. {whose} contains only zeros")
    return numbers


def parse_sparse(raw: object) -> Sparse:
    """Sparse values: two lists of the same length, the indices unique and unsigned 32-bit."""
    if not isinstance(raw, dict) or not isinstance(raw.get("indices"), list):
        raise RefusalError("Sparse vector must be an object with lists 'indices' and 'values'")
    indices, values = raw["indices"], _floats(raw.get("values"), "Sparse vector")
    if len(indices) != len(values):
        raise RefusalError(f"Sparse vector size mismatch: {len(indices)} indices, {len(values)} values")
    if not indices:
        raise RefusalError("Sparse vector must contain at least one value")
    if len(indices) > MAX_SPARSE_VALUES:
        raise RefusalError(f"Sparse vector has {len(indices)} values, which exceeds the limit of {MAX_SPARSE_VALUES}")
    if not all(type(index) is int and 0 <= index <= MAX_SPARSE_INDEX for index in indices):
        raise RefusalError("Sparse vector indices must be unsigned 32-bit integers")
    if len(set(indices)) != len(indices):
        raise RefusalError("Sparse vector must not contain duplicate indices")
    terms = np.asarray(indices, dtype=np.uint32)
    order = np.argsort(terms)
    return Sparse(terms[order], values[order])


def parse_metadata(raw: object) -> dict[str, Any]:
    """Metadata: strings, numbers (kept as 64-bit floats), booleans and lists of strings, 40 KB in all."""
    if not isinstance(raw, dict):
        raise RefusalError("Metadata must be an object")
    metadata = {name: _metadata_value(name, value) for name, value in raw.items()}
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    if size > MAX_METADATA_BYTES:
        raise RefusalError(
            f"metadata size is {size} bytes, which exceeds the limit of {MAX_METADATA_BYTES} bytes per vector"
        )
    return metadata


def _metadata_value(name: str, value: object) -> str | float | bool | list[str]:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float) and abs(value) <= MAX_FLOAT64:
        return float(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    shown = json.dumps(value)
    raise RefusalError(
        f"Metadata value must be a string, number, boolean or list of strings, got '{shown[:10]}...' for field '{name}'"
    )


def _floats(values: object, what: str) -> NDArray[np.float32]:
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise RefusalError(f"{what} values must be a list of numbers")
    if not all(abs(value) <= MAX_FLOAT32 for value in values):
        raise RefusalError(f"{what} values must be finite 32-bit floats")
    return np.asarray(values, dtype=np.float64).astype(np.float32)
