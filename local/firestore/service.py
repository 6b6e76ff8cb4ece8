"""The RPCs of google.firestore.v1.Firestore."""

import secrets
import string
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty

from local.firestore import aggregation, listing
from local.firestore.commits import Committer
from local.firestore.errors import RefusedError, failed_precondition, invalid_argument, not_found
from local.firestore.fields import masked
from local.firestore.indexes import Indexes
from local.firestore.listen import Listener
from local.firestore.messages import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    BatchWriteRequest,
    BatchWriteResponse,
    BeginTransactionRequest,
    BeginTransactionResponse,
    CommitRequest,
    CommitResponse,
    CreateDocumentRequest,
    DeleteDocumentRequest,
    Document,
    GetDocumentRequest,
    ListCollectionIdsRequest,
    ListCollectionIdsResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    ListenRequest,
    ListenResponse,
    RawMessage,
    RollbackRequest,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
    StructuredQuery,
    UpdateDocumentRequest,
    Write,
    WriteRequest,
    WriteResponse,
    WriteResult,
)
from local.firestore.names import database_of, document_path, split_name
from local.firestore.query import Query
from local.firestore.runner import QueryRunner
from local.firestore.store import Store
from local.firestore.times import to_microseconds, to_timestamp
from local.firestore.transactions import Transaction, Transactions
from local.firestore.validation import MAX_REQUEST_BYTES
from local.firestore.writes import written_paths

_ID_CHARACTERS = string.ascii_letters + string.digits
_ID_LENGTH = 20


@dataclass(frozen=True)
class _Reading:
    """How a read sees the database."""

    transaction: Transaction | None = None
    at_us: int | None = None
    is_new: bool = False


class FirestoreService:
    """One method per RPC. Between two awaits nothing else happens: there is one thread."""

    def __init__(self, store: Store, runner: QueryRunner, committer: Committer, indexes: Indexes | None) -> None:
        self._store = store
        self._runner = runner
        self._committer = committer
        self._indexes = indexes
        self._transactions = Transactions()

    # Writes

    async def commit(self, request: CommitRequest) -> CommitResponse:
        """Apply writes atomically, ending the transaction they belong to."""
        database = database_of(request.database)
        transaction = None
        if request.transaction:
            transaction = self._transactions.get(request.transaction, database)
        try:
            if transaction is not None and transaction.read_only and request.writes:
                raise invalid_argument("Cannot modify entities in a read-only transaction.")
            time_us, results = await self._commit(database, request.writes, transaction)
        finally:
            if transaction is not None:
                self._transactions.end(transaction)
        return CommitResponse(write_results=results, commit_time=to_timestamp(time_us))

    async def batch_write(self, request: BatchWriteRequest) -> BatchWriteResponse:
        """Apply every write on its own; one that fails leaves the others alone."""
        database = database_of(request.database)
        if len(written_paths(database, request.writes)) < len(request.writes):
            raise invalid_argument("Cannot write to the same document more than once in one BatchWrite.")
        response = BatchWriteResponse()
        for write in request.writes:
            status = response.status.add()
            result = response.write_results.add()
            try:
                _, results = await self._commit(database, [write])
                result.CopyFrom(results[0])
            except RefusedError as error:
                status.code, status.message = error.number, error.message
        return response

    async def write_stream(self, requests: AsyncIterator[WriteRequest]) -> AsyncIterator[WriteResponse]:
        """The stream of writes of Firebase's clients; the first request only opens it."""
        database = ""
        number = 0
        async for request in requests:
            database = database or database_of(request.database)
            number += 1
            response = WriteResponse(stream_id="writes", stream_token=b"%d" % number)
            if request.writes:
                time_us, results = await self._commit(database, request.writes)
                response.commit_time.CopyFrom(to_timestamp(time_us))
                response.write_results.extend(results)
            yield response

    async def create_document(self, request: CreateDocumentRequest) -> Document:
        """Create a document under a given or a new id."""
        document_id = request.document_id or "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))
        write = Write(update=request.document)
        write.update.name = f"{request.parent}/{request.collection_id}/{document_id}"
        write.current_document.exists = False
        return await self._write_one(write.update.name, write, request)

    async def update_document(self, request: UpdateDocumentRequest) -> Document:
        """Write one document."""
        write = Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return await self._write_one(request.document.name, write, request)

    async def delete_document(self, request: DeleteDocumentRequest) -> Empty:
        """Delete one document."""
        write = Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        await self._commit(database_of(request.name), [write])
        return Empty()

    async def _write_one(self, name: str, write: Write, request: RawMessage) -> Document:
        database, path = split_name(name)
        await self._commit(database, [write])
        record = self._store.get(database, path)
        if record is None:
            raise not_found(f'Document "{name}" not found.')
        return masked(record.document, request.mask.field_paths) if request.HasField("mask") else record.document

    async def _commit(
        self, database: str, writes: Sequence[Write], transaction: Transaction | None = None
    ) -> tuple[int, list[WriteResult]]:
        if sum(write.ByteSize() for write in writes) > MAX_REQUEST_BYTES:
            raise invalid_argument(f"Request payload size exceeds the limit: {MAX_REQUEST_BYTES} bytes.")
        await self._transactions.wait_to_write(transaction, database, written_paths(database, writes))
        return self._committer.commit(database, writes)

    # Transactions

    async def begin_transaction(self, request: BeginTransactionRequest) -> BeginTransactionResponse:
        """Start a transaction."""
        options = request.options if request.HasField("options") else None
        transaction = self._transactions.begin(database_of(request.database), options, self._store.tick())
        return BeginTransactionResponse(transaction=transaction.id)

    async def rollback(self, request: RollbackRequest) -> Empty:
        """End a transaction without effect."""
        transaction = self._transactions.find(request.transaction)
        if transaction is not None:
            self._transactions.end(transaction)
        return Empty()

    def _reading(self, request: RawMessage, database: str) -> _Reading:
        kind = request.WhichOneof("consistency_selector")
        if kind == "transaction":
            transaction = self._transactions.get(request.transaction, database)
            return _Reading(transaction, transaction.read_us)
        if kind == "new_transaction":
            transaction = self._transactions.begin(database, request.new_transaction, self._store.tick())
            self._check_read_time(transaction.read_us)
            return _Reading(transaction, transaction.read_us, is_new=True)
        if kind == "read_time":
            at_us = to_microseconds(request.read_time)
            self._check_read_time(at_us)
            return _Reading(at_us=at_us)
        return _Reading()

    def _check_read_time(self, at_us: int | None) -> None:
        if at_us is None:
            return
        if at_us > self._store.tick():
            raise invalid_argument("The requested 'read_time' cannot be in the future.")
        if at_us < self._store.horizon_us():
            raise failed_precondition("The requested snapshot version is too old.")

    # Reads

    async def get_document(self, request: GetDocumentRequest) -> Document:
        """One document."""
        database = database_of(request.name)
        path = document_path(request.name, database)
        reading = self._reading(request, database)
        if reading.transaction is not None:
            await self._transactions.lock_paths(reading.transaction, [path])
        record = self._store.get(database, path, reading.at_us)
        if record is None:
            raise not_found(f'Document "{request.name}" not found.')
        return masked(record.document, request.mask.field_paths) if request.HasField("mask") else record.document

    async def batch_get_documents(self, request: BatchGetDocumentsRequest) -> AsyncIterator[BatchGetDocumentsResponse]:
        """Several documents: those found first, the missing last."""
        database = database_of(request.database)
        paths = {name: document_path(name, database) for name in request.documents}
        reading = self._reading(request, database)
        if reading.transaction is not None:
            await self._transactions.lock_paths(reading.transaction, paths.values())
        records = {name: self._store.get(database, path, reading.at_us) for name, path in paths.items()}
        read_time = to_timestamp(reading.at_us or self._store.tick())
        if reading.transaction is not None and reading.is_new:
            yield BatchGetDocumentsResponse(transaction=reading.transaction.id, read_time=read_time)
        for record in records.values():
            if record is not None:
                found = record.document
                if request.HasField("mask"):
                    found = masked(found, request.mask.field_paths)
                yield BatchGetDocumentsResponse(found=found, read_time=read_time)
        for name, record in records.items():
            if record is None:
                yield BatchGetDocumentsResponse(missing=name, read_time=read_time)

    async def run_query(self, request: RunQueryRequest) -> AsyncIterator[RunQueryResponse]:
        """The result of a query, one document per message."""
        query = self._query(request.parent, request.structured_query)
        reading = self._reading(request, query.database)
        if reading.transaction is not None:
            await self._transactions.lock_query(reading.transaction, query)
        records = self._runner.run(query, reading.at_us)
        read_time = to_timestamp(reading.at_us or self._store.tick())
        if reading.transaction is not None and reading.is_new:
            yield RunQueryResponse(transaction=reading.transaction.id, read_time=read_time)
        if request.HasField("explain_options") and not request.explain_options.analyze:
            records = []
        for record in records:
            yield RunQueryResponse(document=query.project(record.document), read_time=read_time)
        if not records:
            yield RunQueryResponse(read_time=read_time)

    async def run_aggregation_query(
        self, request: RunAggregationQueryRequest
    ) -> AsyncIterator[RunAggregationQueryResponse]:
        """Counts, sums and averages over the result of a query."""
        message = request.structured_aggregation_query
        aggregation.check_aggregations(message)
        query = Query(request.parent, message.structured_query)
        aggregation.require_fields(query, aggregation.aggregated_fields(message))
        if self._indexes is not None:
            self._indexes.check(query)
        reading = self._reading(request, query.database)
        if reading.transaction is not None:
            await self._transactions.lock_query(reading.transaction, query)
        if aggregation.only_counts(message):
            values = aggregation.aggregate(message, [], self._runner.count(query, reading.at_us))
        else:
            records = self._runner.run(query, reading.at_us)
            values = aggregation.aggregate(message, records, len(records))
        response = RunAggregationQueryResponse(read_time=to_timestamp(reading.at_us or self._store.tick()))
        if reading.transaction is not None and reading.is_new:
            response.transaction = reading.transaction.id
        for alias, value in values.items():
            response.result.aggregate_fields[alias].CopyFrom(value)
        yield response

    def _query(self, parent: str, message: StructuredQuery) -> Query:
        query = Query(parent, message)
        if self._indexes is not None:
            self._indexes.check(query)
        return query

    async def list_documents(self, request: ListDocumentsRequest) -> ListDocumentsResponse:
        """A page of the documents of a collection."""
        reading = self._reading(request, database_of(request.parent))
        return listing.list_documents(self._store, request, reading.at_us)

    async def list_collection_ids(self, request: ListCollectionIdsRequest) -> ListCollectionIdsResponse:
        """A page of the collections below a document."""
        reading = self._reading(request, database_of(request.parent))
        return listing.list_collection_ids(self._store, request, reading.at_us)

    # Listeners

    async def listen(self, requests: AsyncIterator[ListenRequest]) -> AsyncIterator[ListenResponse]:
        """Documents and query results, kept up to date."""
        async for response in Listener(self._store, self._runner, self._committer, self._indexes).run(requests):
            yield response
