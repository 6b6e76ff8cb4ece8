"""The records of one index as queries need them, in memory, following the store with every write.

A namespace holds everybody's records and nearly every query is for one owner's, so these stand apart: a write makes
only the matrices of its owner be built again, and a query computes with nobody else's.
"""

from collections.abc import Sequence
from typing import Any

from local.vectors.records import Metric, Record
from local.vectors.scoring import Snapshot
from local.vectors.store import RecordStore

OWNER = "uid"
"""The field of the metadata that tells whose a record is."""


class Contents:
    """Writes through to the store. A namespace is loaded when first read, its matrices are built when asked for."""

    def __init__(self, store: RecordStore, metric: Metric) -> None:
        self._store = store
        self._metric = metric
        self._records: dict[int, dict[str, Record]] = {}
        self._owned: dict[int, dict[str, set[str]]] = {}
        self._snapshots: dict[int, dict[str | None, Snapshot]] = {}

    def put(self, namespace: int, records: Sequence[Record]) -> None:
        """Store each record, in place of one with the same id; all of them or none."""
        self._store.put(namespace, records)
        for record in records:
            self._take_out(namespace, record.id)
            self._take_in(namespace, record)

    def remove(self, namespace: int, ids: Sequence[str]) -> None:
        """Remove those of the records that exist."""
        self._store.delete(namespace, ids)
        for record_id in ids:
            self._take_out(namespace, record_id)

    def clear(self, namespace: int) -> None:
        """Remove every record; the namespace stays."""
        self._store.clear(namespace)
        self._forget(namespace)

    def drop(self, namespace: int) -> None:
        """Remove the namespace and all that is in it."""
        self._store.drop_namespace(namespace)
        self._forget(namespace)

    def snapshot(self, namespace: int, *, owner: str | None = None) -> Snapshot:
        """The namespace, or what one owner has there, as it is now, ready to be scored."""
        if namespace not in self._records:
            self._records[namespace] = {}
            for record in self._store.all(namespace):
                self._take_in(namespace, record)
        snapshots = self._snapshots.setdefault(namespace, {})
        if owner not in snapshots:
            known = self._records[namespace]
            ids = known if owner is None else self._owned.get(namespace, {}).get(owner, ())
            snapshots[owner] = Snapshot((known[each] for each in ids), self._metric)
        return snapshots[owner]

    def _take_in(self, namespace: int, record: Record) -> None:
        if (known := self._records.get(namespace)) is None:
            return
        known[record.id] = record
        for owner in _owners(record):
            self._owned.setdefault(namespace, {}).setdefault(owner, set()).add(record.id)
        self._outdate(namespace, record)

    def _take_out(self, namespace: int, record_id: str) -> None:
        record = self._records.get(namespace, {}).pop(record_id, None)
        if record is None:
            return
        for owner in _owners(record):
            self._owned[namespace][owner].discard(record_id)
        self._outdate(namespace, record)

    def _outdate(self, namespace: int, record: Record) -> None:
        for each in (None, *_owners(record)):
            self._snapshots.get(namespace, {}).pop(each, None)

    def _forget(self, namespace: int) -> None:
        for kept in (self._records, self._owned, self._snapshots):
            kept.pop(namespace, None)


def named_owner(expression: object) -> str | None:
    """The owner whose records alone a filter accepts, if it says so plainly: nothing else about owners."""
    wanted = expression.get(OWNER) if isinstance(expression, dict) else None
    if isinstance(wanted, dict):
        wanted = wanted["$eq"] if set(wanted) == {"$eq"} else None
    return wanted if isinstance(wanted, str) else None


def _owners(record: Record) -> list[str]:
    owner: Any = (record.metadata or {}).get(OWNER)
    return [owner] if isinstance(owner, str) else owner if isinstance(owner, list) else []
