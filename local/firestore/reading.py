"""How a read sees the database: as it is, as it was, or in a transaction."""

from dataclasses import dataclass

from local.firestore.errors import failed_precondition, invalid_argument
from local.firestore.messages import RawMessage, TransactionOptions
from local.firestore.store import Store
from local.firestore.times import to_microseconds
from local.firestore.transactions import Transaction, Transactions


@dataclass(frozen=True)
class Reading:
    """What a request's consistency selector asks for."""

    transaction: Transaction | None = None
    at_us: int | None = None
    """The instant to read at; None is now."""
    started: bytes = b""
    """Id of the transaction the request has begun, which its first response must carry."""


def begin_reading(store: Store, transactions: Transactions, request: RawMessage, database: str) -> Reading:
    """Resolve the consistency selector of a request.

    Raises:
        RefusedError: INVALID_ARGUMENT for a transaction that has ended or a time in the future, FAILED_PRECONDITION
            for a time whose versions are no longer kept.
    """
    kind = request.WhichOneof("consistency_selector")
    if kind == "transaction":
        transaction = transactions.get(request.transaction, database)
        return Reading(transaction, transaction.read_us)
    if kind == "new_transaction":
        transaction = begin_transaction(store, transactions, database, request.new_transaction)
        return Reading(transaction, transaction.read_us, transaction.id)
    if kind == "read_time":
        at_us = to_microseconds(request.read_time)
        _check_read_time(store, at_us)
        return Reading(at_us=at_us)
    return Reading()


def begin_transaction(
    store: Store, transactions: Transactions, database: str, options: TransactionOptions
) -> Transaction:
    """Start a transaction.

    Raises:
        RefusedError: where it is to read at a time that cannot be read.
    """
    if options.read_only.HasField("read_time"):
        _check_read_time(store, to_microseconds(options.read_only.read_time))
    return transactions.begin(database, options, store.tick())


def _check_read_time(store: Store, at_us: int) -> None:
    if at_us > store.tick():
        raise invalid_argument("The requested 'read_time' cannot be in the future.")
    if at_us < store.horizon_us():
        raise failed_precondition("The requested snapshot version is too old.")
