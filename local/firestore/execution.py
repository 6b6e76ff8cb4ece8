"""Running a query against the store."""

from heapq import nsmallest

from local.firestore.nearest import nearest_records
from local.firestore.query import Query
from local.firestore.records import Record
from local.firestore.store import Store


def run_query(store: Store, query: Query, at_us: int | None = None) -> list[Record]:
    """The result, sorted, after offset and limit."""
    found = [(key, record) for record in store.scan(query.scope, at_us) if (key := query.admits(record)) is not None]
    end = None if query.limit is None else query.offset + query.limit
    if query.message.HasField("find_nearest"):
        found.sort()
        records = nearest_records([record for _, record in found], query.message.find_nearest)
    else:
        # Keys end in the name, so no two are equal and the records themselves are never compared.
        ordered = sorted(found) if end is None else nsmallest(end, found)
        records = [record for _, record in ordered]
    return records[query.offset : end]
