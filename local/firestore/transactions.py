"""Transactions: shared locks on what was read, held until the end; writers wait for them.

Writes take effect in one step between two awaits, so the only locks ever held are shared ones, of transactions that
have read. A write waits until no other live transaction has read (or queried the collection of) what it changes. Among
transactions that wait for each other in a circle the youngest is aborted; a retried one keeps its age, so that it
gets through in the end. New readers queue behind writers that already wait, unless that would close a circle.

A transaction that is retried has met contention once, and would again: whoever wants to read first what it has read
waits for it. So of many that increment one counter all get through, one after the other.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from common.core import clock
from local.firestore.errors import RefusedError, aborted, invalid_argument
from local.firestore.messages import TransactionOptions
from local.firestore.query import Query
from local.firestore.times import to_microseconds

IDLE_SECONDS = 60.0
LOCK_WAIT_SECONDS = 15.0
_REMEMBERED_AGES = 1024
_SHORTEST_WAIT_S = 0.05


@dataclass(eq=False)
class Transaction:
    """What a live transaction has read."""

    id: bytes
    database: str
    age: tuple[int, int]
    """When its first attempt began, and when it did itself; lower is older."""
    read_only: bool
    read_us: int | None
    """The instant a read-only transaction sees."""
    idle: clock.Deadline = field(default_factory=lambda: clock.Deadline(IDLE_SECONDS))
    paths: set[str] = field(default_factory=set)
    queries: list[Query] = field(default_factory=list)
    is_retry: bool = False
    doomed: bool = False

    @property
    def holds_nothing(self) -> bool:
        """Whether nobody can be waiting for the transaction."""
        return not self.paths and not self.queries

    def has_read(self, path: str) -> bool:
        """Whether a write to `path` would change what the transaction has seen."""
        return path in self.paths or any(query.covers(path) for query in self.queries)


@dataclass(eq=False)
class _Waiter:
    """A write that waits for transactions to end."""

    transaction: Transaction | None
    database: str
    paths: list[str]


class Transactions:
    """The live transactions and whoever waits for them."""

    def __init__(self) -> None:
        self._live: dict[bytes, Transaction] = {}
        self._ages: OrderedDict[bytes, int] = OrderedDict()
        self._waiters: list[_Waiter] = []
        self._changed = asyncio.Event()
        self._begun = 0

    def begin(self, database: str, options: TransactionOptions, now_us: int) -> Transaction:
        """Start a transaction; without a mode it reads and writes."""
        for idle in [transaction for transaction in self._live.values() if self._is_abandoned(transaction)]:
            self.end(idle)
        self._begun += 1
        age = (self._begun, self._begun)
        read_only = options.HasField("read_only")
        read_us = None
        if read_only:
            past = options.read_only.HasField("read_time")
            read_us = to_microseconds(options.read_only.read_time) if past else now_us
        retried = options.read_write.retry_transaction
        if retried in self._ages:
            age = (self._ages[retried], self._begun)
        transaction = Transaction(secrets.token_bytes(16), database, age, read_only, read_us, is_retry=bool(retried))
        self._live[transaction.id] = transaction
        return transaction

    def get(self, transaction_id: bytes, database: str) -> Transaction:
        """A live transaction; asking for it counts as activity.

        Raises:
            RefusedError: INVALID_ARGUMENT where it has ended, expired or never was.
        """
        transaction = self._live.get(transaction_id)
        if transaction is None or transaction.database != database or self._is_abandoned(transaction):
            raise invalid_argument("The referenced transaction has expired or is no longer valid.")
        transaction.idle = clock.Deadline(IDLE_SECONDS)
        return transaction

    def find(self, transaction_id: bytes) -> Transaction | None:
        """A live transaction, None where there is none."""
        return self._live.get(transaction_id)

    def end(self, transaction: Transaction) -> None:
        """Release what a transaction holds, committed or not."""
        if self._live.pop(transaction.id, None) is None:
            return
        self._ages[transaction.id] = transaction.age[0]
        if len(self._ages) > _REMEMBERED_AGES:
            self._ages.popitem(last=False)
        self._notify()

    async def lock_paths(self, transaction: Transaction, paths: Iterable[str]) -> None:
        """Let a transaction read documents, behind the writers that already wait for them."""
        wanted = set(paths) - transaction.paths
        if transaction.read_only or not wanted:
            return
        await self._queue(transaction, wanted.__contains__, lambda other: any(map(other.has_read, wanted)))
        transaction.paths |= wanted

    async def lock_query(self, transaction: Transaction, query: Query) -> None:
        """Let a transaction read whatever a query could find."""
        if transaction.read_only:
            return
        await self._queue(
            transaction,
            query.covers,
            lambda other: any(map(query.covers, other.paths)) or any(q.scope == query.scope for q in other.queries),
        )
        transaction.queries.append(query)

    async def wait_to_write(self, transaction: Transaction | None, database: str, paths: list[str]) -> None:
        """Return as soon as nobody else has read `paths`; what the caller does before it awaits is safe.

        Raises:
            RefusedError: ABORTED for the youngest of a circle, and after 15 s of waiting.
        """
        if not self._live or not self._blockers(transaction, database, paths):
            return
        waiter = _Waiter(transaction, database, paths)
        deadline = clock.Deadline(LOCK_WAIT_SECONDS)
        self._waiters.append(waiter)
        self._notify()
        try:
            while blockers := self._blockers(transaction, database, paths):
                self._doom_youngest(waiter)
                if transaction is not None and transaction.doomed:
                    raise aborted("Aborted due to cross-transaction contention. Please try again.")
                if deadline.passed:
                    raise _lock_timeout(transaction)
                earliest = min(blocker.idle.remaining for blocker in blockers)
                await self._change(min(deadline.remaining, max(earliest, _SHORTEST_WAIT_S)))
        finally:
            self._waiters.remove(waiter)
            self._notify()

    async def _queue(
        self, transaction: Transaction, touches: Callable[[str], bool], overlaps: Callable[[Transaction], bool]
    ) -> None:
        deadline = clock.Deadline(LOCK_WAIT_SECONDS)
        while not deadline.passed:
            ahead = [
                waiter
                for waiter in self._waiters
                if waiter.database == transaction.database and any(touches(path) for path in waiter.paths)
            ]
            if any(self._circle(waiter, transaction) is not None for waiter in ahead):
                return
            # Only who holds nothing waits for a retry: that cannot close a circle.
            if not ahead and not (transaction.holds_nothing and self._has_retry(transaction, overlaps)):
                return
            await self._change(deadline.remaining)

    def _blockers(self, me: Transaction | None, database: str, paths: list[str]) -> list[Transaction]:
        blockers = [
            other
            for other in self._live.values()
            if other is not me
            and not other.read_only
            and other.database == database
            and any(other.has_read(path) for path in paths)
        ]
        abandoned = [blocker for blocker in blockers if self._is_abandoned(blocker)]
        for blocker in abandoned:
            self.end(blocker)
        return [blocker for blocker in blockers if blocker not in abandoned]

    def _has_retry(self, me: Transaction, overlaps: Callable[[Transaction], bool]) -> bool:
        return any(
            other.is_retry and other is not me and other.database == me.database and overlaps(other)
            for other in self._live.values()
        )

    def _is_abandoned(self, transaction: Transaction) -> bool:
        return transaction.idle.passed and all(waiter.transaction is not transaction for waiter in self._waiters)

    def _doom_youngest(self, waiter: _Waiter) -> None:
        if waiter.transaction is None:
            return
        circle = self._circle(waiter, waiter.transaction)
        if circle is not None:
            youngest = max([waiter.transaction, *circle], key=lambda transaction: transaction.age)
            if not youngest.doomed:
                youngest.doomed = True
                self._notify()

    def _circle(self, start: _Waiter, target: Transaction) -> list[Transaction] | None:
        """The transactions through which `start` waits for `target`; None where it does not."""
        came_from: dict[Transaction, Transaction | None] = {}
        pending: list[tuple[_Waiter, Transaction | None]] = [(start, None)]
        while pending:
            waiter, origin = pending.pop()
            for blocker in self._blockers(waiter.transaction, waiter.database, waiter.paths):
                if blocker is target:
                    circle = []
                    step = origin
                    while step is not None:
                        circle.append(step)
                        step = came_from[step]
                    return circle
                if blocker not in came_from:
                    came_from[blocker] = origin
                    pending += [(other, blocker) for other in self._waiters if other.transaction is blocker]
        return None

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _change(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return


def _lock_timeout(transaction: Transaction | None) -> RefusedError:
    if transaction is None:
        return aborted("Too much contention on these documents. Please try again.")
    return aborted("Transaction lock timeout.")
