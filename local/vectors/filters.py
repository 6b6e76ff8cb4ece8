"""Pinecone's metadata filter language, compiled to a predicate over one record's metadata.

A missing field satisfies the negative operators ($ne, $nin) and no other. A list of strings satisfies a condition that
one of its members satisfies, and a negative one that none of them contradicts. Booleans are not numbers.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.vectors.errors import RefusalError

Predicate = Callable[[Mapping[str, Any]], bool]
Scalar = str | float | bool

_MISSING = object()
_COMPARISONS: dict[str, Callable[[Any, float], Any]] = {
    "$gt": lambda value, bound: value > bound,
    "$gte": lambda value, bound: value >= bound,
    "$lt": lambda value, bound: value < bound,
    "$lte": lambda value, bound: value <= bound,
}
_MAX_DEPTH = 32


@dataclass(frozen=True)
class Bound:
    """That a number in `field` lies on one side of `limit`; `holds` takes a number, or an array of them."""

    field: str
    holds: Callable[[Any, float], Any]
    limit: float


@dataclass(frozen=True)
class Filter:
    """A filter expression.

    accepts: whether it accepts a record with this metadata.
    equal: the fields that must be, or contain, one string, as far as that is said plainly.
    only_equal: whether nothing else is said.
    bounds: what must hold of numbers, as far as that is said plainly.
    """

    accepts: Predicate
    equal: Mapping[str, str]
    only_equal: bool
    bounds: tuple[Bound, ...]


def compile_filter(expression: object) -> Filter:
    """The filter that `expression` describes; an empty expression accepts everything.

    Raises:
        RefusalError: for anything that is not a filter expression.
    """
    accepts = _compile(expression, depth=0)
    plain = list(_plain(expression)) if isinstance(expression, dict) else []
    return Filter(
        accepts,
        equal=dict(each for each in plain if isinstance(each, tuple)),
        only_equal=all(isinstance(each, tuple) for each in plain),
        bounds=tuple(each for each in plain if isinstance(each, Bound)),
    )


def _plain(expression: Mapping[str, Any]) -> Iterator[tuple[str, str] | Bound | None]:
    """Of each condition that must hold a field and what it equals, or a bound; None where it is neither."""
    for field, operand in expression.items():
        said = operand if isinstance(operand, dict) else {"$eq": operand}
        for operator, value in said.items():
            if operator == "$eq" and isinstance(value, str):
                yield field, value
            else:
                yield Bound(field, _COMPARISONS[operator], float(value)) if operator in _COMPARISONS else None


def _compile(expression: object, depth: int) -> Predicate:
    if not isinstance(expression, dict):
        raise RefusalError(f"Filter must be an object, got {_shown(expression)}")
    if depth > _MAX_DEPTH:
        raise RefusalError(f"Filter is nested more than {_MAX_DEPTH} levels deep")
    return _all([_clause(key, operand, depth) for key, operand in expression.items()])


def _clause(key: str, operand: object, depth: int) -> Predicate:
    if key in ("$and", "$or"):
        if not isinstance(operand, list) or not operand:
            raise RefusalError(f"{key} must be followed by a non-empty list of filters, got {_shown(operand)}")
        parts = [_compile(part, depth + 1) for part in operand]
        return _all(parts) if key == "$and" else _any(parts)
    if key.startswith("$"):
        raise RefusalError(f"Unknown top-level filter operator: {key}")
    if not isinstance(operand, dict):
        return _condition(key, "$eq", operand)
    if not operand:
        raise RefusalError(f"illegal condition for field {key}, got {{}}")
    return _all([_condition(key, operator, value) for operator, value in operand.items()])


def _condition(field: str, operator: str, operand: object) -> Predicate:
    if operator in ("$eq", "$ne"):
        return _membership(field, [_scalar(field, operator, operand)], negative=operator == "$ne")
    if operator in ("$in", "$nin"):
        if not isinstance(operand, list):
            raise RefusalError(f"the {operator} operator must be followed by a list, got {_shown(operand)}")
        wanted = [_scalar(field, operator, value) for value in operand]
        return _membership(field, wanted, negative=operator == "$nin")
    if operator in _COMPARISONS:
        return _comparison(field, operator, operand)
    if operator == "$exists":
        if not isinstance(operand, bool):
            raise RefusalError(f"the $exists operator must be followed by a boolean, got {_shown(operand)}")
        return lambda metadata: (field in metadata) is operand
    raise RefusalError(f"illegal condition for field {field}, got {_shown({operator: operand})}")


def _membership(field: str, wanted: list[Scalar], *, negative: bool) -> Predicate:
    # True == 1 in Python, so what is compared is the pair of type and value.
    keys = {_key(value) for value in wanted}

    def matches(metadata: Mapping[str, Any]) -> bool:
        stored = metadata.get(field, _MISSING)
        if stored is _MISSING:
            return negative
        found = any(_key(item) in keys for item in stored) if isinstance(stored, list) else _key(stored) in keys
        return found is not negative

    return matches


def _comparison(field: str, operator: str, operand: object) -> Predicate:
    if not _is_number(operand):
        raise RefusalError(f"the {operator} operator must be followed by a number, got {_shown(operand)}")
    compare, bound = _COMPARISONS[operator], float(operand)  # type: ignore[arg-type]  # just seen to be a number

    def matches(metadata: Mapping[str, Any]) -> bool:
        stored = metadata.get(field)
        return _is_number(stored) and bool(compare(stored, bound))

    return matches


def _scalar(field: str, operator: str, value: object) -> Scalar:
    if isinstance(value, str | bool):
        return value
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]  # just seen to be a number
    raise RefusalError(
        f"the {operator} operator on field {field} takes strings, numbers and booleans, got {_shown(value)}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _key(value: Scalar) -> tuple[bool, Scalar]:
    return isinstance(value, bool), value


def _all(parts: list[Predicate]) -> Predicate:
    return parts[0] if len(parts) == 1 else lambda metadata: all(part(metadata) for part in parts)


def _any(parts: list[Predicate]) -> Predicate:
    return lambda metadata: any(part(metadata) for part in parts)


def _shown(value: object) -> str:
    return json.dumps(value)[:100]
