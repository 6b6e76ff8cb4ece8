"""One index: what its operations do, in terms of decoded requests and the JSON they are answered with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vectors.contents import Contents
from local.vectors.errors import RefusalError, namespace_not_found
from local.vectors.filters import compile_filter
from local.vectors.records import (
    IndexSpec,
    Record,
    Sparse,
    parse_dense,
    parse_id,
    parse_metadata,
    parse_record,
    parse_sparse,
)
from local.vectors.requests import (
    MAX_LIST_LIMIT,
    Json,
    count_of,
    ids_of,
    namespace_name,
    paginated,
    prefix_of,
    resume_after,
    shown_namespace,
    shown_record,
)
from local.vectors.store import RecordStore

MAX_UPSERT_RECORDS = 1000
MAX_TOP_K = 10_000
MAX_FETCH_LIMIT = 10_000


class Index:
    """The operations of one index. Every call sees all earlier ones; the real service is eventually consistent."""

    def __init__(self, name: str, spec: IndexSpec, store: RecordStore) -> None:
        self.name = name
        self.spec = spec
        self._store = store
        store.open_index(name, spec)
        self.contents = Contents(store, spec.metric)

    def upsert(self, request: Json) -> Json:
        """Store records, creating their namespace; all of them or none."""
        vectors = request.get("vectors")
        if not isinstance(vectors, list) or not vectors:
            raise RefusalError("No vectors provided for upsert")
        if len(vectors) > MAX_UPSERT_RECORDS:
            raise RefusalError(
                f"Batch size {len(vectors)} exceeds the limit of {MAX_UPSERT_RECORDS} vectors per upsert"
            )
        records = [parse_record(vector, self.spec) for vector in vectors]
        namespace = self._store.make_namespace(index=self.name, name=namespace_name(request))
        self.contents.put(namespace, records)
        return {"upsertedCount": len(records)}

    def query(self, request: Json) -> Json:
        """The nearest records to values, or to those of a stored record."""
        top_k = count_of(request, "topK", default=None, maximum=MAX_TOP_K)
        wanted = compile_filter(request.get("filter") or {})
        name = namespace_name(request)
        namespace = self._store.find_namespace(index=self.name, name=name)
        dense, sparse = self._query_values(request, namespace)
        matches: list[Json] = []
        if namespace is not None and (dense is not None or sparse is not None):
            found = self.contents.nearest(namespace, wanted, dense=dense, sparse=sparse, top_k=top_k)
            include = {"values": bool(request.get("includeValues")), "metadata": bool(request.get("includeMetadata"))}
            matches = [{"score": score, **shown_record(record, **include)} for score, record in found]
        return {"matches": matches, "namespace": shown_namespace(name), "usage": {"readUnits": 1}}

    def fetch(self, request: Json) -> Json:
        """Records by id; those that don't exist are left out."""
        ids = ids_of(request.get("ids"))
        name = namespace_name(request)
        namespace = self._store.find_namespace(index=self.name, name=name)
        found = {} if namespace is None else self._store.get(namespace, ids)
        return {
            "vectors": {item: shown_record(record) for item, record in found.items()},
            "namespace": shown_namespace(name),
            "usage": {"readUnits": 1},
        }

    def fetch_by_metadata(self, request: Json) -> Json:
        """Records that a filter accepts, a page at a time."""
        if not request.get("filter"):
            raise RefusalError("Empty filter provided for fetch by metadata request")
        name = namespace_name(request)
        limit = count_of(request, "limit", default=MAX_LIST_LIMIT, maximum=MAX_FETCH_LIMIT)
        after = resume_after(request.get("paginationToken"))
        _, matching = self._matching(request)
        left = [record for record in matching if record.id > after]
        page = {record.id: shown_record(record) for record in left[:limit]}
        answer: Json = {"vectors": page, "namespace": shown_namespace(name), "usage": {"readUnits": 1}}
        return paginated(answer, list(page), more=len(left) > limit)

    def list_ids(self, request: Json) -> Json:
        """Ids by prefix, in order, a page at a time."""
        name, prefix = namespace_name(request), prefix_of(request)
        limit = count_of(request, "limit", default=MAX_LIST_LIMIT, maximum=MAX_LIST_LIMIT)
        after = resume_after(request.get("paginationToken"))
        namespace = self._store.find_namespace(index=self.name, name=name)
        ids: list[str] = []
        if namespace is not None:
            ids = self._store.list_ids(namespace, prefix=prefix, after=after, limit=limit + 1)
        answer: Json = {
            "vectors": [{"id": item} for item in ids[:limit]],
            "namespace": shown_namespace(name),
            "usage": {"readUnits": 1},
        }
        return paginated(answer, ids[:limit], more=len(ids) > limit)

    def update(self, request: Json) -> Json:
        """Change parts of one record, or the metadata of all that a filter accepts.

        An id that doesn't exist is no error, and nothing is created.
        """
        metadata = None if request.get("setMetadata") is None else parse_metadata(request["setMetadata"])
        values, sparse = request.get("values") or None, request.get("sparseValues")
        if (request.get("id") is None) == (request.get("filter") is None):
            raise RefusalError("Exactly one of 'id' and 'filter' must be provided")
        if request.get("filter") is not None:
            if not request["filter"]:
                raise RefusalError("Update with empty metadata filter is not allowed")
            if values is not None or sparse is not None:
                raise RefusalError("Update by metadata request does not support updating vector values.")
            return self._update_by_filter(request, metadata or {})
        record_id = parse_id(request["id"])
        if values is not None and self.spec.vector_type == "sparse":
            raise RefusalError("Sparse index does not support dense vectors.")
        new_dense = None if values is None else parse_dense(values, self.spec, owner=record_id)
        new_sparse = None if sparse is None else parse_sparse(sparse)
        namespace = self._store.find_namespace(index=self.name, name=namespace_name(request))
        record = None if namespace is None else self._store.get(namespace, [record_id]).get(record_id)
        if namespace is not None and record is not None:
            changed = replace(
                _merged(record, metadata),
                dense=record.dense if new_dense is None else new_dense,
                sparse=record.sparse if new_sparse is None else new_sparse,
            )
            self.contents.put(namespace, [changed])
        return {}

    def delete(self, request: Json) -> Json:
        """Remove records by id, by filter, or all of a namespace; ids that don't exist are no error."""
        ids, everything, condition = request.get("ids"), bool(request.get("deleteAll")), request.get("filter")
        if everything and (ids or condition):
            raise RefusalError(f"No {'filter' if condition else 'explicit IDs'} allowed when delete_all=true")
        if condition is not None and not condition:
            raise RefusalError("Delete with empty metadata filter is not allowed")
        # The service never looks at ids once there is a filter.
        wanted = [] if everything or condition else ids_of(ids)
        if condition:
            namespace, matching = self._matching(request)
            wanted = [record.id for record in matching]
        else:
            namespace = self._store.find_namespace(index=self.name, name=namespace_name(request))
        if namespace is None:
            raise namespace_not_found()
        if everything:
            self.contents.clear(namespace)
        else:
            self.contents.remove(namespace, wanted)
        return {}

    def describe_stats(self, request: Json) -> Json:
        """Counts by namespace, of the records that a filter accepts if there is one."""
        wanted = compile_filter(request.get("filter") or {})
        counts = {
            name: len(self.contents.matching(row, wanted)) if request.get("filter") else records
            for name, row, records in self._store.list_namespaces(self.name)
        }
        stats: Json = {
            "namespaces": {name: {"vectorCount": count} for name, count in counts.items()},
            "indexFullness": 0.0,
            "totalVectorCount": sum(counts.values()),
            "metric": self.spec.metric,
            "vectorType": self.spec.vector_type,
        }
        return stats if self.spec.dimension is None else {**stats, "dimension": self.spec.dimension}

    def _matching(self, request: Json) -> tuple[int | None, list[Record]]:
        """The namespace, and the records in it that the request's filter accepts, by id."""
        wanted = compile_filter(request["filter"])
        namespace = self._store.find_namespace(index=self.name, name=namespace_name(request))
        return namespace, [] if namespace is None else self.contents.matching(namespace, wanted)

    def _query_values(self, request: Json, namespace: int | None) -> tuple[NDArray[np.float32] | None, Sparse | None]:
        """The values to compare with; none of both if they are to be a stored record's and there is no such record."""
        vector, sparse = request.get("vector") or None, request.get("sparseVector")
        if request.get("id"):
            if vector is not None or sparse is not None:
                raise RefusalError("Cannot provide both 'ID' and 'vector' at the same time")
            record_id = parse_id(request["id"])
            record = None if namespace is None else self._store.get(namespace, [record_id]).get(record_id)
            if record is None:
                return None, None
            # Sparse values beside dense ones count only where hybrid queries do.
            return record.dense, None if self.spec.metric == "cosine" else record.sparse
        if vector is None and sparse is None:
            raise RefusalError("Query must contain 'vector', 'sparseVector' or 'id'")
        if self.spec.vector_type == "sparse" and vector is not None:
            raise RefusalError("Cannot query index with dense 'vector' on a sparse index")
        if self.spec.vector_type == "dense" and vector is None:
            raise RefusalError("Cannot query index with only 'sparseVector' on a dense index")
        if self.spec.metric == "cosine" and sparse is not None:
            raise RefusalError("Index configuration does not support sparse values: the metric must be dotproduct")
        return (
            None if vector is None else parse_dense(vector, self.spec),
            None if sparse is None else parse_sparse(sparse),
        )

    def _update_by_filter(self, request: Json, metadata: Mapping[str, Any]) -> Json:
        namespace, matching = self._matching(request)
        if namespace is not None and not request.get("dryRun"):
            self.contents.put(namespace, [_merged(record, metadata) for record in matching])
        return {"matchedRecords": len(matching)}


def _merged(record: Record, metadata: Mapping[str, Any] | None) -> Record:
    """The record with `metadata` laid over what it had, which must still fit."""
    return (
        record
        if metadata is None
        else replace(record, metadata=parse_metadata({**(record.metadata or {}), **metadata}))
    )
