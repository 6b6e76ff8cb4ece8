"""Documents in SQLite: the current versions, and for an hour the superseded ones that reads of the past need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.core import clock
from local.firestore.messages import Document
from local.firestore.names import collection_of, last_id, split_name
from local.firestore.records import Record, RecordCache
from local.firestore.times import SECOND
from local.state import State

HISTORY_SECONDS = 3600.0
"""Nominal age up to which a past version can be read."""
_PRUNE_EVERY = 512
_SCHEMA = """
CREATE TABLE IF NOT EXISTS firestore_document (
  database TEXT NOT NULL, path TEXT NOT NULL, collection TEXT NOT NULL, collection_id TEXT NOT NULL,
  updated_us INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (database, path));
CREATE INDEX IF NOT EXISTS firestore_document_collection ON firestore_document (database, collection);
CREATE INDEX IF NOT EXISTS firestore_document_group ON firestore_document (database, collection_id);
CREATE TABLE IF NOT EXISTS firestore_history (
  database TEXT NOT NULL, path TEXT NOT NULL, collection TEXT NOT NULL, collection_id TEXT NOT NULL,
  updated_us INTEGER NOT NULL, body BLOB NOT NULL, gone_us INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS firestore_history_path ON firestore_history (database, path);
CREATE INDEX IF NOT EXISTS firestore_history_collection ON firestore_history (database, collection);
CREATE INDEX IF NOT EXISTS firestore_history_group ON firestore_history (database, collection_id);
CREATE INDEX IF NOT EXISTS firestore_history_gone ON firestore_history (gone_us);
"""


@dataclass(frozen=True)
class Change:
    """What a commit did to one document."""

    database: str
    """`projects/P/databases/D`"""
    path: str
    """`users/u1/conversations/c1`"""
    old: Document | None
    """The version before, None where the document was created."""
    new: Document | None
    """The version after, None where the document was deleted."""
    time_us: int
    """Commit time, microseconds since the epoch."""


@dataclass(frozen=True)
class Scope:
    """A set of documents a scan can be narrowed to: one collection, a collection group, or everything below a path."""

    database: str
    collection: str | None = None
    """Path of the collection."""
    collection_id: str | None = None
    """Id of the collection group."""
    below: str = ""
    """Path every document lies below."""

    def where(self) -> tuple[str, list[str | int]]:
        """The scope as an SQL condition and its parameters."""
        conditions = ["database = ?"]
        parameters: list[str | int] = [self.database]
        if self.collection is not None:
            conditions.append("collection = ?")
            parameters.append(self.collection)
        if self.collection_id is not None:
            conditions.append("collection_id = ?")
            parameters.append(self.collection_id)
        if self.below:
            conditions.append("path > ? AND path < ?")
            parameters += [self.below + "/", self.below + "0"]  # "0" is the character after "/"
        return " AND ".join(conditions), parameters

    def contains(self, path: str) -> bool:
        """Whether a document of the same database lies in the scope."""
        if self.below and not path.startswith(self.below + "/"):
            return False
        if self.collection is not None and collection_of(path) != self.collection:
            return False
        return self.collection_id is None or last_id(collection_of(path)) == self.collection_id


class Store:
    """The versions of all documents. Code between two awaits sees one state: there is one thread."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._connection = state.connection
        self._connection.executescript(_SCHEMA)
        self._cache = RecordCache()
        self._last_us = self._latest_us()
        self._writes = 0

    def _latest_us(self) -> int:
        row = self._connection.execute(
            "SELECT max(coalesce((SELECT max(updated_us) FROM firestore_document), 0),"
            " coalesce((SELECT max(gone_us) FROM firestore_history), 0))"
        ).fetchone()
        latest: int = row[0]
        return latest

    def tick(self) -> int:
        """A commit or read time: now, and later than every one given before."""
        self._last_us = max(self._last_us + 1, int(clock.now().timestamp() * SECOND))
        return self._last_us

    def horizon_us(self) -> int:
        """The oldest time that can still be read."""
        return int((clock.now() - clock.duration(HISTORY_SECONDS)).timestamp() * SECOND)

    def get(self, database: str, path: str, at_us: int | None = None) -> Record | None:
        """The version of a document that is current, or was at `at_us`."""
        record = self._cache.get(database, path)
        if record is None:
            row = self._connection.execute(
                "SELECT body FROM firestore_document WHERE database = ? AND path = ?", (database, path)
            ).fetchone()
            record = None if row is None else self._decode(database, path, row[0])
        if at_us is None or (record is not None and record.updated_us <= at_us):
            return record
        row = self._connection.execute(
            "SELECT body FROM firestore_history WHERE database = ? AND path = ? AND updated_us <= ? AND gone_us > ?",
            (database, path, at_us, at_us),
        ).fetchone()
        return None if row is None else _read(path, row[0])

    def scan(self, scope: Scope, at_us: int | None = None) -> Iterator[Record]:
        """Every document of a scope, in no order. Nothing may be written while the scan is read."""
        condition, parameters = scope.where()
        current = f"SELECT path, body FROM firestore_document WHERE {condition}"  # noqa: S608 - built from constants
        if at_us is None:
            for path, body in self._connection.execute(current, parameters):
                yield self._cache.get(scope.database, path) or self._decode(scope.database, path, body)
            return
        past = f"SELECT path, body FROM firestore_history WHERE {condition}"  # noqa: S608 - built from constants
        rows = self._connection.execute(
            f"{current} AND updated_us <= ? UNION ALL {past} AND updated_us <= ? AND gone_us > ?",
            [*parameters, at_us, *parameters, at_us, at_us],
        )
        for path, body in rows:
            yield _read(path, body)

    def paths(self, scope: Scope, at_us: int | None = None) -> list[str]:
        """The paths of a scope's documents, without decoding them."""
        condition, parameters = scope.where()
        query = f"SELECT path FROM firestore_document WHERE {condition}"  # noqa: S608 - built from constants
        if at_us is not None:
            past = f"SELECT path FROM firestore_history WHERE {condition}"  # noqa: S608 - built from constants
            query = f"{query} AND updated_us <= ? UNION ALL {past} AND updated_us <= ? AND gone_us > ?"
            parameters = [*parameters, at_us, *parameters, at_us, at_us]
        return [path for (path,) in self._connection.execute(query, parameters)]

    def apply(self, changes: Sequence[Change]) -> None:
        """Make changes current; call inside `State.transaction`."""
        for change in changes:
            key = (change.database, change.path)
            if change.old is not None:
                self._connection.execute(
                    "INSERT INTO firestore_history SELECT database, path, collection, collection_id, updated_us, body,"
                    " ? FROM firestore_document WHERE database = ? AND path = ?",
                    (change.time_us, *key),
                )
            if change.new is None:
                self._connection.execute("DELETE FROM firestore_document WHERE database = ? AND path = ?", key)
            else:
                collection = collection_of(change.path)
                row = (*key, collection, last_id(collection), change.time_us, change.new.SerializeToString())
                self._connection.execute(
                    "INSERT INTO firestore_document VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (database, path)"
                    " DO UPDATE SET updated_us = excluded.updated_us, body = excluded.body",
                    row,
                )
        self._writes += len(changes)
        if self._writes >= _PRUNE_EVERY:
            self._writes = 0
            self._connection.execute("DELETE FROM firestore_history WHERE gone_us < ?", (self.horizon_us(),))

    def remember(self, changes: Sequence[Change]) -> None:
        """Bring the cache up to date; call when the transaction of `apply` has been committed."""
        for change in changes:
            if change.new is None:
                self._cache.drop(change.database, change.path)
            else:
                self._cache.put(change.database, Record(change.path, change.new, change.new.ByteSize()))

    def _decode(self, database: str, path: str, body: bytes) -> Record:
        record = _read(path, body)
        self._cache.put(database, record)
        return record


def _read(path: str, body: bytes) -> Record:
    return Record(path, Document.FromString(body), len(body))


def scope_below(name: str) -> Scope:
    """Everything below a document or database root."""
    database, path = split_name(name)
    return Scope(database, below=path)
