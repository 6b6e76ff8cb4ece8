"""What the local index finds, whatever was written, replaced and removed in between."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from local.state import State
from local.vectors import scoring
from local.vectors.contents import Contents
from local.vectors.filters import compile_filter
from local.vectors.records import Record, Sparse, sparse_index
from local.vectors.store import RecordStore

_FILTERS: list[dict[str, Any]] = [
    {},
    {"uid": "a"},
    {"uid": {"$eq": "b"}, "memory_id": "m1"},
    {"uid": "a", "at": {"$gte": 3, "$lt": 7}},
    {"at": {"$lte": 4.0}},
    {"uid": "a", "topics": {"$in": ["x"]}},
    {"$or": [{"uid": "b"}, {"at": 5}]},
    {"uid": {"$ne": "a"}, "memory_id": {"$eq": "m2"}},
]


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    store = RecordStore(State(tmp_path / "state.sqlite"))
    store.open_index("hybrid", sparse_index())
    assert store.make_namespace(index="hybrid", name="n") == 1
    return Contents(store, "dotproduct")


def _record(chance: random.Random) -> Record:
    uid = chance.choice(["a", "a", "b", ["a", "b"], None])
    metadata: dict[str, Any] = {"memory_id": f"m{chance.randrange(4)}", "at": chance.choice([*range(9), "soon", True])}
    if uid is not None:
        metadata["uid"] = uid
    if chance.random() < 0.5:
        metadata["topics"] = ["x", "y"][: chance.randrange(3)]
    dense = np.asarray([chance.randrange(-3, 4), chance.randrange(1, 4)], np.float32)
    terms = sorted(chance.sample(range(6), chance.randrange(1, 4)))
    sparse = Sparse(np.asarray(terms, np.uint32), np.ones(len(terms), np.float32))
    return Record(f"r{chance.randrange(60):02d}", dense, sparse if chance.random() < 0.7 else None, metadata)


def _expected(
    known: dict[str, Record], wanted: dict[str, Any], dense: list[float], terms: set[int]
) -> list[tuple[float, str]]:
    accepts = compile_filter(wanted).accepts
    found = []
    for record in known.values():
        if accepts(record.metadata or {}):
            assert record.dense is not None
            shared = 0 if record.sparse is None else len(terms & set(record.sparse.indices.tolist()))
            found.append((float(record.dense @ np.asarray(dense, np.float32)) + shared, record.id))
    return sorted(found, key=lambda each: (-each[0], each[1]))


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_looking_at_every_record_would(contents: Contents, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    known: dict[str, Record] = {}
    for _ in range(120):
        written = {record.id: record for record in (_record(chance) for _ in range(chance.randrange(4)))}
        contents.put(1, list(written.values()))
        known |= written
        gone = chance.sample(sorted(known), min(len(known), chance.randrange(3)))
        contents.remove(1, gone)
        known = {name: record for name, record in known.items() if name not in gone}
        wanted = chance.choice(_FILTERS)
        accepted = compile_filter(wanted)
        dense, terms = [1.0, float(chance.randrange(3))], {chance.randrange(6), chance.randrange(6)}
        query = Sparse(np.asarray(sorted(terms), np.uint32), np.ones(len(terms), np.float32))
        expected = _expected(known, wanted, dense, terms)
        found = contents.nearest(1, accepted, dense=np.asarray(dense, np.float32), sparse=query, top_k=7)
        assert [(score, record.id) for score, record in found] == expected[:7]
        assert [record.id for record in contents.matching(1, accepted)] == sorted(name for _, name in expected)


def test_a_write_costs_the_same_however_many_there_are(contents: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    begin = scoring.Part.__init__

    def counted(part: scoring.Part, records: list[Record], metric: Any) -> None:
        taken.append(len(records))
        begin(part, records, metric)

    monkeypatch.setattr(scoring.Part, "__init__", counted)
    everything = compile_filter({"uid": "a"})
    north = np.asarray([0.0, 1.0], np.float32)

    def write(number: int) -> None:
        contents.put(1, [Record(f"{number:04d}", north, None, {"uid": "a"})])
        [(_, first)] = contents.nearest(1, everything, dense=north, sparse=None, top_k=1)
        assert first.id == "0000"

    contents.put(1, [Record(f"{number:04d}", north, None, {"uid": "a"}) for number in range(1000)])
    for number in range(1000, 1200):
        write(number)
    assert sum(taken) < 1000 + 200 * 10
