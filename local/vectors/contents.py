"""The records of one index as queries need them, in memory, following the store with every write."""

from collections.abc import Sequence

from local.vectors.records import Metric, Record
from local.vectors.scoring import Snapshot
from local.vectors.store import RecordStore


class Contents:
    """Writes through to the store. A namespace is loaded when first read, its matrices are rebuilt after writes."""

    def __init__(self, store: RecordStore, metric: Metric) -> None:
        self._store = store
        self._metric = metric
        self._records: dict[int, dict[str, Record]] = {}
        self._snapshots: dict[int, Snapshot] = {}

    def put(self, namespace: int, records: Sequence[Record]) -> None:
        """Store each record, in place of one with the same id; all of them or none."""
        self._store.put(namespace, records)
        if (known := self._records.get(namespace)) is not None:
            known.update((record.id, record) for record in records)
        self._snapshots.pop(namespace, None)

    def remove(self, namespace: int, ids: Sequence[str]) -> None:
        """Remove those of the records that exist."""
        self._store.delete(namespace, ids)
        if (known := self._records.get(namespace)) is not None:
            for record_id in ids:
                known.pop(record_id, None)
        self._snapshots.pop(namespace, None)

    def clear(self, namespace: int) -> None:
        """Remove every record; the namespace stays."""
        self._store.clear(namespace)
        self._forget(namespace)

    def drop(self, namespace: int) -> None:
        """Remove the namespace and all that is in it."""
        self._store.drop_namespace(namespace)
        self._forget(namespace)

    def snapshot(self, namespace: int) -> Snapshot:
        """The namespace as it is now, ready to be scored."""
        if namespace not in self._snapshots:
            if namespace not in self._records:
                self._records[namespace] = {record.id: record for record in self._store.all(namespace)}
            self._snapshots[namespace] = Snapshot(self._records[namespace].values(), self._metric)
        return self._snapshots[namespace]

    def _forget(self, namespace: int) -> None:
        self._records.pop(namespace, None)
        self._snapshots.pop(namespace, None)
