"""Versions: the past can be read for an hour and is forgotten then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.core import clock
from local.firestore.messages import Document, Value
from local.firestore.records import Record, RecordCache
from local.firestore.store import Change, Scope, Store
from local.firestore.times import to_timestamp
from local.state import State

DATABASE = "projects/p/databases/(default)"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state.db")
    yield state
    state.close()


def put(state: State, store: Store, path: str, number: int | None) -> int:
    """Write or delete a document and return when."""
    time_us = store.tick()
    record = store.get(DATABASE, path)
    new = None
    if number is not None:
        new = Document(name=f"{DATABASE}/documents/{path}", fields={"n": Value(integer_value=number)})
        new.update_time.CopyFrom(to_timestamp(time_us))
    change = Change(DATABASE, path, record.document if record else None, new, time_us)
    with state.transaction():
        store.apply([change])
    store.remember([change])
    return time_us


def number_at(store: Store, path: str, at_us: int | None = None) -> int | None:
    record = store.get(DATABASE, path, at_us)
    return None if record is None else int(record.document.fields["n"].integer_value)


def test_every_version_is_seen_at_its_time(state: State) -> None:
    store = Store(state)
    before = store.tick()
    first = put(state, store, "a/x", 1)
    second = put(state, store, "a/x", 2)
    gone = put(state, store, "a/x", None)
    again = put(state, store, "a/x", 3)
    times = [before, first, second - 1, second, gone, again, None]
    assert [number_at(store, "a/x", at_us) for at_us in times] == [None, 1, 1, 2, None, 3, 3]
    for at_us, expected in zip(times, [[], [1], [1], [2], [], [3], [3]], strict=True):
        scanned = store.scan(Scope(DATABASE, collection="a"), at_us)
        assert [record.document.fields["n"].integer_value for record in scanned] == expected


def test_times_grow_even_over_a_restart(state: State) -> None:
    store = Store(state)
    last = max(put(state, store, "a/x", number) for number in range(50))
    assert Store(state).tick() > last


def test_versions_older_than_an_hour_are_forgotten(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_SCALE", "1000000")  # an hour passes in 3.6 ms
    clock.scale.cache_clear()
    try:
        store = Store(state)
        for number in range(1500):
            put(state, store, "a/x", number)
        (kept,) = state.connection.execute("SELECT count(*) FROM firestore_history").fetchone()
        assert kept < 1100
        assert number_at(store, "a/x") == 1499
    finally:
        clock.scale.cache_clear()


def test_the_cache_keeps_what_was_used_last_within_its_size() -> None:
    cache = RecordCache(capacity_bytes=30)
    for name in "abcd":
        cache.put(DATABASE, Record(f"a/{name}", Document(), 10))
    assert [cache.get(DATABASE, f"a/{name}") is not None for name in "abcd"] == [False, True, True, True]
    cache.put(DATABASE, Record("a/b", Document(), 30))
    assert [cache.get(DATABASE, f"a/{name}") is not None for name in "abcd"] == [False, True, False, False]
