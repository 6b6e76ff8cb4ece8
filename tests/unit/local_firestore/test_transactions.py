"""Locks: who waits for whom, and who gives way."""

import asyncio
from collections.abc import Iterator

import pytest

from common.core import clock
from local.firestore.errors import RefusedError
from local.firestore.messages import StructuredQuery, TransactionOptions
from local.firestore.query import Query
from local.firestore.transactions import Transaction, Transactions

DATABASE = "projects/p/databases/(default)"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nominal minutes pass in fractions of a second."""
    monkeypatch.setenv("TIME_SCALE", "600")
    clock.scale.cache_clear()
    yield
    clock.scale.cache_clear()


async def reader(transactions: Transactions, *paths: str, retry_of: Transaction | None = None) -> Transaction:
    options = TransactionOptions()
    options.read_write.SetInParent()
    if retry_of is not None:
        options.read_write.retry_transaction = retry_of.id
    transaction = transactions.begin(DATABASE, options, 0)
    await transactions.lock_paths(transaction, paths)
    return transaction


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_write_waits_until_the_reader_has_ended() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        holder = await reader(transactions, "a/x")
        await transactions.wait_to_write(None, DATABASE, ["a/other"])
        await transactions.wait_to_write(None, "projects/p/databases/named", ["a/x"])
        write = asyncio.create_task(transactions.wait_to_write(None, DATABASE, ["a/x"]))
        await settle()
        assert not write.done()
        transactions.end(holder)
        await asyncio.wait_for(write, 1)

    asyncio.run(scenario())


def test_a_query_locks_its_collection() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        holder = await reader(transactions)
        message = StructuredQuery()
        message.from_.add(collection_id="a")
        await transactions.lock_query(holder, Query(f"{DATABASE}/documents", message))
        write = asyncio.create_task(transactions.wait_to_write(None, DATABASE, ["a/new"]))
        await settle()
        assert not write.done()
        transactions.end(holder)
        await asyncio.wait_for(write, 1)

    asyncio.run(scenario())


def test_of_two_that_wait_for_each_other_the_younger_gives_way() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        older = await reader(transactions, "a/x")
        younger = await reader(transactions, "a/x")
        first = asyncio.create_task(transactions.wait_to_write(older, DATABASE, ["a/x"]))
        await settle()
        with pytest.raises(RefusedError) as refused:
            await transactions.wait_to_write(younger, DATABASE, ["a/x"])
        assert refused.value.code.name == "ABORTED"
        transactions.end(younger)
        await asyncio.wait_for(first, 1)

    asyncio.run(scenario())


def test_the_younger_gives_way_also_if_it_waited_first() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        older = await reader(transactions, "a/x")
        younger = await reader(transactions, "a/x")
        second = asyncio.create_task(transactions.wait_to_write(younger, DATABASE, ["a/x"]))
        await settle()
        first = asyncio.create_task(transactions.wait_to_write(older, DATABASE, ["a/x"]))
        with pytest.raises(RefusedError):
            await asyncio.wait_for(second, 1)
        transactions.end(younger)
        await asyncio.wait_for(first, 1)

    asyncio.run(scenario())


def test_a_circle_of_three_is_broken_at_the_youngest() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        held = [await reader(transactions, f"a/{number}") for number in range(3)]
        waits = [
            asyncio.create_task(transactions.wait_to_write(holder, DATABASE, [f"a/{(number + 1) % 3}"]))
            for number, holder in enumerate(held)
        ]
        with pytest.raises(RefusedError):
            await asyncio.wait_for(waits[2], 1)
        transactions.end(held[2])
        await asyncio.wait_for(waits[1], 1)
        transactions.end(held[1])
        await asyncio.wait_for(waits[0], 1)

    asyncio.run(scenario())


def test_a_retried_transaction_keeps_its_age() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        first = await reader(transactions, "a/x")
        transactions.end(first)
        rival = await reader(transactions, "a/x")
        retried = await reader(transactions, "a/x", retry_of=first)
        waiting = asyncio.create_task(transactions.wait_to_write(retried, DATABASE, ["a/x"]))
        await settle()
        with pytest.raises(RefusedError):
            await transactions.wait_to_write(rival, DATABASE, ["a/x"])
        transactions.end(rival)
        await asyncio.wait_for(waiting, 1)

    asyncio.run(scenario())


def test_new_readers_queue_behind_a_waiting_writer() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        holder = await reader(transactions, "a/x")
        write = asyncio.create_task(transactions.wait_to_write(None, DATABASE, ["a/x"]))
        await settle()
        late = asyncio.create_task(reader(transactions, "a/x"))
        await settle()
        assert not late.done()
        await reader(transactions, "a/y")
        transactions.end(holder)
        await asyncio.wait_for(write, 1)
        await asyncio.wait_for(late, 1)

    asyncio.run(scenario())


def test_a_reader_passes_a_writer_that_waits_for_it() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        holder = await reader(transactions, "a/x")
        write = asyncio.create_task(transactions.wait_to_write(None, DATABASE, ["a/x", "a/y"]))
        await settle()
        await asyncio.wait_for(transactions.lock_paths(holder, ["a/y"]), 1)
        transactions.end(holder)
        await asyncio.wait_for(write, 1)

    asyncio.run(scenario())


@pytest.mark.usefixtures("fast")
def test_an_idle_transaction_expires_and_lets_the_writer_through() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        idle = await reader(transactions, "a/x")
        await clock.sleep(61)
        await asyncio.wait_for(transactions.wait_to_write(None, DATABASE, ["a/x"]), 1)
        with pytest.raises(RefusedError, match="expired"):
            transactions.get(idle.id, DATABASE)

    asyncio.run(scenario())


@pytest.mark.usefixtures("fast")
def test_a_write_gives_up_on_a_transaction_that_stays_active() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        holder = await reader(transactions, "a/x")
        write = asyncio.create_task(transactions.wait_to_write(None, DATABASE, ["a/x"]))
        for _ in range(20):
            await clock.sleep(5)
            transactions.get(holder.id, DATABASE)
        with pytest.raises(RefusedError, match="contention") as refused:
            await asyncio.wait_for(write, 1)
        assert refused.value.code.name == "ABORTED"

    asyncio.run(scenario())


def test_whoever_wants_to_read_what_a_retry_has_read_waits_for_it() -> None:
    async def scenario() -> None:
        transactions = Transactions()
        first = await reader(transactions, "a/x")
        transactions.end(first)
        retried = await reader(transactions, "a/x", retry_of=first)
        holds_something = await reader(transactions, "a/y")
        await asyncio.wait_for(transactions.lock_paths(holds_something, ["a/x"]), 1)
        transactions.end(holds_something)
        late = asyncio.create_task(reader(transactions, "a/x"))
        await settle()
        assert not late.done()
        await transactions.wait_to_write(retried, DATABASE, ["a/x"])
        transactions.end(retried)
        await asyncio.wait_for(late, 1)

    asyncio.run(scenario())
