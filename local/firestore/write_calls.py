"""The RPCs that write, one method each."""

import secrets
import string
from collections.abc import AsyncIterator, Sequence

from google.protobuf.empty_pb2 import Empty

from local.firestore.commits import Committer
from local.firestore.errors import RefusedError, invalid_argument, not_found
from local.firestore.fields import masked
from local.firestore.messages import (
    BatchWriteRequest,
    BatchWriteResponse,
    CommitRequest,
    CommitResponse,
    CreateDocumentRequest,
    DeleteDocumentRequest,
    Document,
    RawMessage,
    UpdateDocumentRequest,
    Write,
    WriteRequest,
    WriteResponse,
    WriteResult,
)
from local.firestore.names import database_of, split_name
from local.firestore.store import Store
from local.firestore.times import to_timestamp
from local.firestore.transactions import Transaction, Transactions
from local.firestore.validation import MAX_REQUEST_BYTES
from local.firestore.writes import written_paths

_ID_CHARACTERS = string.ascii_letters + string.digits
_ID_LENGTH = 20


class WriteCalls:
    """Between two awaits nothing else happens: there is one thread."""

    def __init__(self, store: Store, committer: Committer, transactions: Transactions) -> None:
        self._store = store
        self._committer = committer
        self._transactions = transactions

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
