"""The durable state of the local cloud: one SQLite file, one connection, one thread.

Every server of the local cloud lives in one event loop and keeps its tables here, so that a document, the event it
causes and the delivery of that event are committed together or not at all. Code inside `transaction` never awaits.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class State:
    """An open database file; survives `kill -9` at any point (WAL)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.execute("PRAGMA busy_timeout=5000")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what the body does as one; a nested call joins the transaction that is already open."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # where the disk is full SQLite has undone it by itself
                self.connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Release the file."""
        self.connection.close()
