"""What a document may contain: field names, nesting and size (firebase.google.com/docs/firestore/quotas)."""

from local.firestore.errors import invalid_argument
from local.firestore.fields import Fields
from local.firestore.messages import Document, Value
from local.firestore.names import is_reserved, split_name
from local.firestore.values import is_vector

MAX_DOCUMENT_BYTES = 1_048_576
MAX_VALUE_BYTES = MAX_DOCUMENT_BYTES - 89
MAX_REQUEST_BYTES = 10 * 1024 * 1024
MAX_DEPTH = 20
_MAX_NAME_BYTES = 1500
_SURELY_SMALL = MAX_DOCUMENT_BYTES // 2
_FIXED_SIZES = {
    "null_value": 1,
    "boolean_value": 1,
    "integer_value": 8,
    "double_value": 8,
    "timestamp_value": 8,
    "geo_point_value": 16,
}


def check_fields(fields: Fields, depth: int = 1) -> None:
    """Refuse field names, nesting and values Firestore does not store.

    Raises:
        RefusedError: INVALID_ARGUMENT.
    """
    if depth > MAX_DEPTH and fields:
        raise invalid_argument(f"Input instance nesting exceeds the maximum depth of {MAX_DEPTH}.")
    for name, value in fields.items():
        if not name:
            raise invalid_argument("Property name is empty.")
        if is_reserved(name):
            raise invalid_argument(f'Property name "{name}" is reserved.')
        if len(name) * 4 > _MAX_NAME_BYTES and len(name.encode()) > _MAX_NAME_BYTES:
            raise invalid_argument(f"Property name is longer than {_MAX_NAME_BYTES} bytes.")
        _check_value(value, depth)
        _check_length(name, value)


def _check_length(name: str, value: Value) -> None:
    kind = value.WhichOneof("value_type")
    if kind == "string_value" and len(value.string_value) * 4 > MAX_VALUE_BYTES:
        length = len(value.string_value.encode())
    elif kind == "bytes_value":
        length = len(value.bytes_value)
    else:
        return
    if length > MAX_VALUE_BYTES:
        raise invalid_argument(f'The value of property "{name}" is longer than {MAX_VALUE_BYTES} bytes.')


def _check_value(value: Value, depth: int) -> None:
    kind = value.WhichOneof("value_type")
    if kind == "map_value":
        if not is_vector(value):
            check_fields(value.map_value.fields, depth + 1)
    elif kind == "array_value":
        if depth >= MAX_DEPTH and value.array_value.values:
            raise invalid_argument(f"Input instance nesting exceeds the maximum depth of {MAX_DEPTH}.")
        for element in value.array_value.values:
            if element.WhichOneof("value_type") == "array_value":
                raise invalid_argument("Cannot convert an array value in an array value.")
            _check_value(element, depth + 1)
    elif kind is None:
        raise invalid_argument("Value has no type.")


def check_size(document: Document) -> None:
    """Refuse a document above 1 MiB, counted as Firestore counts.

    Raises:
        RefusedError: INVALID_ARGUMENT.
    """
    if document.ByteSize() < _SURELY_SMALL:
        return
    _, path = split_name(document.name)
    size = 16 + sum(len(segment.encode()) + 1 for segment in path.split("/")) + _map_size(document.fields) + 32
    if size > MAX_DOCUMENT_BYTES:
        raise invalid_argument(
            f"Document '{document.name}' cannot be written because its size ({size:,} bytes) exceeds the maximum "
            f"allowed size of {MAX_DOCUMENT_BYTES:,} bytes."
        )


def _map_size(fields: Fields) -> int:
    return sum(len(name.encode()) + 1 + _value_size(value) for name, value in fields.items())


def _value_size(value: Value) -> int:
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        return len(value.string_value.encode()) + 1
    if kind == "bytes_value":
        return len(value.bytes_value)
    if kind == "reference_value":
        return len(value.reference_value.encode()) + 1
    if kind == "array_value":
        return sum(_value_size(element) for element in value.array_value.values)
    if kind == "map_value":
        return _map_size(value.map_value.fields)
    return _FIXED_SIZES.get(kind or "", 1)
