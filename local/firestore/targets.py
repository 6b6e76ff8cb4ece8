"""What one target of a Listen stream watches, and the messages that keep its watcher up to date."""

from collections.abc import Iterable, Iterator, Sequence

from local.firestore.messages import Document, ListenResponse
from local.firestore.names import split_name
from local.firestore.query import Query
from local.firestore.records import Record
from local.firestore.runner import QueryRunner
from local.firestore.store import Change, Store
from local.firestore.times import to_timestamp


class DocumentsTarget:
    """A fixed set of documents."""

    def __init__(self, target_id: int, store: Store, names: Iterable[str]) -> None:
        self.target_id = target_id
        self._store = store
        self._names = list(dict.fromkeys(names))
        self._paths = {split_name(name)[1] for name in self._names}
        self.read_us = 0

    def start(self, since_us: int | None) -> Iterator[ListenResponse]:
        """The state of every document, or of those that changed after `since_us`."""
        self.read_us = self._store.tick()
        for name in self._names:
            record = self._store.get(*split_name(name))
            if record is None:
                yield deleted(name, self.target_id, self.read_us)
            elif since_us is None or record.updated_us > since_us:
                yield changed(record.document, self.target_id)

    def update(self, changes: Sequence[Change]) -> Iterator[ListenResponse]:
        """What a commit changed about them."""
        for change in changes:
            if change.path not in self._paths or change.time_us <= self.read_us:
                continue
            if change.new is not None:
                yield changed(change.new, self.target_id)
            elif change.old is not None:
                yield deleted(change.old.name, self.target_id, change.time_us)


class QueryTarget:
    """The result of a query.

    A commit is matched against the query document by document. Only where the result is a window (limit, offset,
    nearest) and the commit touches a document that is in it or could enter is the query run again.
    """

    def __init__(self, target_id: int, store: Store, runner: QueryRunner, query: Query) -> None:
        self.target_id = target_id
        self._store = store
        self._runner = runner
        self._query = query
        self._shown: dict[str, int] = {}
        self.read_us = 0

    def start(self, since_us: int | None) -> Iterator[ListenResponse]:
        """The whole result, or how it differs from what it was at `since_us`."""
        self.read_us = self._store.tick()
        if since_us is not None:
            past = self._runner.run(self._query, since_us)
            self._shown = {record.path: record.updated_us for record in past}
        yield from self._show(self._runner.run(self._query))

    def update(self, changes: Sequence[Change]) -> Iterator[ListenResponse]:
        """What a commit changed about the result."""
        fresh = [change for change in changes if change.time_us > self.read_us and self._query.covers(change.path)]
        if not self._query.is_windowed:
            for change in fresh:
                yield from self._follow(change)
        elif any(change.path in self._shown or self._admitted(change) for change in fresh):
            self.read_us = self._store.tick()
            yield from self._show(self._runner.run(self._query))

    def _admitted(self, change: Change) -> bool:
        return change.new is not None and self._query.admits(Record(change.path, change.new, 0)) is not None

    def _follow(self, change: Change) -> Iterator[ListenResponse]:
        if change.new is not None and self._admitted(change):
            self._shown[change.path] = change.time_us
            yield changed(self._query.project(change.new), self.target_id)
        elif self._shown.pop(change.path, None) is not None:
            yield self._gone(change.path, exists=change.new is not None)

    def _show(self, result: Sequence[Record]) -> Iterator[ListenResponse]:
        before, self._shown = self._shown, {record.path: record.updated_us for record in result}
        for path in before.keys() - self._shown.keys():
            yield self._gone(path, exists=self._store.get(self._query.database, path) is not None)
        for record in result:
            if before.get(record.path) != record.updated_us:
                yield changed(self._query.project(record.document), self.target_id)

    def _gone(self, path: str, *, exists: bool) -> ListenResponse:
        name = f"{self._query.database}/documents/{path}"
        return (removed if exists else deleted)(name, self.target_id, self._store.tick())


Target = DocumentsTarget | QueryTarget


def changed(document: Document, target_id: int) -> ListenResponse:
    """A document is in the result, in this version."""
    response = ListenResponse()
    response.document_change.document.CopyFrom(document)
    response.document_change.target_ids.append(target_id)
    return response


def deleted(name: str, target_id: int, time_us: int) -> ListenResponse:
    """A document no longer exists."""
    response = ListenResponse()
    response.document_delete.document = name
    response.document_delete.removed_target_ids.append(target_id)
    response.document_delete.read_time.CopyFrom(to_timestamp(time_us))
    return response


def removed(name: str, target_id: int, time_us: int) -> ListenResponse:
    """A document exists but is no longer in the result."""
    response = ListenResponse()
    response.document_remove.document = name
    response.document_remove.removed_target_ids.append(target_id)
    response.document_remove.read_time.CopyFrom(to_timestamp(time_us))
    return response
