"""The access paths that exist: created when a query would have profited, filled in the background, kept up to date."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from local.firestore.access import AccessPath, Range
from local.firestore.messages import Document
from local.firestore.records import Record
from local.firestore.store import Change
from local.state import State

_MAX_PATHS_PER_GROUP = 40
_CHUNK = 200
_SCHEMA = """
CREATE TABLE IF NOT EXISTS firestore_access_path (
  id INTEGER PRIMARY KEY, database TEXT NOT NULL, collection_id TEXT NOT NULL, form TEXT NOT NULL,
  is_ready INTEGER NOT NULL, UNIQUE (database, collection_id, form));
CREATE TABLE IF NOT EXISTS firestore_access_entry (
  access_path INTEGER NOT NULL, parent TEXT NOT NULL, key BLOB NOT NULL, path TEXT NOT NULL,
  PRIMARY KEY (access_path, parent, key)) WITHOUT ROWID;
"""


@dataclass
class _Existing:
    """A path that is kept up to date, and how far it has been filled."""

    id: int
    path: AccessPath
    is_ready: bool
    last_rowid: int = 0


class Lookups:
    """All access paths. Those a restart left half filled are dropped; the next query asks again."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._connection = state.connection
        self._connection.executescript(_SCHEMA)
        self._existing: dict[AccessPath, _Existing] = {}
        self._by_group: dict[tuple[str, str], list[_Existing]] = {}
        self._unfilled: deque[_Existing] = deque()
        self.requested = asyncio.Event()
        """Set while `fill` has something to do."""
        self._load()

    def _load(self) -> None:
        unready = "SELECT id FROM firestore_access_path WHERE NOT is_ready"
        with self._state.transaction() as connection:
            connection.execute(f"DELETE FROM firestore_access_entry WHERE access_path IN ({unready})")  # noqa: S608 - constants
            connection.execute("DELETE FROM firestore_access_path WHERE NOT is_ready")
        rows = self._connection.execute("SELECT id, database, collection_id, form FROM firestore_access_path")
        for path_id, database, collection_id, form in rows.fetchall():
            self._add(_Existing(path_id, AccessPath.from_json(database, collection_id, form), is_ready=True))

    def _add(self, existing: _Existing) -> None:
        self._existing[existing.path] = existing
        self._by_group.setdefault((existing.path.database, existing.path.collection_id), []).append(existing)

    def can_read(self, ranges: Sequence[Range]) -> bool:
        """Whether all ranges lie on paths that are complete."""
        found = [self._existing.get(part.path) for part in ranges]
        return bool(found) and all(existing is not None and existing.is_ready for existing in found)

    def read(self, part: Range) -> Iterator[str]:
        """The documents of a range, sorted. Nothing may be written while the iterator is read."""
        rows = self._connection.execute(
            "SELECT path FROM firestore_access_entry WHERE access_path = ? AND parent = ? AND key >= ? AND key < ?"
            " ORDER BY key",
            (self._existing[part.path].id, part.parent, part.lower, part.upper),
        )
        return (path for (path,) in rows)

    def count(self, part: Range) -> int:
        """How many documents a range has."""
        row = self._connection.execute(
            "SELECT count(*) FROM firestore_access_entry WHERE access_path = ? AND parent = ? AND key >= ? AND key < ?",
            (self._existing[part.path].id, part.parent, part.lower, part.upper),
        ).fetchone()
        return int(row[0])

    def request(self, ranges: Sequence[Range]) -> None:
        """Create the paths these ranges would have been read from."""
        for path in {part.path for part in ranges} - self._existing.keys():
            if len(self._by_group.get((path.database, path.collection_id), [])) >= _MAX_PATHS_PER_GROUP:
                continue
            with self._state.transaction() as connection:
                cursor = connection.execute(
                    "INSERT INTO firestore_access_path (database, collection_id, form, is_ready) VALUES (?, ?, ?, 0)",
                    (path.database, path.collection_id, path.to_json()),
                )
            existing = _Existing(int(cursor.lastrowid or 0), path, is_ready=False)
            self._add(existing)
            self._unfilled.append(existing)
            self.requested.set()

    def fill(self) -> bool:
        """Enter some documents into the first path that is incomplete; False where none is."""
        if not self._unfilled:
            self.requested.clear()
            return False
        existing = self._unfilled[0]
        path = existing.path
        of_kind = " AND collection_id = ?" if path.collection_id else ""
        rows = self._connection.execute(
            f"SELECT rowid, path, body FROM firestore_document WHERE database = ?{of_kind}"  # noqa: S608 - constants
            " AND rowid > ? ORDER BY rowid LIMIT ?",
            (path.database, *([path.collection_id] if of_kind else []), existing.last_rowid, _CHUNK),
        ).fetchall()
        with self._state.transaction() as connection:
            for rowid, document_path, body in rows:
                record = Record(document_path, Document.FromString(body), len(body))
                self._insert(existing, document_path, path.keys(record))
                existing.last_rowid = rowid
            if len(rows) < _CHUNK:
                connection.execute("UPDATE firestore_access_path SET is_ready = 1 WHERE id = ?", (existing.id,))
        if len(rows) < _CHUNK:
            existing.is_ready = True
            self._unfilled.popleft()
        return True

    def apply(self, changes: Sequence[Change]) -> None:
        """Bring all paths up to date; call inside `State.transaction`."""
        for change in changes:
            for existing in self._concerned(change):
                before = _keys(existing.path, change.path, change.old)
                after = _keys(existing.path, change.path, change.new)
                parent = existing.path.parent_of(change.path)
                self._connection.executemany(
                    "DELETE FROM firestore_access_entry WHERE access_path = ? AND parent = ? AND key = ?",
                    [(existing.id, parent, key) for key in before - after],
                )
                self._insert(existing, change.path, after - before)

    def _concerned(self, change: Change) -> Iterator[_Existing]:
        """The paths on which a document is, or may come to be; some are over documents of all kinds."""
        for collection_id in (change.path.rsplit("/", 2)[-2], ""):
            yield from self._by_group.get((change.database, collection_id), ())

    def _insert(self, existing: _Existing, path: str, keys: set[bytes]) -> None:
        parent = existing.path.parent_of(path)
        self._connection.executemany(
            "INSERT OR REPLACE INTO firestore_access_entry VALUES (?, ?, ?, ?)",
            [(existing.id, parent, key, path) for key in keys],
        )


def _keys(path: AccessPath, document_path: str, document: Document | None) -> set[bytes]:
    return set() if document is None else path.keys(Record(document_path, document, 0))
