"""What was not stored is not taken for stored: neither by who writes nor by who writes next."""

import sqlite3
from pathlib import Path

import pytest

from local.state import State


def stored(path: Path) -> list[int]:
    """As a process finds it that comes later."""
    state = State(path)
    found = [row["number"] for row in state.connection.execute("SELECT number FROM kept ORDER BY number")]
    state.close()
    return found


def keep(state: State, number: int, *, text: str = "") -> None:
    with state.transaction() as db:
        db.execute("INSERT INTO kept VALUES (?, ?)", (number, text))


def test_a_full_disk_is_told_as_such_and_what_comes_when_there_is_room_is_stored(tmp_path: Path) -> None:
    state = State(tmp_path / "cloud.db")
    state.connection.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, text TEXT)")
    keep(state, 1)
    state.connection.execute("PRAGMA max_page_count=20")
    for number in (2, 3):
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            keep(state, number, text="x" * 200_000)
    state.connection.execute("PRAGMA max_page_count=1000")
    keep(state, 4, text="x" * 200_000)
    state.close()
    assert stored(tmp_path / "cloud.db") == [1, 4]


def test_what_cannot_be_committed_does_not_take_what_comes_later_with_it(tmp_path: Path) -> None:
    state = State(tmp_path / "cloud.db")
    state.connection.execute("PRAGMA foreign_keys=ON")
    deferred = "INTEGER REFERENCES kept DEFERRABLE INITIALLY DEFERRED"
    state.connection.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, text TEXT)")
    state.connection.execute(f"CREATE TABLE refused (number {deferred})")
    with pytest.raises(sqlite3.IntegrityError), state.transaction() as db:
        db.execute("INSERT INTO refused VALUES (7)")
    keep(state, 1)
    state.close()
    assert stored(tmp_path / "cloud.db") == [1]
