"""Which queries production answers: those for which an index exists.

The rule, for each conjunction of the query's disjunctive form:

- A query is a set of equalities (`==`, `in` and `array-contains` count as such) and a sequence of sort orders: the
  explicit ones, then the fields of inequalities, then `__name__`. A field that is compared for equality need not be
  sorted by.
- An index serves some of the equalities when it begins with their fields, in any sequence and direction, and ends with
  all of the sort orders in their sequence and exactly their directions. Indexes are never read backwards.
- Several indexes that end with the same orders are merged; together they must serve all equalities.
- Every field has its own indexes, ascending, descending and contains, for single collections; an entry of
  `fieldOverrides` replaces them, for the field and what is below it, and is what enables collection groups.
- `__name__` ends every index, in the direction of the field before it, unless the index says otherwise.

Source: firebase.google.com/docs/firestore/query-data/index-overview
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local.firestore.errors import failed_precondition
from local.firestore.fields import NAME, parse_path
from local.firestore.filters import MEMBERSHIPS, Conjunction, Operator
from local.firestore.query import Query

ASCENDING, DESCENDING, CONTAINS, VECTOR = "ASCENDING", "DESCENDING", "CONTAINS", "VECTOR"
COLLECTION, COLLECTION_GROUP = "COLLECTION", "COLLECTION_GROUP"
_ABBREVIATIONS = {ASCENDING: "ASC", DESCENDING: "DESC", CONTAINS: "CONTAINS"}
_EVERY_FIELD = "*"


@dataclass(frozen=True)
class IndexField:
    """One field of an index and how it is indexed."""

    path: str
    mode: str

    def __str__(self) -> str:
        return f"{self.path} {self.mode}"


@dataclass(frozen=True)
class _Need:
    """What one conjunction asks of the indexes."""

    equalities: frozenset[IndexField]
    """Direction is ASCENDING where it does not matter; CONTAINS and VECTOR are told apart."""
    orders: tuple[IndexField, ...]
    name_mode: str

    def index(self) -> tuple[IndexField, ...]:
        """The one index that would serve it."""
        equalities = sorted(self.equalities, key=lambda field: (field.mode != ASCENDING, field.path))
        fields = (*equalities, *self.orders)
        implied = DESCENDING if fields and fields[-1].mode == DESCENDING else ASCENDING
        return fields if fields and implied == self.name_mode else (*fields, IndexField(NAME, self.name_mode))


@dataclass(frozen=True)
class _Composite:
    """An index over several fields, without the `__name__` at its end."""

    fields: tuple[IndexField, ...]
    name_mode: str

    def serves(self, need: _Need) -> frozenset[IndexField]:
        """The equalities of `need` the index can be read for; none where it ends with other orders."""
        end = len(self.fields) - len(need.orders)
        if end < 0 or self.fields[end:] != need.orders or self.name_mode != need.name_mode:
            return frozenset()
        begin = frozenset(_equality(field) for field in self.fields[:end])
        return begin if begin <= need.equalities else frozenset()


class Indexes:
    """The composite indexes and field overrides of a `firestore.indexes.json`.

    Raises:
        ValueError: where the content is not of that format.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._composites: dict[tuple[str, str], list[_Composite]] = {}
        for entry in content.get("indexes", []):
            fields = tuple(_field(field["fieldPath"], field) for field in entry["fields"])
            key = (entry["collectionGroup"], _scope(entry))
            self._composites.setdefault(key, []).append(_composite(fields))
        self._overrides: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for entry in content.get("fieldOverrides", []):
            modes = {(_scope(index), _field(entry["fieldPath"], index).mode) for index in entry["indexes"]}
            self._overrides[entry["collectionGroup"], entry["fieldPath"]] = modes

    @classmethod
    def load(cls, path: Path) -> Self:
        """The indexes of a file."""
        content = json.loads(path.read_text())
        return cls(content)

    def check(self, query: Query) -> None:
        """Refuse a query production would refuse for want of an index.

        Raises:
            RefusedError: FAILED_PRECONDITION, naming the missing index.
        """
        if not query.collection_id:
            return
        scope = COLLECTION_GROUP if query.all_descendants else COLLECTION
        for conjunction in query.conjunctions:
            need = _need(query, conjunction)
            if not self._is_served(query.collection_id, scope, need):
                raise failed_precondition(_missing(query.collection_id, scope, need))

    def _is_served(self, collection_id: str, scope: str, need: _Need) -> bool:
        if not need.equalities and not need.orders:
            return need.name_mode == ASCENDING or self._has_field(collection_id, scope, NAME, DESCENDING)
        if not need.equalities and len(need.orders) == 1:
            (order,) = need.orders
            if need.name_mode == order.mode and self._has_field(collection_id, scope, order.path, order.mode):
                return True
        composites = self._composites.get((collection_id, scope), [])
        if not need.equalities:
            return any(c.fields == need.orders and c.name_mode == need.name_mode for c in composites)
        served = set[IndexField]()
        for composite in composites:
            served |= composite.serves(need)
        if not need.orders:
            served.update(self._single_fields(collection_id, scope, need))
        return served >= need.equalities

    def _single_fields(self, collection_id: str, scope: str, need: _Need) -> Iterable[IndexField]:
        for equality in need.equalities:
            mode = need.name_mode if equality.mode == ASCENDING else equality.mode
            if self._has_field(collection_id, scope, equality.path, mode):
                yield equality

    def _has_field(self, collection_id: str, scope: str, path: str, mode: str) -> bool:
        segments = path.split(".")
        for length in range(len(segments), 0, -1):
            modes = self._overrides.get((collection_id, ".".join(segments[:length])))
            if modes is not None:
                return (scope, mode) in modes
        modes = self._overrides.get((collection_id, _EVERY_FIELD))
        if modes is not None:
            return (scope, mode) in modes
        return scope == COLLECTION and mode != VECTOR and path != NAME


def _scope(entry: Mapping[str, Any]) -> str:
    scope = entry.get("queryScope", COLLECTION)
    if scope not in (COLLECTION, COLLECTION_GROUP):
        raise ValueError(f"queryScope must be COLLECTION or COLLECTION_GROUP, not {scope}")
    return str(scope)


def _field(path: str, entry: Mapping[str, Any]) -> IndexField:
    if path != _EVERY_FIELD:
        parse_path(path)
    if "vectorConfig" in entry:
        return IndexField(path, VECTOR)
    mode = entry.get("order") or entry.get("arrayConfig")
    if mode not in _ABBREVIATIONS:
        raise ValueError(f"index field {path} needs an order, arrayConfig or vectorConfig, not {dict(entry)}")
    return IndexField(path, str(mode))


def _composite(fields: tuple[IndexField, ...]) -> _Composite:
    if fields and fields[-1].path == NAME:
        return _Composite(fields[:-1], fields[-1].mode)
    return _Composite(fields, DESCENDING if fields and fields[-1].mode == DESCENDING else ASCENDING)


def _equality(field: IndexField) -> IndexField:
    return IndexField(field.path, ASCENDING) if field.mode == DESCENDING else field


def _need(query: Query, conjunction: Conjunction) -> _Need:
    equal = {condition.field for condition in conjunction if condition.operator is Operator.EQUAL}
    equalities = {IndexField(path, ASCENDING) for path in equal - {NAME}}
    equalities |= {IndexField(c.field, CONTAINS) for c in conjunction if c.operator in MEMBERSHIPS}
    orders = [
        IndexField(order.field, DESCENDING if order.descending else ASCENDING)
        for order in query.orders
        if order.field not in equal and order.field != NAME
    ]
    descending = any(order.field == NAME and order.descending for order in query.orders)
    name_mode = DESCENDING if descending else ASCENDING
    if query.message.HasField("find_nearest"):
        equalities.add(IndexField(query.message.find_nearest.vector_field.field_path, VECTOR))
        name_mode = ASCENDING
    return _Need(frozenset(equalities), tuple(orders), name_mode)


def _missing(collection_id: str, scope: str, need: _Need) -> str:
    fields: Sequence[IndexField] = need.index()
    if len(fields) == 1 and fields[0].mode in _ABBREVIATIONS:
        kind = f"{scope}_{_ABBREVIATIONS[fields[0].mode]}"
        return f"The query requires a {kind} index for collection {collection_id} and field {fields[0].path}."
    named = ", ".join(str(field) for field in fields)
    return (
        f"The query requires an index. Missing is the composite index of collection group {collection_id}, "
        f"query scope {scope}, fields: {named}."
    )
