"""The operations on the namespaces of one index themselves."""

from local.vectors.errors import Code, RefusalError, namespace_not_found
from local.vectors.index import Index
from local.vectors.requests import (
    DEFAULT_NAMESPACE,
    MAX_LIST_LIMIT,
    Json,
    count_of,
    namespace_name,
    paginated,
    prefix_of,
    resume_after,
)
from local.vectors.store import RecordStore


class Namespaces:
    """Lists, describes, creates and removes the namespaces of `index`."""

    def __init__(self, index: Index, store: RecordStore) -> None:
        self._index = index
        self._store = store

    def list(self, request: Json) -> Json:
        """Namespaces by name, a page at a time."""
        prefix, after = prefix_of(request), resume_after(request.get("paginationToken"))
        limit = count_of(request, "limit", default=MAX_LIST_LIMIT, maximum=MAX_LIST_LIMIT)
        named = [item for item in self._store.list_namespaces(self._index.name) if item[0].startswith(prefix)]
        left = [item for item in named if item[0] > after]
        page = [{"name": name, "record_count": str(count)} for name, _, count in left[:limit]]
        answer: Json = {"namespaces": page, "total_count": len(named)}
        return paginated(answer, [name for name, _, _ in left[:limit]], more=len(left) > limit)

    def describe(self, name: str) -> Json:
        """One namespace and the number of its records."""
        for known, _, count in self._store.list_namespaces(self._index.name):
            if known == name:
                return {"name": name, "record_count": str(count)}
        raise namespace_not_found()

    def create(self, request: Json) -> Json:
        """An empty namespace."""
        name = namespace_name({"namespace": request.get("name")})
        if self._store.find_namespace(index=self._index.name, name=name) is not None or name == DEFAULT_NAMESPACE:
            raise RefusalError(f"Namespace {name} already exists", Code.ALREADY_EXISTS)
        self._store.make_namespace(index=self._index.name, name=name)
        return {"name": name, "record_count": "0"}

    def delete(self, name: str) -> Json:
        """Remove a namespace and its records."""
        namespace = self._store.find_namespace(index=self._index.name, name=name)
        if namespace is None:
            raise namespace_not_found()
        self._index.contents.drop(namespace)
        return {}
