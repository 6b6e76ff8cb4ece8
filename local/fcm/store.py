"""What was sent, newest last, and which tokens nobody has any more."""

import json
from typing import Any

from common.core import clock, ids
from local.state import State

KEPT = 1000
"""Messages; older ones go."""
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS fcm_messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, token TEXT NOT NULL, sent_at TEXT NOT NULL,
    message TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS fcm_messages_by_token ON fcm_messages (token, number)",
    "CREATE TABLE IF NOT EXISTS fcm_unregistered (token TEXT PRIMARY KEY)",
)


class Outbox:
    """Messages as they were taken."""

    def __init__(self, state: State) -> None:
        self._state = state
        for statement in _SCHEMA:
            state.connection.execute(statement)

    def add(self, message: dict[str, Any], *, project: str) -> str:
        """Keep a message; its name."""
        name = f"projects/{project}/messages/{ids.new_id()}"
        row = (name, str(message.get("token", "")), clock.now().isoformat(), json.dumps(message))
        with self._state.transaction() as db:
            db.execute("INSERT INTO fcm_messages (name, token, sent_at, message) VALUES (?, ?, ?, ?)", row)
            db.execute("DELETE FROM fcm_messages WHERE number <= (SELECT MAX(number) FROM fcm_messages) - ?", (KEPT,))
        return name

    def list_newest(self, *, token: str | None, limit: int) -> list[dict[str, Any]]:
        """The newest messages first, of one token if one is named."""
        rows = self._state.connection.execute(
            "SELECT name, sent_at, message FROM fcm_messages WHERE ? IN ('', token) ORDER BY number DESC LIMIT ?",
            (token or "", limit),
        )
        return [{"name": row["name"], "sent_at": row["sent_at"], **json.loads(row["message"])} for row in rows]

    def unregister(self, token: str) -> None:
        """Nobody has this token any more: the app was removed."""
        with self._state.transaction() as db:
            db.execute("INSERT OR IGNORE INTO fcm_unregistered VALUES (?)", (token,))

    def is_registered(self, token: str) -> bool:
        """Whether anybody may have it."""
        found = self._state.connection.execute("SELECT 1 FROM fcm_unregistered WHERE token = ?", (token,))
        return found.fetchone() is None
