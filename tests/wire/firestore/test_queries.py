"""Queries through the real client."""

import datetime as dt
import math
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
MIXED: dict[str, object] = {
    "null": None,
    "false": False,
    "true": True,
    "nan": math.nan,
    "minus": -1.5,
    "one": 1,
    "one_and_a_bit": 1.0000001,
    "big": 2**53 + 1,
    "bigger": 2**53 + 2,
    "time": NOON,
    "text": "a",
    "longer": "ab",
    "zero_byte": "a\x00",
    "accent": "é",
    "emoji": "\U0001f600",
    "private": "\uffee",
    "raw": b"\x00",
    "place": firestore.GeoPoint(1, 2),
    "list": [1],
    "list_longer": [1, None],
    "vector": Vector([1.0]),
    "vector_long": Vector([0.0, 0.0]),
    "map": {"a": 1},
    "map_b": {"a": 1, "b": 0},
    "map_bigger": {"b": 0},
}


def ids(query: Any) -> list[str]:
    return [snapshot.id for snapshot in query.stream()]


def where(query: Any, field: str, operator: str, value: object) -> Any:
    return query.where(filter=firestore.FieldFilter(field, operator, value))


@pytest.fixture
def mixed(db: Any) -> Any:
    batch = db.batch()
    for name, value in MIXED.items():
        batch.set(db.document(f"mixed/{name}"), {"v": value})
    batch.set(db.document("mixed/lacking"), {"w": 1})
    batch.commit()
    return db.collection("mixed")


def test_values_of_all_types_are_ordered(mixed: Any) -> None:
    expected = [
        "null", "false", "true", "nan", "minus", "one", "one_and_a_bit", "big", "bigger", "time", "text", "zero_byte",
        "longer", "accent", "private", "emoji", "raw", "place", "list", "list_longer", "vector", "vector_long", "map",
        "map_b", "map_bigger",
    ]  # fmt: skip
    assert ids(mixed.order_by("v")) == expected
    assert ids(mixed.order_by("v", direction="DESCENDING")) == expected[::-1]


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("==", 1.0, {"one"}),
        ("==", None, {"null"}),
        ("==", math.nan, {"nan"}),
        ("==", [1], {"list"}),
        ("==", {"a": 1}, {"map"}),
        (">", 1, {"one_and_a_bit", "big", "bigger"}),
        ("<=", 1, {"minus", "one"}),
        (">=", 2**53 + 2, {"bigger"}),
        ("<", "b", {"text", "longer", "zero_byte"}),
        (">", False, {"true"}),
        ("in", [1, "a", None], {"one", "text"}),
        ("array_contains", 1, {"list", "list_longer"}),
        ("array_contains_any", [1, 2], {"list", "list_longer"}),
        ("not-in", [1, "a"], set(MIXED) - {"one", "text", "null"}),
        ("not-in", [1, None], set()),
        ("!=", 1, set(MIXED) - {"one", "null"}),
        ("!=", None, set(MIXED) - {"null"}),
        ("!=", math.nan, set(MIXED) - {"nan", "null"}),
    ],
)
def test_filters_compare_within_a_type(mixed: Any, operator: str, value: object, expected: set[str]) -> None:
    assert set(ids(where(mixed, "v", operator, value))) == expected


@pytest.fixture
def cities(db: Any) -> Any:
    rows = {
        "a": {"country": "AT", "size": 3, "tags": ["river", "hill"], "name": {"short": "A"}},
        "b": {"country": "AT", "size": 1, "tags": ["river"], "name": {"short": "B"}},
        "c": {"country": "DE", "size": 2, "tags": [], "name": {"short": "C"}},
        "d": {"country": "DE", "size": 5, "tags": ["sea"], "name": {"short": "D"}},
        "e": {"country": "FR", "size": 5},
    }
    for name, row in rows.items():
        db.document(f"cities/{name}").set(row)
    return db.collection("cities")


def test_conditions_combine(cities: Any) -> None:
    assert ids(where(where(cities, "country", "==", "DE"), "size", ">", 2)) == ["d"]
    either = firestore.Or([firestore.FieldFilter("country", "==", "FR"), firestore.FieldFilter("size", "<", 2)])
    assert ids(cities.where(filter=either)) == ["b", "e"]
    both = firestore.And([either, firestore.FieldFilter("country", "in", ["AT", "DE"])])
    assert ids(cities.where(filter=both)) == ["b"]


def test_an_inequality_orders_by_its_field(cities: Any) -> None:
    assert ids(where(cities, "size", ">=", 2)) == ["c", "a", "d", "e"]
    assert ids(where(where(cities, "size", ">", 0), "country", "!=", "FR")) == ["b", "a", "c", "d"]


def test_several_orders_and_limits(cities: Any) -> None:
    ordered = cities.order_by("country", direction="DESCENDING").order_by("size")
    assert ids(ordered) == ["e", "c", "d", "b", "a"]
    assert ids(ordered.limit(2)) == ["e", "c"]
    assert ids(ordered.offset(1).limit(2)) == ["c", "d"]
    assert ids(ordered.offset(10)) == []
    assert [s.id for s in ordered.limit_to_last(2).get()] == ["b", "a"]


def test_cursors(cities: Any) -> None:
    ordered = cities.order_by("size")
    assert ids(ordered.start_at({"size": 3})) == ["a", "d", "e"]
    assert ids(ordered.start_after({"size": 3})) == ["d", "e"]
    assert ids(ordered.end_at({"size": 2})) == ["b", "c"]
    assert ids(ordered.end_before({"size": 2})) == ["b"]
    assert ids(ordered.start_after(cities.document("d").get())) == ["e"]
    down = cities.order_by("size", direction="DESCENDING")
    assert ids(down.start_at({"size": 3})) == ["a", "c", "b"]
    assert ids(down.start_after(cities.document("e").get())) == ["d", "a", "c", "b"]


def test_nested_fields_and_projection(cities: Any) -> None:
    assert ids(where(cities, "name.short", "==", "C")) == ["c"]
    (snapshot,) = where(cities, "name.short", "==", "C").select(["name.short", "missing"]).stream()
    assert snapshot.to_dict() == {"name": {"short": "C"}}


def test_document_ids_can_be_compared(cities: Any) -> None:
    assert ids(where(cities, "__name__", ">", cities.document("c"))) == ["d", "e"]
    assert ids(where(cities, "__name__", "in", [cities.document("a"), cities.document("x")])) == ["a"]


def test_collection_groups(db: Any) -> None:
    for path in ("conversations/root", "users/u1/conversations/c1", "users/u2/conversations/c2", "users/u2/others/o"):
        db.document(path).set({"x": 1})
    assert ids(db.collection_group("conversations")) == ["root", "c1", "c2"]


def test_aggregations(cities: Any) -> None:
    (counted,) = cities.count(alias="all").sum("size", alias="sum").avg("size", alias="avg").get()
    assert {result.alias: result.value for result in counted} == {"all": 5, "sum": 16, "avg": 3.2}
    assert where(cities, "country", "==", "AT").count().get()[0][0].value == 2
    assert cities.limit(3).count().get()[0][0].value == 3
    assert cities.sum("missing").get()[0][0].value == 0


def test_nearest_neighbours(db: Any) -> None:
    for name, vector in {"near": [1.0, 0.1], "far": [0.0, 1.0], "other": [1.0, 0.0, 0.0]}.items():
        db.document(f"vectors/{name}").set({"v": Vector(vector)})
    found = db.collection("vectors").find_nearest(
        "v",
        Vector([1.0, 0.0]),
        limit=5,
        distance_measure=DistanceMeasure.EUCLIDEAN,
        distance_result_field="d",
    )
    assert [(s.id, round(s.get("d"), 3)) for s in found.stream()] == [("near", 0.1), ("far", 1.414)]


def test_bad_queries_are_refused(cities: Any) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        ids(where(where(cities, "tags", "array_contains", "x"), "tags", "array_contains", "y"))
    with pytest.raises(exceptions.InvalidArgument):
        ids(where(cities, "size", "in", list(range(31))))
    with pytest.raises(exceptions.InvalidArgument):
        ids(where(where(cities, "size", "in", list(range(6))), "country", "in", list("abcdef")))


def test_many_documents_are_streamed(db: Any) -> None:
    writer = db.bulk_writer()
    for number in range(600):
        writer.set(db.document(f"many/{number:04}"), {"n": number, "odd": number % 2 == 1})
    writer.close()
    many = db.collection("many")
    assert ids(many) == [f"{number:04}" for number in range(600)]
    assert ids(where(many, "odd", "==", value=True).order_by("n", direction="DESCENDING").limit(3)) == [
        "0599",
        "0597",
        "0595",
    ]
    assert ids(where(many, "n", "<", 3)) == ["0000", "0001", "0002"]
