"""A process that reads for days keeps nothing of what it has read."""

import gc

import pytest
from google.cloud.firestore import Transaction

from common.database import conversations
from common.database.clients import firestore_client
from common.database.firestore import transactional
from tests.support.making import a_conversation

pytestmark = pytest.mark.usefixtures("stores")

_READS = 40


def _calls_kept() -> int:
    """Calls that gRPC still knows of; it says so nowhere, but each is an object of this name."""
    gc.collect()
    return sum(type(each).__name__ == "_CallState" for each in gc.get_objects())


@pytest.mark.parametrize("how", ["a document", "a document in a transaction", "the first of a list"])
def test_a_read_that_is_done_is_forgotten(uid: str, how: str) -> None:
    for number in range(3):
        conversations.create(a_conversation(id=f"c{number}"), uid=uid)
    target = conversations.reference(uid=uid, conversation_id="c0")

    @transactional
    def in_a_transaction(transaction: Transaction) -> bool:
        return bool(target.get(transaction=transaction).exists)

    def read() -> bool:
        if how == "a document":
            return bool(target.get().exists)
        if how == "the first of a list":
            return next(iter(conversations.collection(uid=uid).stream())).exists
        return bool(in_a_transaction(firestore_client().transaction()))

    assert read()
    before = _calls_kept()
    assert all(read() for _ in range(_READS))
    assert _calls_kept() - before < _READS / 4
