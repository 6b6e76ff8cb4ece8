"""The RPCs that read, one method each."""

from collections.abc import AsyncIterator

from local.firestore import aggregation, listing
from local.firestore.errors import not_found
from local.firestore.fields import masked
from local.firestore.indexes import Indexes
from local.firestore.messages import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    Document,
    GetDocumentRequest,
    ListCollectionIdsRequest,
    ListCollectionIdsResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
    StructuredQuery,
)
from local.firestore.names import database_of, document_path
from local.firestore.query import Query
from local.firestore.reading import begin_reading
from local.firestore.runner import QueryRunner
from local.firestore.store import Store
from local.firestore.times import to_timestamp
from local.firestore.transactions import Transactions


class ReadCalls:
    """Between two awaits nothing else happens: there is one thread."""

    def __init__(self, store: Store, runner: QueryRunner, transactions: Transactions, indexes: Indexes | None) -> None:
        self._store = store
        self._runner = runner
        self._transactions = transactions
        self._indexes = indexes

    async def get_document(self, request: GetDocumentRequest) -> Document:
        """One document."""
        database = database_of(request.name)
        path = document_path(request.name, database)
        reading = begin_reading(self._store, self._transactions, request, database)
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
        reading = begin_reading(self._store, self._transactions, request, database)
        if reading.transaction is not None:
            await self._transactions.lock_paths(reading.transaction, paths.values())
        records = {name: self._store.get(database, path, reading.at_us) for name, path in paths.items()}
        read_time = to_timestamp(reading.at_us or self._store.tick())
        if reading.started:
            yield BatchGetDocumentsResponse(transaction=reading.started, read_time=read_time)
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
        reading = begin_reading(self._store, self._transactions, request, query.database)
        if reading.transaction is not None:
            await self._transactions.lock_query(reading.transaction, query)
        records = self._runner.run(query, reading.at_us)
        read_time = to_timestamp(reading.at_us or self._store.tick())
        if reading.started:
            yield RunQueryResponse(transaction=reading.started, read_time=read_time)
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
        reading = begin_reading(self._store, self._transactions, request, query.database)
        if reading.transaction is not None:
            await self._transactions.lock_query(reading.transaction, query)
        if aggregation.only_counts(message):
            values = aggregation.aggregate(message, [], self._runner.count(query, reading.at_us))
        else:
            records = self._runner.run(query, reading.at_us)
            values = aggregation.aggregate(message, records, len(records))
        response = RunAggregationQueryResponse(read_time=to_timestamp(reading.at_us or self._store.tick()))
        if reading.started:
            response.transaction = reading.started
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
        reading = begin_reading(self._store, self._transactions, request, database_of(request.parent))
        return listing.list_documents(self._store, request, reading.at_us)

    async def list_collection_ids(self, request: ListCollectionIdsRequest) -> ListCollectionIdsResponse:
        """A page of the collections below a document."""
        reading = begin_reading(self._store, self._transactions, request, database_of(request.parent))
        return listing.list_collection_ids(self._store, request, reading.at_us)
