"""Field paths (``a.`b.c`.d``) and what they select in a document."""

import re
from collections.abc import Iterable, MutableMapping
from functools import lru_cache

from local.firestore.errors import invalid_argument
from local.firestore.messages import Document, Value

NAME = "__name__"
"""The pseudo field that stands for a document's name."""

Fields = MutableMapping[str, Value]

_SEGMENT = re.compile(r"`((?:[^`\\]|\\.)*)`|([^`.]+)", re.DOTALL)


@lru_cache(8192)
def parse_path(path: str) -> tuple[str, ...]:
    """The segments of a field path.

    Raises:
        RefusedError: INVALID_ARGUMENT for an empty segment or an unclosed quote.
    """
    segments: list[str] = []
    position = 0
    while True:
        match = _SEGMENT.match(path, position)
        if match is None:
            raise invalid_argument(f'Invalid property path "{path}".')
        quoted, plain = match.groups()
        segments.append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
        position = match.end()
        if position == len(path):
            return tuple(segments)
        if path[position] != ".":
            raise invalid_argument(f'Invalid property path "{path}".')
        position += 1


def get_field(fields: Fields, segments: Iterable[str]) -> Value | None:
    """The value at a path, None where there is none."""
    found: Value | None = None
    for segment in segments:
        if found is not None:
            if found.WhichOneof("value_type") != "map_value":
                return None
            fields = found.map_value.fields
        if segment not in fields:
            return None
        found = fields[segment]
    return found


def put_field(fields: Fields, segments: tuple[str, ...], value: Value) -> None:
    """Set the value at a path; whatever is in the way becomes a map."""
    for segment in segments[:-1]:
        inner = fields[segment]
        if inner.WhichOneof("value_type") != "map_value":
            inner.map_value.SetInParent()
        fields = inner.map_value.fields
    if segments[-1] in fields:
        del fields[segments[-1]]
    fields[segments[-1]].CopyFrom(value)


def drop_field(fields: Fields, segments: tuple[str, ...]) -> None:
    """Remove the value at a path, if there is one."""
    for segment in segments[:-1]:
        if segment not in fields or fields[segment].WhichOneof("value_type") != "map_value":
            return
        fields = fields[segment].map_value.fields
    if segments[-1] in fields:
        del fields[segments[-1]]


def masked(document: Document, paths: Iterable[str]) -> Document:
    """A copy of a document with only the fields at `paths`."""
    copy = Document(name=document.name)
    copy.create_time.CopyFrom(document.create_time)
    copy.update_time.CopyFrom(document.update_time)
    for path in paths:
        if path == NAME:
            continue
        segments = parse_path(path)
        value = get_field(document.fields, segments)
        if value is not None:
            put_field(copy.fields, segments, value)
    return copy
