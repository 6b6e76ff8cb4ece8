"""The RPCs of google.firestore.v1.Firestore, put together."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from google.protobuf.empty_pb2 import Empty

from local.firestore.commits import Committer
from local.firestore.indexes import Indexes
from local.firestore.listen import Listener
from local.firestore.messages import (
    BeginTransactionRequest,
    BeginTransactionResponse,
    ListenRequest,
    ListenResponse,
    RollbackRequest,
)
from local.firestore.names import database_of
from local.firestore.read_calls import ReadCalls
from local.firestore.reading import begin_transaction
from local.firestore.runner import QueryRunner
from local.firestore.store import Store
from local.firestore.transactions import Transactions
from local.firestore.write_calls import WriteCalls

Method = Callable[[Any], Any]


class FirestoreService:
    """One Firestore: its methods by the names they have on the wire."""

    def __init__(self, store: Store, runner: QueryRunner, committer: Committer, indexes: Indexes | None) -> None:
        self._store = store
        self._runner = runner
        self._committer = committer
        self._indexes = indexes
        self._transactions = Transactions()
        self._reads = ReadCalls(store, runner, self._transactions, indexes)
        self._writes = WriteCalls(store, committer, self._transactions)

    def answered_once(self) -> dict[str, Method]:
        """Methods with one request and one response."""
        return {
            "Commit": self._writes.commit,
            "BatchWrite": self._writes.batch_write,
            "CreateDocument": self._writes.create_document,
            "UpdateDocument": self._writes.update_document,
            "DeleteDocument": self._writes.delete_document,
            "BeginTransaction": self.begin_transaction,
            "Rollback": self.rollback,
            "GetDocument": self._reads.get_document,
            "ListDocuments": self._reads.list_documents,
            "ListCollectionIds": self._reads.list_collection_ids,
        }

    def answered_by_stream(self) -> dict[str, Method]:
        """Methods with one request and a stream of responses."""
        return {
            "BatchGetDocuments": self._reads.batch_get_documents,
            "RunQuery": self._reads.run_query,
            "RunAggregationQuery": self._reads.run_aggregation_query,
        }

    def streams(self) -> dict[str, Method]:
        """Methods with a stream of requests and one of responses."""
        return {"Listen": self.listen, "Write": self._writes.write_stream}

    async def begin_transaction(self, request: BeginTransactionRequest) -> BeginTransactionResponse:
        """Start a transaction."""
        database = database_of(request.database)
        transaction = begin_transaction(self._store, self._transactions, database, request.options)
        return BeginTransactionResponse(transaction=transaction.id)

    async def rollback(self, request: RollbackRequest) -> Empty:
        """End a transaction without effect."""
        transaction = self._transactions.find(request.transaction)
        if transaction is not None:
            self._transactions.end(transaction)
        return Empty()

    async def listen(self, requests: AsyncIterator[ListenRequest]) -> AsyncIterator[ListenResponse]:
        """Documents and query results, kept up to date."""
        async for response in Listener(self._store, self._runner, self._committer, self._indexes).run(requests):
            yield response
