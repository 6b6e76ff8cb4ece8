"""Transactions through the real client."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore


def test_a_transaction_reads_and_writes_atomically(db: Any) -> None:
    db.document("a/x").set({"n": 1})

    @firestore.transactional
    def move(transaction: firestore.Transaction) -> int:
        n: int = db.document("a/x").get(transaction=transaction).get("n")
        transaction.update(db.document("a/x"), {"n": n + 1})
        transaction.set(db.document("a/y"), {"from": n})
        return n

    assert move(db.transaction()) == 1
    assert db.document("a/x").get().get("n") == 2
    assert db.document("a/y").get().get("from") == 1


def test_a_failed_transaction_writes_nothing_and_releases_its_locks(db: Any) -> None:
    db.document("a/x").set({"n": 1})

    @firestore.transactional
    def fail(transaction: firestore.Transaction) -> None:
        db.document("a/x").get(transaction=transaction)
        transaction.update(db.document("a/x"), {"n": 2})
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail(db.transaction())
    db.document("a/x").update({"n": 3}, timeout=5)
    assert db.document("a/x").get().get("n") == 3


def test_concurrent_increments_in_transactions_are_all_counted(db: Any) -> None:
    db.document("a/counter").set({"n": 0})

    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        snapshot = db.document("a/counter").get(transaction=transaction)
        transaction.update(db.document("a/counter"), {"n": snapshot.get("n") + 1})

    def work(_: int) -> None:
        for _ in range(4):
            increment(db.transaction(max_attempts=50))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert db.document("a/counter").get().get("n") == 12


def test_two_claims_of_one_lease_let_one_through(db: Any) -> None:
    @firestore.transactional
    def claim(transaction: firestore.Transaction, owner: str) -> bool:
        if db.document("leases/l").get(transaction=transaction).exists:
            return False
        transaction.create(db.document("leases/l"), {"owner": owner})
        return True

    # Of more at once Google's emulator now and then lets nobody through: "Transaction lock timeout", again and again.
    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(lambda name: claim(db.transaction(max_attempts=20), name), "ab"))
    assert sum(won) == 1


def test_a_plain_write_waits_for_a_transaction_that_has_read(db: Any) -> None:
    db.document("a/x").set({"n": 1})
    written = threading.Event()
    transaction = db.transaction()
    transaction._begin()
    db.document("a/x").get(transaction=transaction)

    def write() -> None:
        db.document("a/x").set({"n": 100})
        written.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not written.wait(0.5)
    transaction.update(db.document("a/x"), {"n": 2})
    transaction._commit()
    thread.join(10)
    assert written.is_set()
    assert db.document("a/x").get().get("n") == 100


def test_a_query_in_a_transaction_sees_no_phantoms(db: Any) -> None:
    db.document("a/1").set({"n": 1})
    transaction = db.transaction()
    transaction._begin()
    assert (
        len(list(db.collection("a").where(filter=firestore.FieldFilter("n", ">", 0)).stream(transaction=transaction)))
        == 1
    )
    inserted = threading.Event()

    def insert() -> None:
        db.document("a/2").set({"n": 2})
        inserted.set()

    thread = threading.Thread(target=insert)
    thread.start()
    assert not inserted.wait(0.5)
    transaction._rollback()
    thread.join(10)
    assert inserted.is_set()


def test_a_read_only_transaction_sees_one_instant_and_holds_nobody_up(db: Any) -> None:
    db.document("a/x").set({"n": 1})
    transaction = db.transaction(read_only=True)
    transaction._begin()
    assert db.document("a/x").get(transaction=transaction).get("n") == 1
    db.document("a/x").set({"n": 2}, timeout=5)
    db.document("a/new").set({"n": 3})
    assert db.document("a/x").get(transaction=transaction).get("n") == 1
    assert [s.id for s in db.collection("a").stream(transaction=transaction)] == ["x"]
    transaction._rollback()


def test_the_past_can_be_read(db: Any) -> None:
    first = db.document("a/x").set({"n": 1}).update_time
    db.document("a/x").set({"n": 2})
    db.document("a/x").delete()
    assert db.document("a/x").get(read_time=first).get("n") == 1
    assert not db.document("a/x").get().exists


def test_an_unknown_transaction_is_refused(db: Any) -> None:
    transaction = db.transaction()
    transaction._begin()
    transaction._rollback()
    transaction._id = b"never begun"
    with pytest.raises(exceptions.InvalidArgument):
        db.document("a/x").get(transaction=transaction)
