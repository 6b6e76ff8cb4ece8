"""What would be billed is counted as Google's price list says."""

from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import firestore
from google.cloud.firestore import FieldFilter

from common.database.clients import firestore_client
from tests.support.stores import Stores

Counted = Callable[[Callable[[], object]], tuple[int, int, int]]


@pytest.fixture
def things(stores: Stores, uid: str) -> Any:
    del stores  # running is all that is asked of them
    collection = firestore_client().collection("users", uid, "things")
    for number in range(5):
        collection.document(str(number)).set({"rank": number})
    return collection


@pytest.fixture
def counted(stores: Stores) -> Counted:
    usage = stores.firestore.usage

    def run(work: Callable[[], object]) -> tuple[int, int, int]:
        before = (usage.reads, usage.writes, usage.deletes)
        work()
        return usage.reads - before[0], usage.writes - before[1], usage.deletes - before[2]

    return run


def test_a_document_is_a_read_whether_it_is_there_or_not(counted: Counted, things: Any) -> None:
    assert counted(lambda: things.document("1").get()) == (1, 0, 0)
    assert counted(lambda: things.document("missing").get()) == (1, 0, 0)
    references = [things.document("1"), things.document("missing")]
    assert counted(lambda: list(firestore_client().get_all(references))) == (2, 0, 0)


def test_a_query_is_as_many_reads_as_it_finds_and_skips_and_never_none(counted: Counted, things: Any) -> None:
    ordered = things.order_by("rank")
    assert counted(lambda: list(ordered.stream())) == (5, 0, 0)
    assert counted(lambda: list(ordered.limit(2).stream())) == (2, 0, 0)
    assert counted(lambda: list(ordered.offset(2).limit(2).stream())) == (4, 0, 0)
    nothing = things.where(filter=FieldFilter("rank", ">", 99))
    assert counted(lambda: list(nothing.stream())) == (1, 0, 0)


def test_counting_a_thousand_is_one_read(counted: Counted, things: Any) -> None:
    assert counted(lambda: things.count().get()) == (1, 0, 0)


def test_writes_and_deletes_are_counted_one_by_one(counted: Counted, things: Any) -> None:
    def write() -> None:
        batch = firestore_client().batch()
        batch.set(things.document("a"), {"rank": 9})
        batch.update(things.document("1"), {"rank": 10})
        batch.delete(things.document("2"))
        batch.commit()

    assert counted(write) == (0, 2, 1)


def test_a_transaction_reads_what_it_reads(counted: Counted, things: Any) -> None:
    @firestore.transactional
    def move(transaction: Any) -> None:
        snapshot = things.document("1").get(transaction=transaction)
        transaction.update(things.document("1"), {"rank": snapshot.get("rank") + 1})

    assert counted(lambda: move(firestore_client().transaction())) == (1, 1, 0)
