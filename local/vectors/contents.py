"""The records of one index as queries need them, in memory, following the store with every write."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from local.vectors.filters import Filter
from local.vectors.records import Metric, Record, Sparse
from local.vectors.scoring import Pile, best
from local.vectors.store import RecordStore

OWNER = "uid"
"""The field of the metadata that tells whose a record is; nearly every query is for one owner's."""
_LOOKED_UP = (OWNER, "memory_id")
"""Fields by which records are found without looking at all others: a conversation's are removed by them."""


class Contents:
    """Writes through to the store. A namespace is loaded when first asked for anything."""

    def __init__(self, store: RecordStore, metric: Metric) -> None:
        self._store = store
        self._metric = metric
        self._shelves: dict[int, _Shelf] = {}

    def put(self, namespace: int, records: Sequence[Record]) -> None:
        """Store each record, in place of one with the same id; all of them or none."""
        self._store.put(namespace, records)
        if (shelf := self._shelves.get(namespace)) is not None:
            for record in records:
                shelf.put(record)

    def remove(self, namespace: int, ids: Sequence[str]) -> None:
        """Remove those of the records that exist."""
        self._store.delete(namespace, ids)
        if (shelf := self._shelves.get(namespace)) is not None:
            for record_id in ids:
                shelf.remove(record_id)

    def clear(self, namespace: int) -> None:
        """Remove every record; the namespace stays."""
        self._store.clear(namespace)
        self._shelves.pop(namespace, None)

    def drop(self, namespace: int) -> None:
        """Remove the namespace and all that is in it."""
        self._store.drop_namespace(namespace)
        self._shelves.pop(namespace, None)

    def matching(self, namespace: int, wanted: Filter) -> list[Record]:
        """The records that the filter accepts, by id."""
        return self._shelf(namespace).matching(wanted)

    def nearest(
        self,
        namespace: int,
        wanted: Filter,
        *,
        dense: NDArray[np.float32] | None,
        sparse: Sparse | None,
        top_k: int,
    ) -> list[tuple[float, Record]]:
        """The best of the records that the filter accepts, with their scores; equal ones by id."""
        return self._shelf(namespace).nearest(wanted, dense, sparse, top_k)

    def _shelf(self, namespace: int) -> "_Shelf":
        if namespace not in self._shelves:
            shelf = _Shelf(self._metric)
            for record in self._store.all(namespace):
                shelf.put(record)
            self._shelves[namespace] = shelf
        return self._shelves[namespace]


class _Shelf:
    """A namespace. Each owner's records are a pile of their own; those of nobody, or of several, are one."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._records: dict[str, Record] = {}
        self._having: dict[tuple[str, str], set[str]] = {}
        self._piles: dict[str | None, Pile] = {}

    def put(self, record: Record) -> None:
        """Take a record in, in place of one with the same id."""
        self.remove(record.id)
        self._records[record.id] = record
        for each in _looked_up(record):
            self._having.setdefault(each, set()).add(record.id)
        self._piles.setdefault(_owner(record), Pile(self._metric)).put(record)

    def remove(self, record_id: str) -> None:
        """Take a record out, if it is here."""
        record = self._records.pop(record_id, None)
        if record is None:
            return
        for each in _looked_up(record):
            self._having[each].discard(record_id)
            if not self._having[each]:
                del self._having[each]
        self._piles[_owner(record)].remove(record_id)

    def matching(self, wanted: Filter) -> list[Record]:
        """See `Contents`."""
        named = [self._having.get((field, wanted.equal[field]), set()) for field in _LOOKED_UP if field in wanted.equal]
        candidates = min(named, key=len) if named else self._records.keys()
        records = (self._records[each] for each in sorted(candidates))
        return [record for record in records if wanted.accepts(record.metadata or {})]

    def nearest(
        self, wanted: Filter, dense: NDArray[np.float32] | None, sparse: Sparse | None, top_k: int
    ) -> list[tuple[float, Record]]:
        """See `Contents`."""
        owner = wanted.equal.get(OWNER)
        only_whose = wanted.only_equal and wanted.equal.keys() <= {OWNER}
        found: list[tuple[float, Record]] = []
        for whose, pile in self._piles.items():
            if owner is not None and whose not in {owner, None}:
                continue
            for part in pile.parts():
                rows = part.rows() if only_whose and owner in {None, whose} else part.matching(wanted)
                if len(rows):
                    scores = part.score(dense, sparse)
                    found += [(float(scores[row]), part.record(row)) for row in best(scores, rows, top_k)]
        return sorted(found, key=lambda each: (-each[0], each[1].id))[:top_k]


def _looked_up(record: Record) -> Iterator[tuple[str, str]]:
    for field in _LOOKED_UP:
        value = (record.metadata or {}).get(field)
        if isinstance(value, str):
            yield field, value
        elif isinstance(value, list):
            yield from ((field, each) for each in value)


def _owner(record: Record) -> str | None:
    owner = (record.metadata or {}).get(OWNER)
    return owner if isinstance(owner, str) else None
