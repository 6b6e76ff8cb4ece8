"""Which queries need a composite index."""

from typing import Any

import pytest
from google.cloud.firestore_v1.types import query as types

from local.firestore.errors import RefusedError
from local.firestore.indexes import Indexes
from local.firestore.messages import StructuredQuery
from local.firestore.query import Query

ROOT = "projects/p/databases/(default)/documents"
OPERATORS = {"==": 5, "<": 1, ">": 3, "!=": 6, "contains": 7, "in": 8, "any": 9, "not-in": 10}


def condition(field: str, operator: str, value: int = 1) -> dict[str, Any]:
    operand: dict[str, Any] = {"integer_value": value}
    if operator in {"in", "any", "not-in"}:
        operand = {"array_value": {"values": [{"integer_value": value}, {"integer_value": value + 1}]}}
    if field == "__name__":
        operand = {"reference_value": f"{ROOT}/c/d"}
    return {"field_filter": {"field": {"field_path": field}, "op": OPERATORS[operator], "value": operand}}


def query(
    *conditions: dict[str, Any], orders: str = "", group: bool = False, any_of: bool = False, collection: str = "c"
) -> Query:
    """A query from conditions and orders such as "a -b" (b descending)."""
    message: dict[str, Any] = {"from_": [{"collection_id": collection, "all_descendants": group}]}
    if conditions:
        message["where"] = {"composite_filter": {"op": 2 if any_of else 1, "filters": list(conditions)}}
    message["order_by"] = [
        {"field": {"field_path": order.lstrip("-")}, "direction": 2 if order.startswith("-") else 1}
        for order in orders.split()
    ]
    serialized = types.StructuredQuery.serialize(types.StructuredQuery(message))
    return Query(ROOT, StructuredQuery.FromString(serialized))


def indexes(*composites: str, group: bool = False, overrides: list[dict[str, Any]] | None = None) -> Indexes:
    """Indexes of collection group c from texts such as "a -b *tags"."""

    def field(text: str) -> dict[str, str]:
        if text.startswith("*"):
            return {"fieldPath": text[1:], "arrayConfig": "CONTAINS"}
        return {"fieldPath": text.lstrip("-"), "order": "DESCENDING" if text.startswith("-") else "ASCENDING"}

    scope = "COLLECTION_GROUP" if group else "COLLECTION"
    entries = [
        {"collectionGroup": "c", "queryScope": scope, "fields": [field(text) for text in composite.split()]}
        for composite in composites
    ]
    return Indexes({"indexes": entries, "fieldOverrides": overrides or []})


A, B, C = condition("a", "=="), condition("b", "=="), condition("c", "==")
A_ABOVE, B_ABOVE = condition("a", ">"), condition("b", ">")
TAGGED = condition("tags", "contains")


@pytest.mark.parametrize(
    "allowed",
    [
        query(),
        query(A),
        query(A, B, C),
        query(A, B, orders="__name__"),
        query(A, B, orders="-__name__"),
        query(A_ABOVE),
        query(A_ABOVE, orders="-a"),
        query(condition("a", "<"), condition("a", ">")),
        query(condition("a", "!=")),
        query(condition("a", "not-in")),
        query(orders="a"),
        query(orders="-a"),
        query(orders="a __name__"),
        query(A, orders="a"),
        query(condition("a", "in")),
        query(condition("a", "in"), B),
        query(TAGGED),
        query(condition("tags", "any")),
        query(TAGGED, A),
        query(A, condition("__name__", ">")),
        query(condition("__name__", "=="), A),
        query(A, B, any_of=True),
        query(group=True),
        query(condition("deep.er", ">")),
    ],
)
def test_single_field_indexes_are_automatic_and_merge_for_equalities(allowed: Query) -> None:
    indexes().check(allowed)


@pytest.mark.parametrize(
    ("refused", "named"),
    [
        (query(A, B_ABOVE), "fields: a ASCENDING, b ASCENDING"),
        (query(A, orders="-b"), "fields: a ASCENDING, b DESCENDING"),
        (query(A, B, orders="-d"), "fields: a ASCENDING, b ASCENDING, d DESCENDING"),
        (query(orders="a b"), "fields: a ASCENDING, b ASCENDING"),
        (query(orders="a -b"), "fields: a ASCENDING, b DESCENDING"),
        (query(orders="a -__name__"), "fields: a ASCENDING, __name__ DESCENDING"),
        (query(A_ABOVE, B_ABOVE), "fields: a ASCENDING, b ASCENDING"),
        (query(TAGGED, orders="-a"), "fields: tags CONTAINS, a DESCENDING"),
        (query(condition("a", "in"), orders="b"), "fields: a ASCENDING, b ASCENDING"),
        (query(A, B_ABOVE, any_of=True), "fields: a ASCENDING, b ASCENDING"),
        (query(A, orders="-b", group=True), "collection group c, query scope COLLECTION_GROUP, fields: a ASC"),
        (query(A, group=True), "COLLECTION_GROUP_ASC index for collection c and field a"),
        (query(orders="-a", group=True), "COLLECTION_GROUP_DESC index for collection c and field a"),
        (query(TAGGED, group=True), "COLLECTION_GROUP_CONTAINS index for collection c and field tags"),
        (query(orders="-__name__"), "COLLECTION_DESC index for collection c and field __name__"),
    ],
)
def test_what_they_cannot_serve_is_refused_by_name(refused: Query, named: str) -> None:
    with pytest.raises(RefusedError, match="requires a") as caught:
        indexes().check(refused)
    assert caught.value.code.name == "FAILED_PRECONDITION"
    assert named in caught.value.message


@pytest.mark.parametrize(
    ("composites", "allowed"),
    [
        (["a b"], query(A, B_ABOVE)),
        (["-a b"], query(A, B_ABOVE)),
        (["a -b"], query(A, B_ABOVE, orders="-b")),
        (["b a -d"], query(A, B, orders="-d")),
        (["a -d", "b -d"], query(A, B, orders="-d")),
        (["a b -d", "c -d"], query(A, B, C, orders="-d")),
        (["*tags -d"], query(TAGGED, orders="-d")),
        (["*tags -d", "a -d"], query(TAGGED, A, orders="-d")),
        (["a -b -__name__"], query(A, orders="-b")),
        (["a b -__name__"], query(A, orders="b -__name__")),
        (["a b"], query(condition("a", "in"), orders="b")),
        (["a b"], query(condition("a", "in"), orders="a b")),
        (["a b"], query(A_ABOVE, B_ABOVE)),
        (["a b"], query(A, B)),
        (["a d", "b d"], query(A, B, any_of=True, orders="d")),
    ],
)
def test_composite_indexes_serve(composites: list[str], allowed: Query) -> None:
    indexes(*composites).check(allowed)


@pytest.mark.parametrize(
    ("composites", "refused"),
    [
        (["a b"], query(A, orders="-b")),
        (["b a"], query(A, B_ABOVE)),
        (["a -d", "b d"], query(A, B, orders="-d")),
        (["a -d"], query(A, B, orders="-d")),
        (["a b d"], query(A, orders="d")),
        (["a b d"], query(A, orders="b")),
        (["a b"], query(orders="-a -b")),
        (["tags -d"], query(TAGGED, orders="-d")),
        (["a d"], query(A, B, any_of=True, orders="d")),
        (["a b"], query(A, B_ABOVE, group=True)),
        (["a b"], query(A, B_ABOVE, collection="other")),
    ],
)
def test_composite_indexes_of_another_shape_do_not_serve(composites: list[str], refused: Query) -> None:
    with pytest.raises(RefusedError):
        indexes(*composites).check(refused)


def override(path: str, *modes: tuple[str, str]) -> dict[str, Any]:
    return {
        "collectionGroup": "c",
        "fieldPath": path,
        "indexes": [
            {"arrayConfig": mode, "queryScope": scope} if mode == "CONTAINS" else {"order": mode, "queryScope": scope}
            for scope, mode in modes
        ],
    }


def test_an_override_enables_a_collection_group() -> None:
    enabled = indexes(overrides=[override("a", ("COLLECTION_GROUP", "ASCENDING"), ("COLLECTION", "ASCENDING"))])
    enabled.check(query(A, group=True))
    enabled.check(query(A_ABOVE, group=True))
    enabled.check(query(A))
    with pytest.raises(RefusedError):
        enabled.check(query(orders="-a", group=True))
    with pytest.raises(RefusedError):
        enabled.check(query(A, B, group=True))


def test_an_override_takes_automatic_indexes_away_below_its_field_too() -> None:
    exempt = indexes(overrides=[override("a"), override("a.kept", ("COLLECTION", "ASCENDING"))])
    with pytest.raises(RefusedError):
        exempt.check(query(A))
    with pytest.raises(RefusedError):
        exempt.check(query(condition("a.b", "==")))
    exempt.check(query(condition("a.kept", "==")))
    exempt.check(query(B))


def test_a_collection_group_composite_serves_only_collection_groups() -> None:
    grouped = indexes("a b", group=True)
    grouped.check(query(A, B_ABOVE, group=True))
    with pytest.raises(RefusedError):
        grouped.check(query(A, B_ABOVE))


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an order"):
        Indexes({"indexes": [{"collectionGroup": "c", "fields": [{"fieldPath": "a"}]}]})
    with pytest.raises(ValueError, match="queryScope"):
        Indexes({"indexes": [{"collectionGroup": "c", "queryScope": "X", "fields": []}]})
