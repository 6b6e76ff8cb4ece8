"""Query filters: read from the wire once, then matched against records by comparing keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from local.firestore.errors import invalid_argument
from local.firestore.fields import NAME, parse_path
from local.firestore.messages import StructuredQuery, Value
from local.firestore.records import Record
from local.firestore.values import NAN, NULL, encode

MAX_DISJUNCTIONS = 30
_MAX_NOT_IN = 10


class Operator(Enum):
    """What a condition asks; the values are the wire's numbers of `FieldFilter.Operator`."""

    LESS = 1
    AT_MOST = 2
    GREATER = 3
    AT_LEAST = 4
    EQUAL = 5
    NOT_EQUAL = 6
    CONTAINS = 7
    IN = 8
    CONTAINS_ANY = 9
    NOT_IN = 10


RANGES = frozenset({Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST})
INEQUALITIES = RANGES | {Operator.NOT_EQUAL, Operator.NOT_IN}
MEMBERSHIPS = frozenset({Operator.CONTAINS, Operator.CONTAINS_ANY})
_NEGATIONS = frozenset({Operator.NOT_EQUAL, Operator.NOT_IN})
_NOTHING = b""  # the key of no value
_LISTS = frozenset({Operator.IN, Operator.NOT_IN, Operator.CONTAINS_ANY})
# IS_NAN, IS_NULL, IS_NOT_NAN, IS_NOT_NULL
_UNARY = {
    2: (Operator.EQUAL, NAN),
    3: (Operator.EQUAL, NULL),
    4: (Operator.NOT_EQUAL, NAN),
    5: (Operator.NOT_EQUAL, NULL),
}


@dataclass(frozen=True)
class Condition:
    """One comparison of one field. Documents without the field never match."""

    field: str
    operator: Operator
    keys: tuple[bytes, ...]
    """Keys of the operand, or of its elements where it is a list."""

    def matches(self, record: Record) -> bool:
        """Whether a document satisfies the condition."""
        key = record.key(self.field)
        if key is None:
            return False
        operator, operand = self.operator, self.keys[0]
        if operator is Operator.EQUAL:
            return key == operand
        if operator in RANGES:
            return key[:1] == operand[:1] and self._in_range(key, operand)
        if operator in MEMBERSHIPS:
            return not record.element_keys(self.field).isdisjoint(self.keys)
        return self._is_listed(key)

    def _is_listed(self, key: bytes) -> bool:
        if self.operator is Operator.IN:
            return key in self.keys and key not in {NULL, NAN}
        # != and not-in never find null, and a null in the list of not-in finds nothing
        return key not in self.keys and key != NULL and (self.operator is Operator.NOT_EQUAL or NULL not in self.keys)

    def _in_range(self, key: bytes, operand: bytes) -> bool:
        if self.operator is Operator.LESS:
            return key < operand
        if self.operator is Operator.AT_MOST:
            return key <= operand
        if self.operator is Operator.GREATER:
            return key > operand
        return key >= operand

    def alternatives(self) -> Iterator["Condition"]:
        """The condition as single comparisons of which one must hold."""
        if self.operator is Operator.IN:
            yield from (Condition(self.field, Operator.EQUAL, (key,)) for key in self.keys if key not in (NULL, NAN))
        elif self.operator is Operator.CONTAINS_ANY:
            yield from (Condition(self.field, Operator.CONTAINS, (key,)) for key in self.keys)
        else:
            yield self


@dataclass(frozen=True)
class Combination:
    """Several filters of which all, or at least one, must hold. All of none holds."""

    parts: tuple["Filter", ...]
    any_of: bool = False

    def matches(self, record: Record) -> bool:
        """Whether a document satisfies the combination."""
        if self.any_of:
            return any(part.matches(record) for part in self.parts)
        return all(part.matches(record) for part in self.parts)


Filter = Condition | Combination
Conjunction = tuple[Condition, ...]


def parse_filter(message: StructuredQuery) -> Filter:
    """A `StructuredQuery.Filter`; an empty one matches everything.

    Raises:
        RefusedError: INVALID_ARGUMENT for operands and combinations Firestore refuses.
    """
    kind = message.WhichOneof("filter_type")
    if kind is None:
        return Combination(())
    if kind == "composite_filter":
        composite = message.composite_filter
        if not composite.filters:
            raise invalid_argument("Composite filter must have at least one filter.")
        any_of = composite.op == StructuredQuery.CompositeFilter.OR
        return Combination(tuple(parse_filter(part) for part in composite.filters), any_of)
    if kind == "unary_filter":
        if message.unary_filter.op not in _UNARY:
            raise invalid_argument("Unary filter has no operator.")
        operator, key = _UNARY[message.unary_filter.op]
        return Condition(_checked_path(message.unary_filter.field.field_path), operator, (key,))
    field = message.field_filter
    if not field.op:
        raise invalid_argument("Field filter has no operator.")
    operator = Operator(field.op)
    return Condition(_checked_path(field.field.field_path), operator, _operand(field, operator))


def _checked_path(path: str) -> str:
    parse_path(path)
    return path


def _operand(field: StructuredQuery, operator: Operator) -> tuple[bytes, ...]:
    if operator not in _LISTS:
        values = [field.value]
    elif field.value.WhichOneof("value_type") != "array_value" or not field.value.array_value.values:
        raise invalid_argument(f"'{operator.name}' requires a non-empty ArrayValue.")
    else:
        values = list(field.value.array_value.values)
    limit = _MAX_NOT_IN if operator is Operator.NOT_IN else MAX_DISJUNCTIONS
    if len(values) > limit:
        raise invalid_argument(f"'{operator.name}' supports up to {limit} comparison values.")
    if field.field.field_path == NAME:
        _check_references(values)
    keys = [encode(value) for value in values]
    if operator is Operator.CONTAINS_ANY:
        keys = [key for key in keys if key != NULL]
    return tuple(dict.fromkeys(keys)) or (_NOTHING,)


def _check_references(values: list[Value]) -> None:
    if any(value.WhichOneof("value_type") != "reference_value" for value in values):
        raise invalid_argument("__key__ filter value must be a Key")


def conditions_of(tree: Filter) -> Iterator[Condition]:
    """Every comparison in a filter."""
    if isinstance(tree, Condition):
        yield tree
    else:
        for part in tree.parts:
            yield from conditions_of(part)


def check_negations(tree: Filter) -> None:
    """Refuse more than one negation, and not-in beside a disjunction.

    Raises:
        RefusedError: INVALID_ARGUMENT.
    """
    operators = [condition.operator for condition in conditions_of(tree)]
    if sum(operator in _NEGATIONS for operator in operators) > 1:
        raise invalid_argument(
            "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query."
        )
    has_choice = Operator.IN in operators or Operator.CONTAINS_ANY in operators or _has_disjunction(tree)
    if Operator.NOT_IN in operators and has_choice:
        raise invalid_argument("'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.")


def _has_disjunction(tree: Filter) -> bool:
    if isinstance(tree, Condition):
        return False
    return tree.any_of or any(_has_disjunction(part) for part in tree.parts)


def disjunctive_form(tree: Filter) -> list[Conjunction]:
    """The filter as conjunctions of single comparisons, at least one of which must hold.

    Raises:
        RefusedError: INVALID_ARGUMENT above 30 conjunctions or with two array memberships in one.
    """
    conjunctions = [tuple(dict.fromkeys(conjunction)) for conjunction in _expand(tree)]
    for conjunction in conjunctions:
        if sum(condition.operator in MEMBERSHIPS for condition in conjunction) > 1:
            raise invalid_argument("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.")
    return list(dict.fromkeys(conjunctions))


def _expand(tree: Filter) -> list[Conjunction]:
    if isinstance(tree, Condition):
        return [(single,) for single in tree.alternatives()]
    if tree.any_of:
        expanded = [conjunction for part in tree.parts for conjunction in _expand(part)]
    else:
        choices = [_expand(part) for part in tree.parts]
        size = 1
        for choice in choices:
            size *= len(choice)
            if size > MAX_DISJUNCTIONS:
                break
        if size > MAX_DISJUNCTIONS:
            expanded = [()] * size
        else:
            expanded = [tuple(c for part in combined for c in part) for combined in product(*choices)]
    if len(expanded) > MAX_DISJUNCTIONS:
        raise invalid_argument(f"The query has more than {MAX_DISJUNCTIONS} disjunctions after normalization.")
    return expanded
