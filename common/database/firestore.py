"""What modules take of Firestore's library besides the client; it is loaded when it is first used.

It is a third of what a function would import at its start, and an event that is none of its business needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from common.core.errors import RetryableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.cloud.firestore import ArrayUnion, DocumentReference, FieldFilter, Increment, Transaction

P = ParamSpec("P")
R = TypeVar("R")

MOST_IN_A_FILTER = 30
"""Values that Firestore takes in one `in` or `array_contains_any` filter."""
_MOST_EXPIRIES = 3
_EXPIRED = "transaction has expired"
_CONTENDED = "Failed to commit transaction"
"""How the library begins to say that it has tried often enough."""

DESCENDING = "DESCENDING"
"""The direction in which the largest is first."""


def transactional(work: Callable[Concatenate[Transaction, P], R]) -> Callable[Concatenate[Transaction, P], R]:
    """Do `work` in the transaction that it is given, and again where another was quicker.

    Also where the transaction is not known any more, which this library, unlike Google's others, takes for a mistake:
    its process has slept for too long, or it was committed and the answer was lost. `work` finds what it did, then.

    Raises:
        RetryableError: others always were quicker.
    """
    from google.api_core.exceptions import InvalidArgument
    from google.cloud import firestore

    in_transaction: Any = firestore.transactional(work)

    def persistently(transaction: Transaction, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for again in reversed(range(_MOST_EXPIRIES)):
            try:
                return cast("R", in_transaction(transaction, *args, **kwargs))
            except InvalidArgument as error:
                if not again or _EXPIRED not in str(error):
                    raise
            except ValueError as error:
                if not str(error).startswith(_CONTENDED):
                    raise
                raise RetryableError("A store is busy, try again") from error
        raise AssertionError("the last attempt returns or raises")

    return persistently


def is_stored(place: DocumentReference, fields: Mapping[str, Any]) -> bool:
    """Whether exactly this stands there: then the answer was lost to whoever has just written it."""
    return bool(place.get().to_dict() == fields)


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
