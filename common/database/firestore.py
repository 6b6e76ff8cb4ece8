"""What modules take of Firestore's library besides the client; it is loaded when it is first used.

It is a third of what a function would import at its start, and an event that is none of its business needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import ArrayUnion, FieldFilter, Increment, Transaction

P = ParamSpec("P")
R = TypeVar("R")

DESCENDING = "DESCENDING"
"""The direction in which the largest is first."""


def transactional(work: Callable[Concatenate[Transaction, P], R]) -> Callable[Concatenate[Transaction, P], R]:
    """Do `work` in the transaction that it is given, and again where another was quicker."""
    from google.cloud import firestore

    in_transaction: Any = firestore.transactional(work)
    return cast("Callable[Concatenate[Transaction, P], R]", in_transaction)


def field_filter(field: str, operator: str, value: Any) -> FieldFilter:
    """A condition on a field."""
    from google.cloud.firestore import FieldFilter

    return FieldFilter(field, operator, value)


def increment(by: float) -> Increment:
    """To be written in place of a number: what is stored, and `by` more."""
    from google.cloud.firestore import Increment

    return Increment(by)


def array_union(values: list[Any]) -> ArrayUnion:
    """To be written in place of a list: what is stored, and those of `values` that it lacks."""
    from google.cloud.firestore import ArrayUnion

    return ArrayUnion(values)
