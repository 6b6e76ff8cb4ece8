"""count, sum and avg over the result of a query."""

from collections.abc import Sequence

from local.firestore.errors import invalid_argument
from local.firestore.fields import get_field, parse_path
from local.firestore.messages import StructuredAggregationQuery, Value
from local.firestore.query import Order, Query
from local.firestore.records import Record
from local.firestore.values import number_of

_MAX_AGGREGATIONS = 5
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


def check_aggregations(message: StructuredAggregationQuery) -> None:
    """Refuse none, more than five, or two of one alias.

    Raises:
        RefusedError: INVALID_ARGUMENT.
    """
    if not message.aggregations:
        raise invalid_argument("Aggregations can not be empty.")
    if len(message.aggregations) > _MAX_AGGREGATIONS:
        raise invalid_argument("The maximum number of aggregations allowed in an aggregation query is 5.")
    aliases = [aggregation.alias for aggregation in message.aggregations if aggregation.alias]
    if len(set(aliases)) < len(aliases):
        raise invalid_argument("Aggregation aliases contain duplicate alias.")


def aggregated_fields(message: StructuredAggregationQuery) -> list[str]:
    """The fields sums and averages are taken of."""
    kinds = ((aggregation, aggregation.WhichOneof("operator")) for aggregation in message.aggregations)
    return [getattr(aggregation, kind).field.field_path for aggregation, kind in kinds if kind in {"sum", "avg"}]


def require_fields(query: Query, fields: Sequence[str]) -> None:
    """Leave documents without an aggregated field out of the result, and sort by it, as the index does."""
    last = query.orders[-1]
    for field in dict.fromkeys(fields):
        parse_path(field)
        if all(order.field != field for order in query.orders):
            query.orders.insert(len(query.orders) - 1, Order(field, last.descending))


def only_counts(message: StructuredAggregationQuery) -> bool:
    """Whether the number of documents is enough to answer."""
    return all(aggregation.WhichOneof("operator") == "count" for aggregation in message.aggregations)


def aggregate(message: StructuredAggregationQuery, records: Sequence[Record], count: int) -> dict[str, Value]:
    """The value of every aggregation by its alias; those without one are called field_1, field_2, ..."""
    taken = {aggregation.alias for aggregation in message.aggregations}
    number = 0
    values: dict[str, Value] = {}
    for aggregation in message.aggregations:
        alias = aggregation.alias
        while not alias:
            number += 1
            if f"field_{number}" not in taken:
                alias = f"field_{number}"
        values[alias] = _value(aggregation, records, count)
    return values


def _value(aggregation: StructuredAggregationQuery, records: Sequence[Record], count: int) -> Value:
    kind = aggregation.WhichOneof("operator")
    if kind == "count":
        if aggregation.count.HasField("up_to"):
            count = min(count, aggregation.count.up_to.value)
        return Value(integer_value=count)
    if kind is None:
        raise invalid_argument("Aggregation has no operator.")
    segments = parse_path(getattr(aggregation, kind).field.field_path)
    found = (number_of(get_field(record.document.fields, segments)) for record in records)
    numbers = [number for number in found if number is not None]
    if kind == "avg":
        return Value(double_value=float(sum(numbers)) / len(numbers)) if numbers else Value(null_value=0)
    total = sum(numbers)
    if isinstance(total, int) and _MIN_INTEGER <= total <= _MAX_INTEGER:
        return Value(integer_value=total)
    return Value(double_value=float(total))
