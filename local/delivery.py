"""The durable at-least-once delivery engine under Cloud Tasks, Pub/Sub push and the event dispatcher.

An item is a row, written in the transaction that caused it and deleted in the one that settles it. What is in flight
is known to this process alone, so after a crash every unsettled row is simply due again.
"""

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from common.core import clock, ids, logs
from local.state import State

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS delivery_items (
    row INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, key TEXT, target TEXT NOT NULL,
    headers TEXT NOT NULL, body BLOB NOT NULL, due INTEGER NOT NULL, rank REAL NOT NULL, created INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, last_status INTEGER)""",
    "CREATE INDEX IF NOT EXISTS delivery_by_due ON delivery_items (queue, target, due)",
    "CREATE INDEX IF NOT EXISTS delivery_by_rank ON delivery_items (queue, target, rank, due)",
    "CREATE INDEX IF NOT EXISTS delivery_key ON delivery_items (queue, key) WHERE key IS NOT NULL",
)
# Few targets have many items each: the index is asked for one target after the other.
_TARGETS = """
WITH RECURSIVE targets (target) AS (
    SELECT min(target) FROM delivery_items WHERE queue = :queue
    UNION ALL
    SELECT (SELECT min(target) FROM delivery_items WHERE queue = :queue AND target > targets.target)
    FROM targets WHERE targets.target IS NOT NULL)
SELECT target FROM targets WHERE target IS NOT NULL"""
_LONGEST_SLEEP_S = 60.0  # real: a laptop that was suspended must notice that the wall clock went on
_CLAIM_BATCH = 100
_FORCED = 0  # the due time of an item that goes out even while its queue is paused


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt at one item; `attempt` counts from 0, `last_status` is None where there was no answer (yet)."""

    id: str
    key: str | None
    target: str
    headers: dict[str, str]
    body: bytes
    attempt: int
    created_at: datetime
    due_at: datetime
    last_status: int | None


@dataclass(frozen=True)
class Answer:
    """What a target answered; `retry_after_s` (nominal seconds) postpones the retry beyond the backoff."""

    status: int
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class Backoff:
    """Exponential delays, nominal seconds: doubled `doublings` times, then growing linearly, up to `maximum`."""

    minimum: float
    maximum: float
    doublings: int = 64

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failure of attempt number `attempt` (0 is the first)."""
        steepest: float = self.minimum * 2.0 ** min(attempt, self.doublings, 64)
        return min(self.maximum, steepest * (1 + max(0, attempt - self.doublings)))


@dataclass(frozen=True)
class Faults:
    """How badly to behave, for tests of whoever receives: every item twice, in (seeded) random order, late.

    `extra_delay_s` is the most an item is held back, in nominal seconds; without it only what is due together is
    shuffled.
    """

    duplicate: bool = False
    shuffle_seed: int | None = None
    extra_delay_s: float = 0.0


Send = Callable[[Delivery], Awaitable[int | Answer]]
"""Delivers once and returns the answer's status (2xx settles the item), or raises."""


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        target=row["target"],
        headers=json.loads(row["headers"]),
        body=bytes(row["body"]),
        attempt=row["attempt"],
        created_at=datetime.fromtimestamp(row["created"] / 1e6, UTC),
        due_at=datetime.fromtimestamp(row["due"] / 1e6, UTC) if row["due"] != _FORCED else clock.now(),
        last_status=row["last_status"],
    )


class DeliveryQueue:
    """A named queue of deliveries with retries; a queue of the same name finds its rows again after a restart.

    Args:
        state: where the rows live.
        name: the queue's name, unique within the state.
        send: delivers one item once.
        backoff: delays between attempts.
        max_age_s: nominal seconds after which a failed item is given up; None is never.
        max_attempts: failed attempts after which an item is given up; None is never.
        on_dead: called with a given-up delivery and the reason (`attempts` or `age`), in the transaction that
            deletes it.
        on_done: called with a delivered one, in the transaction that deletes it.
        concurrency: how many sends to one target may be under way.
        total_concurrency: how many sends may be under way in all.
        faults: knobs that make every later `put` misbehave; may be assigned at any time.
    """

    def __init__(
        self,
        state: State,
        name: str,
        *,
        send: Send,
        backoff: Backoff,
        max_age_s: float | None = None,
        max_attempts: int | None = None,
        on_dead: Callable[[Delivery, str], None] | None = None,
        on_done: Callable[[Delivery], None] | None = None,
        concurrency: int = 16,
        total_concurrency: int = 256,
        faults: Faults | None = None,
    ) -> None:
        self.name = name
        self.backoff = backoff
        self.max_age_s = max_age_s
        self.max_attempts = max_attempts
        self.concurrency = concurrency
        self.total_concurrency = total_concurrency
        self.faults = faults or Faults()
        self._state = state
        self._send = send
        self._on_dead = on_dead
        self._on_done = on_done
        self._paused = False
        self._stopping = False
        self._puts = 0
        self._looked_at = 0
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        for statement in _SCHEMA:
            state.connection.execute(statement)

    def put(
        self,
        *,
        target: str,
        headers: dict[str, str],
        body: bytes,
        not_before: datetime | None = None,
        key: str | None = None,
    ) -> str:
        """Store an item in the open transaction and return its id; it goes out after the commit.

        `key` names the item within the queue: while one of that key waits, another is not stored.
        """
        now = clock.now()
        due = _micros(max(now, not_before or now))
        with self._state.transaction() as db:
            waiting = (
                key is not None
                and db.execute("SELECT id FROM delivery_items WHERE queue = ? AND key = ?", (self.name, key)).fetchone()
            )
            if waiting:
                return str(waiting["id"])
            item_id = ids.new_id()
            for _ in range(2 if self.faults.duplicate else 1):
                late, rank = self._misbehave()
                db.execute(
                    "INSERT INTO delivery_items (queue, id, key, target, headers, body, due, rank, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(self.name, item_id, key, target, json.dumps(headers), body),
                        *(due + late, due if rank is None else rank, _micros(now)),
                    ),
                )
        self._wake_up()
        return item_id

    def remove(self, key: str) -> bool:
        """Forget the item of that key; an attempt under way goes on and settles nothing. Tells whether it was there."""
        with self._state.transaction() as db:
            deleted = db.execute("DELETE FROM delivery_items WHERE queue = ? AND key = ?", (self.name, key))
        return deleted.rowcount > 0

    def clear(self) -> None:
        """Forget all items."""
        with self._state.transaction() as db:
            db.execute("DELETE FROM delivery_items WHERE queue = ?", (self.name,))

    def force(self, key: str) -> None:
        """Send the item of that key now, even while the queue is paused."""
        with self._state.transaction() as db:
            db.execute(
                "UPDATE delivery_items SET due = ?, rank = ? WHERE queue = ? AND key = ?",
                (_FORCED, _FORCED, self.name, key),
            )
        self._wake_up()

    def pending(self) -> int:
        """How many items are not settled, those in flight included."""
        query = "SELECT count(*) FROM delivery_items WHERE queue = ?"
        return int(self._state.connection.execute(query, (self.name,)).fetchone()[0])

    @property
    def paused(self) -> bool:
        """Whether nothing but forced items goes out."""
        return self._paused

    @paused.setter
    def paused(self, value: bool) -> None:
        self._paused = value
        self._wake_up()

    async def run(self) -> None:
        """Deliver until `stop` is called or the task is cancelled, which breaks attempts under way off."""
        self._loop = asyncio.get_running_loop()
        try:
            while not self._stopping:
                self._wake.clear()
                while self._claim():
                    pass
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._seconds_to_next())
        except asyncio.CancelledError:
            await self.stop(grace_s=0)
            raise

    async def stop(self, grace_s: float = 10.0) -> None:
        """Start no further attempt, give those under way `grace_s` nominal seconds; the rest is due at next start."""
        self._stopping = True
        self._wake.set()
        tasks = list(self._in_flight.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=clock.seconds(grace_s))
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def give_up_reason(self, delivery: Delivery) -> str | None:
        """Why the delivery, whose attempt has just failed, is not tried again; None if it is."""
        if self.max_attempts is not None and delivery.attempt + 1 >= self.max_attempts:
            return "attempts"
        if self.max_age_s is not None and clock.now() - delivery.created_at >= clock.duration(self.max_age_s):
            return "age"
        return None

    def _misbehave(self) -> tuple[int, float | None]:
        """Microseconds of extra delay and the rank below 1 that overrides the order of due times, if any."""
        self._puts += 1
        seed = f"{self.faults.shuffle_seed}/{self.name}/{self._puts}"
        chance = random.Random(seed)  # noqa: S311 - reproducible disorder, not a secret
        late = round(chance.uniform(0, clock.seconds(self.faults.extra_delay_s)) * 1e6)
        return late, None if self.faults.shuffle_seed is None else chance.random()

    def _wake_up(self) -> None:
        """Look again once the transaction that is open now is closed: no transaction spans an await."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon(self._wake.set)

    def _open_targets(self) -> list[str]:
        """Targets that have items and take more, those with the fewest sends under way first."""
        targets = [row["target"] for row in self._state.connection.execute(_TARGETS, {"queue": self.name})]
        return sorted((each for each in targets if self._busy[each] < self.concurrency), key=lambda t: self._busy[t])

    def _claim(self) -> int:
        """Start what is due and allowed, and return how much that was."""
        self._looked_at = _micros(clock.now())
        latest = _FORCED if self._paused else self._looked_at
        started = 0
        for target in self._open_targets():
            free = min(
                _CLAIM_BATCH, self.concurrency - self._busy[target], self.total_concurrency - len(self._in_flight)
            )
            if free <= 0 or self._stopping:
                break
            rows = self._state.connection.execute(
                "SELECT * FROM delivery_items WHERE queue = ? AND target = ? AND rank <= ? AND due <= ? "
                "AND row NOT IN (SELECT value FROM json_each(?)) ORDER BY rank LIMIT ?",
                (self.name, target, latest, latest, json.dumps(list(self._in_flight)), free),
            ).fetchall()
            for row in rows:
                self._busy[target] += 1
                self._in_flight[row["row"]] = asyncio.create_task(self._deliver(row["row"], _delivery(row)))
            started += len(rows)
        return started

    def _seconds_to_next(self) -> float | None:
        """Real seconds to the next item whose target takes it; None if there is none: a change will wake us."""
        if self._stopping:
            return 0
        if self._paused or len(self._in_flight) >= self.total_concurrency:
            return None
        query = "SELECT min(due) FROM delivery_items WHERE queue = ? AND target = ? AND due > ?"
        found = (
            self._state.connection.execute(query, (self.name, target, self._looked_at)).fetchone()[0]
            for target in self._open_targets()
        )
        due = min((each for each in found if each is not None), default=None)
        return None if due is None else min(_LONGEST_SLEEP_S, max(0.0, due / 1e6 - clock.now().timestamp()))

    async def _deliver(self, row: int, delivery: Delivery) -> None:
        try:
            answer = await self._attempt(delivery)
            try:
                self._settle(row, delivery, answer)
            except Exception:  # noqa: BLE001 - a hook failed and its transaction is undone: the item is due again
                logs.get_logger().error("delivery_not_settled", queue=self.name, delivery=delivery.id, exc_info=True)
                await clock.sleep(self.backoff.maximum)
        finally:
            del self._in_flight[row]
            self._busy[delivery.target] -= 1
            if not self._busy[delivery.target]:
                del self._busy[delivery.target]
            self._wake.set()

    async def _attempt(self, delivery: Delivery) -> Answer:
        try:
            answer = await self._send(delivery)
        except Exception as error:  # noqa: BLE001 - whatever a target does wrong is answered by a retry
            logs.get_logger().warning(
                "delivery_failed",
                queue=self.name,
                delivery=delivery.id,
                attempt=delivery.attempt,
                error=type(error).__name__,
            )
            return Answer(0)
        return Answer(answer) if isinstance(answer, int) else answer

    def _settle(self, row: int, delivery: Delivery, answer: Answer) -> None:
        """Delete what was delivered or is given up, schedule the rest; nothing if it was removed meanwhile."""
        with self._state.transaction() as db:
            done = 200 <= answer.status < 300  # noqa: PLR2004 - HTTP's success class
            reason = None if done else self.give_up_reason(delivery)
            if not done and reason is None:
                wait = max(self.backoff.delay(delivery.attempt), answer.retry_after_s)
                due = _micros(clock.now() + clock.duration(wait))
                db.execute(
                    "UPDATE delivery_items SET attempt = ?, last_status = ?, due = ?, "
                    "rank = CASE WHEN rank < 1 THEN rank ELSE ? END WHERE row = ?",
                    (delivery.attempt + 1, answer.status or None, due, due, row),
                )
            elif db.execute("DELETE FROM delivery_items WHERE row = ?", (row,)).rowcount:
                if done and self._on_done:
                    self._on_done(delivery)
                if reason and self._on_dead:
                    self._on_dead(delivery, reason)
