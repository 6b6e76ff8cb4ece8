"""Exact scores of a query against records, from matrices that are made once and never change."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vectors.filters import Filter
from local.vectors.records import Metric, Record, Sparse

_NO_METADATA: dict[str, Any] = {}


class Part:
    """Records as matrices, one row each, in the order of their ids; a record that is removed leaves its row."""

    def __init__(self, records: Iterable[Record], metric: Metric) -> None:
        self._metric = metric
        self._records = sorted(records, key=lambda record: record.id)
        self._row_of = {record.id: row for row, record in enumerate(self._records)}
        self._columns: dict[str, NDArray[np.float64]] = {}
        self._is_there = np.ones(len(self._records), dtype=np.bool_)
        dense: list[NDArray[np.float32]] = []
        dense_rows: list[int] = []
        terms: list[Sparse] = []
        sparse_rows: list[int] = []
        for row, record in enumerate(self._records):
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

    def __len__(self) -> int:
        """Rows."""
        return len(self._records)

    @property
    def records(self) -> list[Record]:
        """Those that were not removed."""
        return [self._records[row] for row in self.rows()]

    def record(self, row: int) -> Record:
        """The record of a row."""
        return self._records[row]

    def remove(self, record_id: str) -> None:
        """Find a record no more, if it is here."""
        if (row := self._row_of.pop(record_id, None)) is not None:
            self._is_there[row] = False

    @property
    def is_hollow(self) -> bool:
        """Whether most of it was removed."""
        return 2 * len(self._row_of) < len(self._records)

    def rows(self) -> NDArray[np.intp]:
        """The rows whose records were not removed."""
        return np.flatnonzero(self._is_there)

    def matching(self, wanted: Filter) -> NDArray[np.intp]:
        """Those of the rows that the filter accepts."""
        rows = self.rows()
        for bound in wanted.bounds:
            rows = rows[bound.holds(self._column(bound.field)[rows], bound.limit)]
        fitting = [row for row in rows if wanted.accepts(self._records[row].metadata or _NO_METADATA)]
        return np.asarray(fitting, dtype=np.intp)

    def _column(self, field: str) -> NDArray[np.float64]:
        """The numbers in a field of the metadata; NaN, of which no bound holds, where there is none."""
        if field not in self._columns:
            values = [_number_in(record.metadata or _NO_METADATA, field) for record in self._records]
            self._columns[field] = np.asarray(values, dtype=np.float64)
        return self._columns[field]

    def score(self, dense: NDArray[np.float32] | None, sparse: Sparse | None) -> NDArray[np.float64]:
        """Scores `(n,)`: cosine or dot product of the dense values plus dot product of the sparse ones.

        Rows that can't be compared with the query are NaN: without dense values, or without a term in common if the
        query is only sparse.
        """
        scores = np.full(len(self._records), np.nan)
        if dense is not None and self._dense is not None:
            query = dense / np.linalg.norm(dense.astype(np.float64)) if self._metric == "cosine" else dense
            scores[self._dense_rows] = self._dense @ query.astype(np.float32)
        if sparse is not None:
            shared, sums = self._sparse_scores(sparse)
            scores = np.where(shared, np.nan_to_num(scores) + sums, scores)
        return scores

    def _sparse_scores(self, query: Sparse) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which rows share a term with the query, and the dot products."""
        size = len(self._records)
        begins = np.searchsorted(self._terms, query.indices, side="left")
        ends = np.searchsorted(self._terms, query.indices, side="right")
        hit = [slice(begin, end) for begin, end in zip(begins, ends, strict=True)]
        rows = np.concatenate([self._term_rows[each] for each in hit])
        products = np.concatenate(
            [self._weights[each].astype(np.float64) * value for each, value in zip(hit, query.values, strict=True)]
        )
        sums = np.bincount(rows, weights=products, minlength=size).astype(np.float64)
        return np.bincount(rows, minlength=size) > 0, sums


class Pile:
    """Records in parts. What is put here becomes a small part of its own, which is joined with others as small.

    So putting one here costs about the same however many there are: a record is taken into another matrix as often as
    their number has doubled, not with every write.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._parts: list[Part] = []
        self._waiting: dict[str, Record] = {}

    def put(self, record: Record) -> None:
        """Add a record of which none with its id is here."""
        self._waiting[record.id] = record

    def remove(self, record_id: str) -> None:
        """Remove a record that is here."""
        if self._waiting.pop(record_id, None) is not None:
            return
        for part in self._parts:
            part.remove(record_id)

    def parts(self) -> list[Part]:
        """All of it, the largest parts first, each less than half as large as the one before."""
        joined = list(self._waiting.values())
        self._waiting = {}
        solid: list[Part] = []
        for part in self._parts:
            if part.is_hollow:
                joined += part.records
            else:
                solid.append(part)
        while joined and solid and len(solid[-1]) <= 2 * len(joined):
            joined += solid.pop().records
        if joined:
            solid.append(Part(joined, self._metric))
        self._parts = solid
        return solid


def best(scores: NDArray[np.float64], rows: NDArray[np.intp], top_k: int) -> NDArray[np.intp]:
    """The `top_k` of `rows` with the highest scores, best first, equal ones in the order of their ids; NaN never."""
    rows = rows[~np.isnan(scores[rows])]
    if len(rows) > top_k:
        # Everything at least as good as the k-th best, so that ties at the edge are broken by id as well.
        threshold = -np.partition(-scores[rows], top_k - 1)[top_k - 1]
        rows = rows[scores[rows] >= threshold]
    return rows[np.argsort(-scores[rows], kind="stable")][:top_k]


def _number_in(metadata: Mapping[str, Any], field: str) -> float:
    value = metadata.get(field)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else np.nan


def _unit_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True)
    unit: NDArray[np.float32] = (matrix / norms).astype(np.float32)
    return unit
