"""The tables of Pub/Sub: topics, subscriptions, messages, and which subscription still owes which message."""

import secrets
import sqlite3
from collections.abc import Sequence
from typing import Any

from google.pubsub_v1 import types

from common.core import clock
from local.pubsub.names import DELETED_TOPIC
from local.state import State

_Topic = types.Topic.pb()
_Subscription = types.Subscription.pb()
_Message = types.PubsubMessage.pb()
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS pubsub_topics (name TEXT PRIMARY KEY, topic BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS pubsub_subscriptions (
    name TEXT PRIMARY KEY, topic TEXT NOT NULL, subscription BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS pubsub_by_topic ON pubsub_subscriptions (topic, name)",
    """CREATE TABLE IF NOT EXISTS pubsub_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message BLOB NOT NULL, published INTEGER NOT NULL)""",
    # What is owed: `due` is when it may go out (again), `attempts` how often it did, `acked` only what is retained.
    """CREATE TABLE IF NOT EXISTS pubsub_owed (
    subscription TEXT NOT NULL, message INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    ack_id TEXT, acked INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (subscription, message)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS pubsub_owed_due ON pubsub_owed (subscription, acked, due)",
    "CREATE UNIQUE INDEX IF NOT EXISTS pubsub_owed_ack ON pubsub_owed (ack_id) WHERE ack_id IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS pubsub_owed_message ON pubsub_owed (message)",
)


def micros(ahead_s: float = 0.0) -> int:
    """The instant `ahead_s` nominal seconds from now, in microseconds of the epoch."""
    return round((clock.now() + clock.duration(ahead_s)).timestamp() * 1e6)


class PubsubStore:
    """Topics, subscriptions and messages as protobuf."""

    def __init__(self, state: State) -> None:
        self.state = state
        for statement in _SCHEMA:
            state.connection.execute(statement)

    def find_topic(self, name: str) -> Any | None:
        """The topic of that name."""
        row = self._one("SELECT topic FROM pubsub_topics WHERE name = ?", name)
        return _Topic.FromString(row["topic"]) if row else None

    def save_topic(self, topic: Any) -> None:
        """Create or replace a topic."""
        with self.state.transaction() as db:
            db.execute("INSERT OR REPLACE INTO pubsub_topics VALUES (?, ?)", (topic.name, topic.SerializeToString()))

    def delete_topic(self, name: str) -> None:
        """Delete a topic; its subscriptions keep what they have and get nothing more."""
        with self.state.transaction() as db:
            for subscription in self.list_subscriptions(topic=name):
                subscription.topic = DELETED_TOPIC
                self.save_subscription(subscription)
            db.execute("DELETE FROM pubsub_topics WHERE name = ?", (name,))

    def list_topics(self, project: str, *, after: str, limit: int) -> list[Any]:
        """Topics of `projects/PROJECT` in the order of their names."""
        rows = self.state.connection.execute(
            "SELECT topic FROM pubsub_topics WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
            (after, len(project) + 1, project + "/", limit),
        )
        return [_Topic.FromString(row["topic"]) for row in rows]

    def find_subscription(self, name: str) -> Any | None:
        """The subscription of that name."""
        row = self._one("SELECT subscription FROM pubsub_subscriptions WHERE name = ?", name)
        return _Subscription.FromString(row["subscription"]) if row else None

    def save_subscription(self, subscription: Any) -> None:
        """Create or replace a subscription."""
        with self.state.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO pubsub_subscriptions VALUES (?, ?, ?)",
                (subscription.name, subscription.topic, subscription.SerializeToString()),
            )

    def delete_subscription(self, name: str) -> None:
        """Delete a subscription and what it is owed."""
        with self.state.transaction() as db:
            db.execute("DELETE FROM pubsub_subscriptions WHERE name = ?", (name,))
            db.execute("DELETE FROM pubsub_owed WHERE subscription = ?", (name,))
            self.delete_unowed()

    def list_subscriptions(self, *, project: str = "", topic: str = "", after: str = "", limit: int = -1) -> list[Any]:
        """Subscriptions of a project, of a topic, or all, in the order of their names."""
        prefix = project and project + "/"
        rows = self.state.connection.execute(
            "SELECT subscription FROM pubsub_subscriptions WHERE name > ? AND substr(name, 1, ?) = ? "
            "AND ? IN ('', topic) ORDER BY name LIMIT ?",
            (after, len(prefix), prefix, topic, limit),
        )
        return [_Subscription.FromString(row["subscription"]) for row in rows]

    def add_message(self, message: Any) -> None:
        """Store a message under a new id, which it is given together with the publish time."""
        with self.state.transaction() as db:
            now = clock.now()
            message.publish_time.FromDatetime(now)
            stored = db.execute(
                "INSERT INTO pubsub_messages (message, published) VALUES (x'', ?)", (round(now.timestamp() * 1e6),)
            )
            message.message_id = str(stored.lastrowid)
            db.execute(
                "UPDATE pubsub_messages SET message = ? WHERE id = ?", (message.SerializeToString(), stored.lastrowid)
            )

    def message(self, message_id: str) -> Any:
        """A stored message."""
        row = self._one("SELECT message FROM pubsub_messages WHERE id = ?", int(message_id))
        return _Message.FromString(row["message"]) if row else _Message()

    def delete_message(self, message_id: str) -> None:
        """Delete a message nobody is owed."""
        with self.state.transaction() as db:
            db.execute("DELETE FROM pubsub_messages WHERE id = ?", (int(message_id),))

    def owe(self, subscription: str, message_id: str) -> None:
        """Note that a subscription is to get a message."""
        with self.state.transaction() as db:
            db.execute(
                "INSERT INTO pubsub_owed (subscription, message, due) VALUES (?, ?, ?)",
                (subscription, int(message_id), micros()),
            )

    def due(self, subscription: Any, limit: int) -> list[tuple[Any, int]]:
        """What may go out to a subscription now, with the attempts so far; what is too old is deleted."""
        self._expire(subscription)
        rows = self.state.connection.execute(
            "SELECT m.message AS message, o.attempts AS attempts FROM pubsub_owed o JOIN pubsub_messages m "
            "ON m.id = o.message WHERE o.subscription = ? AND o.acked = 0 AND o.due <= ? ORDER BY o.due, m.id LIMIT ?",
            (subscription.name, micros(), limit),
        )
        return [(_Message.FromString(row["message"]), row["attempts"]) for row in rows]

    def outstanding(self, subscription: str) -> list[tuple[Any, int]]:
        """All a subscription is owed, with the attempts so far."""
        rows = self.state.connection.execute(
            "SELECT m.message AS message, o.attempts AS attempts FROM pubsub_owed o JOIN pubsub_messages m "
            "ON m.id = o.message WHERE o.subscription = ? AND o.acked = 0 ORDER BY m.id",
            (subscription,),
        )
        return [(_Message.FromString(row["message"]), row["attempts"]) for row in rows]

    def next_due(self, subscription: str, *, after: int = 0) -> int | None:
        """When the next message may go out, later than `after`, microseconds of the epoch; None if none will."""
        query = "SELECT min(due) AS due FROM pubsub_owed WHERE subscription = ? AND acked = 0 AND due > ?"
        row = self._one(query, subscription, after)
        return row["due"] if row else None

    def lease(self, subscription: str, message_id: str, *, attempts: int, due: int) -> str:
        """Note that an attempt goes out; returns the id by which it is acknowledged before it is `due` again."""
        ack_id = f"{message_id}:{attempts}:{secrets.token_urlsafe(12)}"
        with self.state.transaction() as db:
            db.execute(
                "UPDATE pubsub_owed SET ack_id = ?, attempts = ?, due = ? WHERE subscription = ? AND message = ?",
                (ack_id, attempts, due, subscription, int(message_id)),
            )
        return ack_id

    def find_leased(self, subscription: str, ack_id: str) -> tuple[str, int] | None:
        """The message id and the attempts behind an ack id that is still valid."""
        row = self._one(
            "SELECT message, attempts FROM pubsub_owed WHERE subscription = ? AND ack_id = ? AND acked = 0",
            subscription,
            ack_id,
        )
        return (str(row["message"]), row["attempts"]) if row else None

    def still_leased(self, ack_ids: Sequence[str]) -> set[str]:
        """Which of these ack ids stand for a lease that has not ended."""
        now = micros()
        found = (self._one("SELECT 1 FROM pubsub_owed WHERE ack_id = ? AND due > ?", ack_id, now) for ack_id in ack_ids)
        return {ack_id for ack_id, row in zip(ack_ids, found, strict=True) if row}

    def extend(self, ack_id: str, due: int) -> None:
        """Let a lease end at that time."""
        with self.state.transaction() as db:
            db.execute("UPDATE pubsub_owed SET due = ? WHERE ack_id = ?", (due, ack_id))

    def give_back(self, subscription: str, message_id: str, due: int) -> None:
        """End a message's lease and let it go out again at that time."""
        with self.state.transaction() as db:
            db.execute(
                "UPDATE pubsub_owed SET due = ?, ack_id = NULL WHERE subscription = ? AND message = ?",
                (due, subscription, int(message_id)),
            )

    def settle(self, subscription: Any, message_id: str) -> None:
        """A subscription got a message: forget it, or retain it for a seek."""
        key = (subscription.name, int(message_id))
        with self.state.transaction() as db:
            if subscription.retain_acked_messages:
                db.execute("UPDATE pubsub_owed SET acked = 1 WHERE subscription = ? AND message = ?", key)
                return
            db.execute("DELETE FROM pubsub_owed WHERE subscription = ? AND message = ?", key)
            if not self._one("SELECT 1 FROM pubsub_owed WHERE message = ?", key[1]):
                db.execute("DELETE FROM pubsub_messages WHERE id = ?", (key[1],))

    def seek(self, subscription: Any, moment: int) -> None:
        """Take what was published before `moment` (microseconds) for acknowledged, and what is retained since not."""
        older = "message IN (SELECT id FROM pubsub_messages WHERE published < ?)"
        with self.state.transaction() as db:
            if subscription.retain_acked_messages:
                db.execute(
                    f"UPDATE pubsub_owed SET acked = 1 WHERE subscription = ? AND {older}",  # noqa: S608 - a constant
                    (subscription.name, moment),
                )
            else:
                db.execute(
                    f"DELETE FROM pubsub_owed WHERE subscription = ? AND {older}",  # noqa: S608 - a constant
                    (subscription.name, moment),
                )
            db.execute(
                "UPDATE pubsub_owed SET acked = 0, due = ?, attempts = 0 WHERE subscription = ? AND acked = 1 "
                "AND message IN (SELECT id FROM pubsub_messages WHERE published >= ?)",
                (micros(), subscription.name, moment),
            )
            self.delete_unowed()

    def delete_unowed(self) -> None:
        """Delete messages nobody is owed."""
        with self.state.transaction() as db:
            db.execute("DELETE FROM pubsub_messages WHERE id NOT IN (SELECT message FROM pubsub_owed)")

    def _expire(self, subscription: Any) -> None:
        oldest = micros(-subscription.message_retention_duration.ToTimedelta().total_seconds())
        first = self._one("SELECT published FROM pubsub_messages ORDER BY id LIMIT 1")
        if first is None or first["published"] >= oldest:
            return
        with self.state.transaction() as db:
            db.execute(
                "DELETE FROM pubsub_owed WHERE subscription = ? "
                "AND message IN (SELECT id FROM pubsub_messages WHERE published < ?)",
                (subscription.name, oldest),
            )
            self.delete_unowed()

    def _one(self, query: str, *values: str | int) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.state.connection.execute(query, values).fetchone()
        return row
