"""Exact scores of a query against every record of a namespace, from matrices built once per state of the namespace."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vectors.filters import Predicate
from local.vectors.records import Metric, Record, Sparse

_NO_METADATA: dict[str, Any] = {}


class Snapshot:
    """A namespace as matrices; `n` records in the order of their ids."""

    def __init__(self, records: Iterable[Record], metric: Metric) -> None:
        self._metric = metric
        self.ids: list[str] = []
        self.metadata: list[Mapping[str, Any]] = []
        dense: list[NDArray[np.float32]] = []
        dense_rows: list[int] = []
        terms: list[Sparse] = []
        sparse_rows: list[int] = []
        for row, record in enumerate(sorted(records, key=lambda record: record.id)):
            self.ids.append(record.id)
            self.metadata.append(record.metadata or _NO_METADATA)
            if record.dense is not None:
                dense.append(record.dense)
                dense_rows.append(row)
            if record.sparse is not None:
                terms.append(record.sparse)
                sparse_rows.append(row)
        self._dense_rows = np.asarray(dense_rows, dtype=np.intp)
        self._dense = (
            _unit_rows(np.stack(dense)) if dense and metric == "cosine" else np.stack(dense) if dense else None
        )
        # Sparse values of all records end to end, each with the row it belongs to, all of a term together.
        lengths = [len(item.indices) for item in terms]
        every = np.concatenate([item.indices for item in terms]) if terms else np.empty(0, np.uint32)
        weights = np.concatenate([item.values for item in terms]) if terms else np.empty(0, np.float32)
        by_term = np.argsort(every, kind="stable")
        self._term_rows = np.repeat(np.asarray(sparse_rows, dtype=np.intp), lengths)[by_term]
        self._terms, self._weights = every[by_term], weights[by_term]

    def matching(self, predicate: Predicate) -> NDArray[np.intp]:
        """The rows whose metadata the predicate accepts."""
        return np.asarray([row for row, item in enumerate(self.metadata) if predicate(item)], dtype=np.intp)

    def score(self, dense: NDArray[np.float32] | None, sparse: Sparse | None) -> NDArray[np.float64]:
        """Scores `(n,)`: cosine or dot product of the dense values plus dot product of the sparse ones.

        Rows that can't be compared with the query are NaN: without dense values, or without a term in common if the
        query is only sparse.
        """
        scores = np.full(len(self.ids), np.nan)
        if dense is not None and self._dense is not None:
            query = dense / np.linalg.norm(dense.astype(np.float64)) if self._metric == "cosine" else dense
            scores[self._dense_rows] = self._dense @ query.astype(np.float32)
        if sparse is not None:
            shared, sums = self._sparse_scores(sparse)
            scores = np.where(shared, np.nan_to_num(scores) + sums, scores)
        return scores

    def _sparse_scores(self, query: Sparse) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which rows share a term with the query, and the dot products."""
        size = len(self.ids)
        begins = np.searchsorted(self._terms, query.indices, side="left")
        ends = np.searchsorted(self._terms, query.indices, side="right")
        hit = [slice(begin, end) for begin, end in zip(begins, ends, strict=True)]
        rows = np.concatenate([self._term_rows[each] for each in hit])
        products = np.concatenate(
            [self._weights[each].astype(np.float64) * value for each, value in zip(hit, query.values, strict=True)]
        )
        sums = np.bincount(rows, weights=products, minlength=size).astype(np.float64)
        return np.bincount(rows, minlength=size) > 0, sums


def best(scores: NDArray[np.float64], rows: NDArray[np.intp], top_k: int) -> NDArray[np.intp]:
    """The `top_k` of `rows` with the highest scores, best first, equal ones in the order of their ids; NaN never."""
    rows = rows[~np.isnan(scores[rows])]
    if len(rows) > top_k:
        # Everything at least as good as the k-th best, so that ties at the edge are broken by id as well.
        threshold = -np.partition(-scores[rows], top_k - 1)[top_k - 1]
        rows = rows[scores[rows] >= threshold]
    return rows[np.argsort(-scores[rows], kind="stable")][:top_k]


def _unit_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True)
    unit: NDArray[np.float32] = (matrix / norms).astype(np.float32)
    return unit
