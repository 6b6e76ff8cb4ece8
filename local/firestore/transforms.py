"""Field transforms: server timestamps, arithmetic and array membership, computed on what is stored."""

import math

from local.firestore.errors import invalid_argument
from local.firestore.fields import get_field, parse_path, put_field
from local.firestore.messages import ArrayValue, Document, DocumentTransform, Value
from local.firestore.times import to_timestamp
from local.firestore.values import encode, number_of

_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1
_REQUEST_TIME = 1


def transform_field(document: Document, transform: DocumentTransform, time_us: int) -> Value:
    """Apply one `FieldTransform` to `document` in place and return its result as the client is told it.

    Raises:
        RefusedError: INVALID_ARGUMENT for a transform that is none or an operand that is no number.
    """
    segments = parse_path(transform.field_path)
    current = get_field(document.fields, segments)
    kind = transform.WhichOneof("transform_type")
    if kind in {"append_missing_elements", "remove_all_from_array"}:
        put_field(document.fields, segments, _array(current, getattr(transform, kind), kind))
        return Value(null_value=0)
    if kind == "set_to_server_value":
        if transform.set_to_server_value != _REQUEST_TIME:
            raise invalid_argument("The server value of a transform must be REQUEST_TIME.")
        stored = Value(timestamp_value=to_timestamp(time_us // 1000 * 1000))
    elif kind is None:
        raise invalid_argument("Transform has no operation.")
    else:
        stored = _arithmetic(current, getattr(transform, kind), kind)
    result = Value()
    result.CopyFrom(stored)
    put_field(document.fields, segments, result)
    return result


def _arithmetic(current: Value | None, operand: Value, kind: str) -> Value:
    right = number_of(operand)
    if right is None:
        raise invalid_argument(f"The operand of {kind} must be a number.")
    left = number_of(current)
    if current is None or left is None:
        return operand
    if kind == "increment":
        return _sum(left, right)
    if math.isnan(left):
        return current
    if math.isnan(right):
        return operand
    replaces = right > left if kind == "maximum" else right < left
    return operand if replaces else current


def _sum(left: float, right: float) -> Value:
    if isinstance(left, int) and isinstance(right, int):
        return Value(integer_value=max(_MIN_INTEGER, min(_MAX_INTEGER, left + right)))  # saturates, never wraps
    return Value(double_value=float(left) + float(right))


def _array(current: Value | None, operand: ArrayValue, kind: str) -> Value:
    is_array = current is not None and current.WhichOneof("value_type") == "array_value"
    kept = list(current.array_value.values) if current is not None and is_array else []
    if kind == "append_missing_elements":
        present = {encode(element) for element in kept}
        for element in operand.values:
            key = encode(element)
            if key not in present:
                present.add(key)
                kept.append(element)
    else:
        removed = {encode(element) for element in operand.values}
        kept = [element for element in kept if encode(element) not in removed]
    return Value(array_value=ArrayValue(values=kept))
