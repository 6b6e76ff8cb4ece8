"""Running a query: over an access path where there is one, else over all documents it could concern."""

from heapq import nsmallest

from local.firestore.access import Range, ranges_of
from local.firestore.lookups import Lookups
from local.firestore.nearest import nearest_records
from local.firestore.query import Query
from local.firestore.records import Record
from local.firestore.store import Store


class QueryRunner:
    """Answers queries; remembers which ones were expensive and lets access paths be built for them.

    Args:
        store: the documents.
        lookups: the access paths.
        worthwhile: a query that reads more documents than this, and returns less than half of them, gets a path.
    """

    def __init__(self, store: Store, lookups: Lookups, *, worthwhile: int = 200) -> None:
        self._store = store
        self._lookups = lookups
        self._worthwhile = worthwhile

    def run(self, query: Query, at_us: int | None = None) -> list[Record]:
        """The result, sorted, after offset and limit."""
        end = None if query.limit is None else query.offset + query.limit
        ranges = ranges_of(query) if at_us is None else []
        is_sorted = self._lookups.can_read(ranges)
        found = self._read(query, ranges, end) if is_sorted else self._scan(query, ranges, at_us)
        if query.message.HasField("find_nearest"):
            found.sort()
            records = nearest_records([record for _, record in found], query.message.find_nearest)
        else:
            # Keys end in the name, so no two are equal and the records themselves are never compared.
            ordered = sorted(found) if end is None else nsmallest(end, found)
            records = [record for _, record in ordered]
        return records[query.offset : end]

    def count(self, query: Query, at_us: int | None = None) -> int:
        """How many documents `run` returns, without decoding them where possible."""
        ranges = ranges_of(query) if at_us is None else []
        if len(ranges) != 1 or not ranges[0].is_exact:
            return len(self.run(query, at_us))
        if not self._lookups.can_read(ranges):
            result = self.run(query, at_us)
            if len(result) > self._worthwhile:
                self._lookups.request(ranges)
            return len(result)
        count = max(0, self._lookups.count(ranges[0]) - query.offset)
        return count if query.limit is None else min(count, query.limit)

    def _read(self, query: Query, ranges: list[Range], end: int | None) -> list[tuple[bytes, Record]]:
        found: dict[str, tuple[bytes, Record]] = {}
        for part in ranges:
            taken = 0
            for path in self._lookups.read(part):
                if taken == end:
                    break
                record = self._store.get(query.database, path)
                key = None if record is None else query.admits(record)
                if record is not None and key is not None:
                    found[path] = (key, record)
                    taken += 1
        return list(found.values())

    def _scan(self, query: Query, ranges: list[Range], at_us: int | None) -> list[tuple[bytes, Record]]:
        found = []
        scanned = 0
        for record in self._store.scan(query.scope, at_us):
            scanned += 1
            key = query.admits(record)
            if key is not None:
                found.append((key, record))
        returned = len(found) if query.limit is None else min(len(found), query.limit)
        if scanned > self._worthwhile and returned < scanned / 2:
            self._lookups.request(ranges)
        return found
