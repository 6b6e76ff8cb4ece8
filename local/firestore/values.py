"""Values as order-preserving bytes: comparing two keys compares two values as Firestore does.

A key is a type tag and a payload, self-delimiting, so that no key is the prefix of another. Keys can therefore be
concatenated (several sort fields), inverted (descending order) and used as range bounds, in memory and in SQLite alike.

Order: null < false < true < NaN < numbers (integers and doubles merged) < timestamps < strings (UTF-8) < bytes <
references (segment by segment) < geographic points < arrays < vectors (dimension first) < maps.
"""

import math
import struct

from local.firestore.messages import Value
from local.firestore.names import numeric_id

END = b"\x01"
NULL = b"\x05"
BOOLEAN = b"\x06"
NAN = b"\x07"
NUMBER = b"\x08"
TIMESTAMP = b"\x09"
STRING = b"\x0a"
BYTES = b"\x0b"
REFERENCE = b"\x0c"
POINT = b"\x0d"
ARRAY = b"\x0e"
VECTOR = b"\x0f"
MAP = b"\x10"

AFTER_ALL = b"\xff"
"""Appended to a key it gives a bound above everything that starts with that key."""

_INVERTED = bytes(255 - byte for byte in range(256))
_SIGN = 1 << 63
_ALL = (1 << 64) - 1


def invert(key: bytes) -> bytes:
    """The key that sorts the other way round."""
    return key.translate(_INVERTED)


def encode(value: Value) -> bytes:
    """The key of a value."""
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        return STRING + _delimited(value.string_value.encode())
    if kind == "integer_value":
        return NUMBER + _integer(value.integer_value)
    if kind == "timestamp_value":
        stamp = value.timestamp_value
        return TIMESTAMP + struct.pack(">QI", stamp.seconds + _SIGN, stamp.nanos // 1000)
    if kind == "boolean_value":
        return BOOLEAN + (b"\x03" if value.boolean_value else b"\x02")
    if kind == "double_value":
        return NAN if math.isnan(value.double_value) else NUMBER + _double(value.double_value) + b"\x80\x00"
    return _encode_rare(kind, value)


def _encode_rare(kind: str | None, value: Value) -> bytes:
    if kind == "bytes_value":
        return BYTES + _delimited(value.bytes_value)
    if kind == "reference_value":
        return encode_name(value.reference_value)
    if kind == "geo_point_value":
        return POINT + _double(value.geo_point_value.latitude) + _double(value.geo_point_value.longitude)
    if kind == "array_value":
        return ARRAY + b"".join(encode(element) for element in value.array_value.values) + END
    if kind == "map_value":
        return _encode_map(value)
    return NULL


def _encode_map(value: Value) -> bytes:
    fields = value.map_value.fields
    if is_vector(value):
        elements = fields["value"].array_value.values
        return VECTOR + struct.pack(">I", len(elements)) + b"".join(encode(element) for element in elements)
    entries = (STRING + _delimited(name.encode()) + encode(fields[name]) for name in sorted(fields, key=str.encode))
    return MAP + b"".join(entries) + END


def encode_name(name: str) -> bytes:
    """The key of a reference; ids of the form `__id7__` come first, as numbers."""
    parts = [REFERENCE]
    for segment in name.split("/"):
        number = numeric_id(segment)
        if number is None:
            parts.append(b"\x03" + _delimited(segment.encode()))
        else:
            parts.append(b"\x02" + struct.pack(">Q", (number + _SIGN) & _ALL))
    parts.append(END)
    return b"".join(parts)


def is_vector(value: Value) -> bool:
    """Whether a map value is an embedding vector."""
    fields = value.map_value.fields
    return "__type__" in fields and fields["__type__"].string_value == "__vector__" and "value" in fields


def numbers_of(vector: Value) -> list[float]:
    """The components of a vector value."""
    return [float(number_of(element) or 0) for element in vector.map_value.fields["value"].array_value.values]


def number_of(value: Value | None) -> float | None:
    """A numeric value as int or float, None for anything else."""
    if value is None:
        return None
    kind = value.WhichOneof("value_type")
    if kind == "integer_value":
        integer: int = value.integer_value
        return integer
    if kind == "double_value":
        double: float = value.double_value
        return double
    return None


def _delimited(raw: bytes) -> bytes:
    return raw.replace(b"\x00", b"\x00\xff") + b"\x00\x01"


def _integer(number: int) -> bytes:
    # An integer is its nearest double plus what rounding lost (1024 at most), so it compares exactly with doubles.
    nearest = float(number)
    return _double(nearest) + struct.pack(">H", number - int(nearest) + 0x8000)


def _double(number: float) -> bytes:
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]  # + 0.0 makes -0.0 equal to 0.0
    return struct.pack(">Q", bits ^ _ALL if bits & _SIGN else bits | _SIGN)
