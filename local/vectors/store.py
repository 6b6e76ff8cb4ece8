"""Records in SQLite: the only truth about what is stored; everything in memory is derived from it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from local.state import State
from local.vectors.records import IndexSpec, Record, Sparse

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS vectors_indexes (
    name TEXT PRIMARY KEY, dimension INTEGER, metric TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS vectors_namespaces (
    id INTEGER PRIMARY KEY, index_name TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (index_name, name))""",
    """CREATE TABLE IF NOT EXISTS vectors_records (
    namespace INTEGER NOT NULL REFERENCES vectors_namespaces (id), id TEXT NOT NULL, dense BLOB,
    sparse_indices BLOB, sparse_values BLOB, metadata TEXT, UNIQUE (namespace, id))""",
)
_BATCH = 500


class RecordStore:
    """The records of all indexes. A namespace is known by its row; it exists from the first write to it."""

    def __init__(self, state: State) -> None:
        self._state = state
        for statement in _SCHEMA:
            state.connection.execute(statement)

    def open_index(self, name: str, spec: IndexSpec) -> None:
        """Make sure that what is stored under this name has this shape.

        Raises:
            ValueError: if records of another shape are stored; they can't be compared with new ones.
        """
        wanted = (spec.dimension, spec.metric)
        with self._state.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO vectors_indexes VALUES (?, ?, ?)", (name, *wanted))
            row = connection.execute("SELECT dimension, metric FROM vectors_indexes WHERE name = ?", (name,)).fetchone()
            stored = (row["dimension"], row["metric"])
            if stored != wanted and any(count for _, _, count in self.list_namespaces(name)):
                raise ValueError(f"index {name} holds records of the shape {stored}, not {wanted}")
            connection.execute("UPDATE vectors_indexes SET dimension = ?, metric = ? WHERE name = ?", (*wanted, name))

    def list_indexes(self) -> dict[str, IndexSpec]:
        """The shapes of all that were ever opened and not dropped, by name."""
        rows = self._state.connection.execute("SELECT name, dimension, metric FROM vectors_indexes ORDER BY name")
        return {str(row["name"]): IndexSpec(row["dimension"], row["metric"]) for row in rows}

    def drop_index(self, name: str) -> None:
        """Remove an index and all that is in it."""
        for _, namespace, _ in self.list_namespaces(name):
            self.drop_namespace(namespace)
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM vectors_indexes WHERE name = ?", (name,))

    def find_namespace(self, *, index: str, name: str) -> int | None:
        """The namespace's row, if it exists."""
        row = self._state.connection.execute(
            "SELECT id FROM vectors_namespaces WHERE index_name = ? AND name = ?", (index, name)
        ).fetchone()
        return None if row is None else int(row["id"])

    def make_namespace(self, *, index: str, name: str) -> int:
        """The namespace's row, created if need be."""
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO vectors_namespaces (index_name, name) VALUES (?, ?)", (index, name)
            )
            found = self.find_namespace(index=index, name=name)
        if found is None:
            raise AssertionError("a row that was just written is there")
        return found

    def drop_namespace(self, namespace: int) -> None:
        """Remove the namespace and all that is in it."""
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM vectors_records WHERE namespace = ?", (namespace,))
            connection.execute("DELETE FROM vectors_namespaces WHERE id = ?", (namespace,))

    def list_namespaces(self, index: str) -> list[tuple[str, int, int]]:
        """Name, row and number of records of each namespace of an index, by name."""
        rows = self._state.connection.execute(
            "SELECT n.name, n.id, (SELECT count(*) FROM vectors_records r WHERE r.namespace = n.id) AS records"
            " FROM vectors_namespaces n WHERE n.index_name = ? ORDER BY n.name",
            (index,),
        )
        return [(str(row["name"]), int(row["id"]), int(row["records"])) for row in rows]

    def put(self, namespace: int, records: Iterable[Record]) -> None:
        """Store each record, in place of one with the same id; all of them or none."""
        with self._state.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors_records"
                " (namespace, id, dense, sparse_indices, sparse_values, metadata) VALUES (?, ?, ?, ?, ?, ?)",
                (_row(namespace, record) for record in records),
            )

    def get(self, namespace: int, ids: Sequence[str]) -> dict[str, Record]:
        """Those of the records that exist, by id."""
        found: dict[str, Record] = {}
        for batch in _batches(ids):
            marks = ",".join("?" * len(batch))
            rows = self._state.connection.execute(
                f"SELECT * FROM vectors_records WHERE namespace = ? AND id IN ({marks})",  # noqa: S608 - only marks
                (namespace, *batch),
            )
            found.update((record.id, record) for record in map(_record, rows))
        return found

    def all(self, namespace: int) -> Iterator[Record]:
        """Every record, by id."""
        rows = self._state.connection.execute(
            "SELECT * FROM vectors_records WHERE namespace = ? ORDER BY id", (namespace,)
        )
        return map(_record, rows)

    def list_ids(self, namespace: int, *, prefix: str, after: str, limit: int) -> list[str]:
        """Up to `limit` ids that start with `prefix` and come after `after`, in order."""
        # Ids are ASCII, so all that start with the prefix sort below the prefix and the first character beyond ASCII.
        rows = self._state.connection.execute(
            "SELECT id FROM vectors_records WHERE namespace = ? AND id > ? AND id >= ? AND id < ? ORDER BY id LIMIT ?",
            (namespace, after, prefix, prefix + "\x80", limit),
        )
        return [str(row["id"]) for row in rows]

    def delete(self, namespace: int, ids: Sequence[str]) -> None:
        """Remove those of the records that exist; all of them or none."""
        with self._state.transaction() as connection:
            connection.executemany(
                "DELETE FROM vectors_records WHERE namespace = ? AND id = ?", ((namespace, item) for item in ids)
            )

    def clear(self, namespace: int) -> None:
        """Remove every record; the namespace stays."""
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM vectors_records WHERE namespace = ?", (namespace,))


def _row(namespace: int, record: Record) -> tuple[Any, ...]:
    sparse = record.sparse
    return (
        namespace,
        record.id,
        None if record.dense is None else record.dense.tobytes(),
        None if sparse is None else sparse.indices.tobytes(),
        None if sparse is None else sparse.values.tobytes(),
        None if record.metadata is None else json.dumps(record.metadata, ensure_ascii=False),
    )


def _record(row: Any) -> Record:
    sparse = None
    if row["sparse_indices"] is not None:
        sparse = Sparse(
            np.frombuffer(row["sparse_indices"], dtype=np.uint32), np.frombuffer(row["sparse_values"], dtype=np.float32)
        )
    return Record(
        id=str(row["id"]),
        dense=None if row["dense"] is None else np.frombuffer(row["dense"], dtype=np.float32),
        sparse=sparse,
        metadata=None if row["metadata"] is None else json.loads(row["metadata"]),
    )


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
