"""Access paths give the result a scan gives, whatever is written meanwhile."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore_v1.types import query as types

from local.firestore.commits import Committer
from local.firestore.errors import RefusedError
from local.firestore.lookups import Lookups
from local.firestore.messages import Document, StructuredQuery, Value, Write
from local.firestore.query import Query
from local.firestore.runner import QueryRunner
from local.firestore.store import Store
from local.state import State

DATABASE = "projects/p/databases/(default)"
ROOT = f"{DATABASE}/documents"
FIELDS = ("a", "b", "c.d", "tags", "__name__")


class Pair:
    """One store read in two ways: only by scanning, and by access paths wherever possible."""

    def __init__(self, path: Path) -> None:
        self.state = State(path)
        self.store = Store(self.state)
        self.lookups = Lookups(self.state)
        self.committer = Committer(self.state, self.store, self.lookups, None)
        self.scanning = QueryRunner(self.store, Lookups(self.state), worthwhile=10**9)
        self.reading = QueryRunner(self.store, self.lookups, worthwhile=0)

    def write(self, path: str, fields: dict[str, Value] | None) -> None:
        name = f"{ROOT}/{path}"
        write = Write(delete=name) if fields is None else Write(update=Document(name=name, fields=fields))
        self.committer.commit(DATABASE, [write])

    def fill(self) -> None:
        while self.lookups.fill():
            pass


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path / "state.db")
    yield pair
    pair.state.close()


def value(chooser: random.Random) -> Value:
    return chooser.choice(
        [
            Value(integer_value=chooser.randint(-2, 3)),
            Value(integer_value=2**53 + chooser.randint(0, 2)),
            Value(double_value=chooser.choice([-1.5, 0.0, -0.0, 2.0, float("nan"), float("inf"), 2.0**53])),
            Value(string_value=chooser.choice(["", "a", "a\x00", "ab", "é", "\U0001f600"])),
            Value(boolean_value=chooser.random() < 0.5),
            Value(null_value=0),
        ]
    )


def fields(chooser: random.Random) -> dict[str, Value]:
    content: dict[str, Value] = {}
    if chooser.random() < 0.9:
        content["a"] = value(chooser)
    if chooser.random() < 0.9:
        content["b"] = value(chooser)
    if chooser.random() < 0.7:
        inner = Value()
        inner.map_value.fields["d"].CopyFrom(value(chooser))
        content["c"] = inner
    if chooser.random() < 0.7:
        tags = Value()
        tags.array_value.values.extend(value(chooser) for _ in range(chooser.randint(0, 3)))
        content["tags"] = tags
    return content


def document_path(chooser: random.Random) -> str:
    return f"users/u{chooser.randint(1, 2)}/things/{chooser.choice(['x', '__id7__', 'y'])}{chooser.randint(0, 60)}"


def condition(chooser: random.Random) -> dict[str, Any]:
    field = chooser.choice(FIELDS)
    operator = chooser.choice([1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 10])
    if field == "__name__":
        operator = chooser.choice([1, 2, 3, 4])
        operand: Any = Value(reference_value=f"{ROOT}/users/u1/things/x{chooser.randint(0, 60)}")
    elif operator in {8, 9, 10}:
        operand = Value()
        operand.array_value.values.extend(value(chooser) for _ in range(chooser.randint(1, 3)))
    else:
        operand = value(chooser)
    raw = types.StructuredQuery.FieldFilter.pb()(op=operator, value=operand)
    raw.field.field_path = field
    return {"field_filter": raw}


def random_query(chooser: random.Random) -> Query:
    group = chooser.random() < 0.3
    message = StructuredQuery()
    message.from_.add(collection_id="things", all_descendants=group)
    conditions = [condition(chooser) for _ in range(chooser.randint(0, 3))]
    if conditions:
        message.where.composite_filter.op = chooser.choice([1, 1, 2])
        for part in conditions:
            message.where.composite_filter.filters.add(**part)
    for field in chooser.sample(FIELDS, chooser.randint(0, 2)):
        order = message.order_by.add(direction=chooser.choice([1, 2]))
        order.field.field_path = field
    if message.order_by and message.order_by[0].field.field_path != "__name__" and chooser.random() < 0.4:
        cursor = chooser.choice([message.start_at, message.end_at])
        cursor.values.append(value(chooser))
        cursor.before = chooser.random() < 0.5
    if chooser.random() < 0.5:
        message.limit.value = chooser.randint(0, 20)
        message.offset = chooser.choice([0, 0, 3])
    return Query(ROOT if group and chooser.random() < 0.5 else f"{ROOT}/users/u1", message)


@pytest.mark.parametrize("seed", range(4))
def test_access_paths_and_scans_agree_on_random_queries(pair: Pair, seed: int) -> None:
    chooser = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(90):
        pair.write(document_path(chooser), fields(chooser))
    read = 0
    for step in range(120):
        try:
            query = random_query(chooser)
        except RefusedError:
            continue
        pair.reading.run(query)
        if step % 5 == 0:
            pair.lookups.fill()  # leaves some half filled while documents change
        for _ in range(2):
            pair.write(document_path(chooser), fields(chooser) if chooser.random() < 0.7 else None)
        if step % 2 == 0:
            pair.fill()
        expected = [record.path for record in pair.scanning.run(query)]
        assert [record.path for record in pair.reading.run(query)] == expected, query.message
        assert pair.reading.count(query) == len(expected), query.message
        read += 1
    assert read > 50
    assert len(pair.lookups._existing) > 5


def test_a_path_built_once_is_used_after_a_restart(pair: Pair) -> None:
    for number in range(20):
        pair.write(f"users/u1/things/{number}", {"a": Value(integer_value=number)})
    message = StructuredQuery()
    message.from_.add(collection_id="things")
    message.order_by.add(direction=2).field.field_path = "a"
    message.limit.value = 3
    query = Query(f"{ROOT}/users/u1", message)
    pair.reading.run(query)
    pair.fill()
    reopened = Lookups(pair.state)
    assert [path.orders for path in reopened._existing] == [tuple(query.orders)]
    found = QueryRunner(pair.store, reopened).run(query)
    assert [record.path.rpartition("/")[2] for record in found] == ["19", "18", "17"]


def test_a_path_that_was_half_filled_is_dropped_at_a_restart(pair: Pair) -> None:
    for number in range(5):
        pair.write(f"users/u1/things/{number}", {"a": Value(integer_value=number)})
    message = StructuredQuery()
    message.from_.add(collection_id="things")
    message.limit.value = 1
    pair.reading.run(Query(f"{ROOT}/users/u1", message))
    assert len(pair.lookups._existing) == 1
    assert not Lookups(pair.state)._existing


def _everything_below(collection: str, *, after: str | None = None, limit: int = 5) -> Query:
    """As the library asks for a page of all documents below a collection."""
    message = StructuredQuery()
    message.from_.add(all_descendants=True)
    least = "__id-9223372036854775808__"
    start = after or f"users/u1/{collection}/{least}"
    message.start_at.values.append(Value(reference_value=f"{ROOT}/{start}"))
    message.start_at.before = after is None
    message.end_at.values.append(Value(reference_value=f"{ROOT}/users/u1/{collection}\x00/{least}"))
    message.end_at.before = True
    message.limit.value = limit
    return Query(f"{ROOT}/users/u1", message)


def test_everything_below_a_collection_is_read_page_by_page_without_the_rest(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooser = random.Random(1)  # noqa: S311 - not for secrets
    paths = [f"users/u{n % 2 + 1}/{kind}/x{n}" for n in range(40) for kind in ("things", "other", "things/t/below")]
    for path in paths:
        pair.write(path, fields(chooser))
    pair.reading.run(_everything_below("things"))
    pair.fill()
    pair.write("users/u1/things/later", fields(chooser))
    pair.write("users/u1/things/x2", None)
    expected = [record.path for record in pair.scanning.run(_everything_below("things", limit=1000))]
    monkeypatch.setattr(pair.store, "scan", lambda *_: pytest.fail("it was scanned"))
    found: list[str] = []
    while page := [
        each.path for each in pair.reading.run(_everything_below("things", after=found[-1] if found else None))
    ]:
        found += page
    assert found == expected
    assert {"users/u1/things/later", "users/u1/things/t/below/x4"} <= set(found)
    assert len(found) == 20 + 20 + 1 - 1
