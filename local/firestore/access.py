"""Access paths: how a query can be read from a sorted list of keys instead of from its whole collection.

A path lists the documents of a collection group that have all of a query's fields. Its keys are the values of the
equalities, then the query's sort key (values.py), so that the result is one range, already sorted. Any number of
queries of one form share a path. Which documents of the range belong to the result is still asked of the query.
"""

import json
from dataclasses import dataclass
from itertools import product

from local.firestore.filters import MEMBERSHIPS, RANGES, Condition, Conjunction, Operator
from local.firestore.names import collection_of
from local.firestore.query import Order, Query
from local.firestore.records import Record
from local.firestore.values import AFTER_ALL

_UPPER_OPERATORS = frozenset({Operator.LESS, Operator.AT_MOST})
_INCLUSIVE_OPERATORS = frozenset({Operator.AT_LEAST, Operator.AT_MOST})


@dataclass(frozen=True)
class AccessPath:
    """What queries of one form have in common."""

    database: str
    collection_id: str
    is_group: bool
    """Sorted over all collections of the group, not within each."""
    equalities: tuple[str, ...]
    membership: str | None
    """The field asked for with array-contains."""
    orders: tuple[Order, ...]

    def keys(self, record: Record) -> set[bytes]:
        """The keys of a document: none where it lacks a field, several where an array has several elements."""
        parts: list[list[bytes]] = []
        for field in self.equalities:
            key = record.key(field)
            if key is None:
                return set()
            parts.append([key])
        if self.membership is not None:
            parts.append(list(record.element_keys(self.membership)))
        for order in self.orders:
            key = record.key(order.field)
            if key is None:
                return set()
            parts.append([order.component(key)])
        return {b"".join(chosen) for chosen in product(*parts)}

    def parent_of(self, path: str) -> str:
        """Which of the path's lists a document is in."""
        return "" if self.is_group else collection_of(path)

    def to_json(self) -> str:
        """The path as it is stored."""
        orders = [[order.field, order.descending] for order in self.orders]
        return json.dumps([self.is_group, self.equalities, self.membership, orders])

    @classmethod
    def from_json(cls, database: str, collection_id: str, text: str) -> "AccessPath":
        """The inverse of `to_json`."""
        is_group, equalities, membership, orders = json.loads(text)
        return cls(
            database,
            collection_id,
            is_group,
            tuple(equalities),
            membership,
            tuple(Order(field, descending) for field, descending in orders),
        )


@dataclass(frozen=True)
class Range:
    """The part of an access path that holds one disjunction's documents."""

    path: AccessPath
    parent: str
    lower: bytes
    """Inclusive."""
    upper: bytes
    """Exclusive."""
    is_exact: bool
    """Whether every document of the range is in the result."""


def ranges_of(query: Query) -> list[Range]:
    """One range per disjunction; empty where the query cannot be read that way."""
    if query.message.HasField("find_nearest"):
        return []
    if not query.collection_id and not _is_recursive(query):
        return []
    return [_range(query, conjunction) for conjunction in query.conjunctions]


def _is_recursive(query: Query) -> bool:
    """Whether it asks for everything below a collection: all kinds of documents, between two names."""
    return query.all_descendants and query.message.HasField("start_at") and query.message.HasField("end_at")


def _range(query: Query, conjunction: Conjunction) -> Range:
    equal: dict[str, Condition] = {}
    membership: Condition | None = None
    rest: list[Condition] = []
    for condition in conjunction:
        if condition.operator is Operator.EQUAL and condition.field not in equal:
            equal[condition.field] = condition
        elif condition.operator in MEMBERSHIPS:
            membership = condition
        else:
            rest.append(condition)
    fields = tuple(sorted(equal))
    path = AccessPath(
        query.database,
        query.collection_id,
        query.all_descendants,
        fields,
        membership.field if membership else None,
        tuple(query.orders),
    )
    prefix = b"".join(equal[field].keys[0] for field in fields) + (membership.keys[0] if membership else b"")
    lower, upper = query.lower, query.upper
    is_exact = not (query.all_descendants and query.under)
    for condition in rest:
        bounds = _bounds(condition, query.orders[0])
        if bounds is None:
            is_exact = False
        else:
            lower, upper = max(lower, bounds[0]), min(upper, bounds[1])
    return Range(path, query.scope.collection or "", prefix + lower, prefix + upper, is_exact)


def _bounds(condition: Condition, order: Order) -> tuple[bytes, bytes] | None:
    """The sort keys a range condition on the first sort field leaves, None for any other condition."""
    if condition.field != order.field or condition.operator not in RANGES:
        return None
    operand = order.component(condition.keys[0])
    tag = operand[0]  # only values of the operand's type match
    edge = operand + AFTER_ALL
    inclusive = condition.operator in _INCLUSIVE_OPERATORS
    if (condition.operator in _UPPER_OPERATORS) is order.descending:
        return (operand if inclusive else edge), bytes([tag + 1])
    return bytes([tag]), (edge if inclusive else operand)
