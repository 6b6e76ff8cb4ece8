"""The Listen stream: targets come and go, commits are turned into what each target's watcher must know."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from google.cloud.firestore_v1.types import firestore

from local.firestore.commits import Committer
from local.firestore.errors import RefusedError, invalid_argument
from local.firestore.indexes import Indexes
from local.firestore.messages import ListenRequest, ListenResponse
from local.firestore.names import database_of
from local.firestore.query import Query
from local.firestore.runner import QueryRunner
from local.firestore.store import Change, Store
from local.firestore.targets import DocumentsTarget, QueryTarget, Target
from local.firestore.times import to_microseconds, to_timestamp

_Kind = firestore.TargetChange.TargetChangeType
_Event = ListenRequest | Sequence[Change] | None


class Listener:
    """One Listen stream."""

    def __init__(self, store: Store, runner: QueryRunner, committer: Committer, indexes: Indexes | None) -> None:
        self._store = store
        self._runner = runner
        self._committer = committer
        self._indexes = indexes
        self._events: asyncio.Queue[_Event] = asyncio.Queue()
        self._targets: dict[int, Target] = {}
        self._database = ""

    async def run(self, requests: AsyncIterator[ListenRequest]) -> AsyncIterator[ListenResponse]:
        """Answer requests and report commits until the client closes its side."""
        self._committer.subscribe(self._on_commit)
        reader = asyncio.create_task(self._read(requests))
        try:
            while (event := await self._events.get()) is not None:
                for response in self._handle(event):
                    yield response
        finally:
            self._committer.unsubscribe(self._on_commit)
            reader.cancel()

    async def _read(self, requests: AsyncIterator[ListenRequest]) -> None:
        try:
            async for request in requests:
                self._events.put_nowait(request)
        finally:
            self._events.put_nowait(None)

    def _on_commit(self, changes: Sequence[Change]) -> None:
        if self._targets and changes[0].database == self._database:
            self._events.put_nowait(changes)

    def _handle(self, event: ListenRequest | Sequence[Change]) -> Iterator[ListenResponse]:
        if not isinstance(event, ListenRequest):
            yield from self._report(event)
        elif event.WhichOneof("target_change") == "remove_target":
            self._targets.pop(event.remove_target, None)
            yield _target_change(_Kind.REMOVE, [event.remove_target])
        else:
            self._database = database_of(event.database)
            yield from self._add(event.add_target)

    def _report(self, changes: Sequence[Change]) -> Iterator[ListenResponse]:
        sent = False
        for target in list(self._targets.values()):
            for response in target.update(changes):
                sent = True
                yield response
        if sent:
            yield _target_change(_Kind.NO_CHANGE, [], changes[0].time_us)

    def _add(self, message: ListenRequest) -> Iterator[ListenResponse]:
        target_id = message.target_id or max(self._targets, default=0) + 1
        yield _target_change(_Kind.ADD, [target_id])
        try:
            target = self._target(target_id, message)
            since_us = _resume_point(message)
        except RefusedError as error:
            response = _target_change(_Kind.REMOVE, [target_id])
            response.target_change.cause.code = error.number
            response.target_change.cause.message = error.message
            yield response
            return
        if since_us is not None and not self._store.horizon_us() <= since_us <= self._store.tick():
            since_us = None  # too long ago to tell the difference: begin anew
            yield _target_change(_Kind.RESET, [target_id])
        # Commits that come while the first result is sent are queued, and compared with the time it was read at.
        self._targets[target_id] = target
        yield from target.start(since_us)
        yield _target_change(_Kind.CURRENT, [target_id], target.read_us)
        yield _target_change(_Kind.NO_CHANGE, [], target.read_us)
        if message.once:
            self._targets.pop(target_id, None)
            yield _target_change(_Kind.REMOVE, [target_id])

    def _target(self, target_id: int, message: ListenRequest) -> Target:
        if message.WhichOneof("target_type") == "documents":
            return DocumentsTarget(target_id, self._store, message.documents.documents)
        query = Query(message.query.parent, message.query.structured_query)
        if self._indexes is not None:
            self._indexes.check(query)
        return QueryTarget(target_id, self._store, self._runner, query)


def _resume_point(message: ListenRequest) -> int | None:
    kind = message.WhichOneof("resume_type")
    if kind == "read_time":
        return to_microseconds(message.read_time)
    if kind != "resume_token" or not message.resume_token:
        return None
    try:
        return int(message.resume_token)
    except ValueError as error:
        raise invalid_argument("Invalid resume token.") from error


def _target_change(kind: int, target_ids: Iterable[int], time_us: int | None = None) -> ListenResponse:
    response = ListenResponse()
    response.target_change.target_change_type = kind
    response.target_change.target_ids.extend(target_ids)
    if time_us is not None:
        response.target_change.read_time.CopyFrom(to_timestamp(time_us))
        response.target_change.resume_token = b"%d" % time_us
    return response
