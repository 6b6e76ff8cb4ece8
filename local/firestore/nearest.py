"""Nearest neighbours: the documents whose vector field is closest to a query vector."""

import math
from collections.abc import Sequence

from local.firestore.fields import get_field, parse_path, put_field
from local.firestore.messages import Document, StructuredQuery, Value
from local.firestore.records import Record
from local.firestore.values import is_vector, numbers_of

_EUCLIDEAN, _COSINE, _DOT_PRODUCT = 1, 2, 3


def nearest_records(records: Sequence[Record], nearest: StructuredQuery) -> list[Record]:
    """The `limit` closest of `records`, closest first; vectors of another dimension do not count."""
    origin = numbers_of(nearest.query_vector)
    segments = parse_path(nearest.vector_field.field_path)
    largest_first = nearest.distance_measure == _DOT_PRODUCT
    measured = []
    for record in records:
        value = get_field(record.document.fields, segments)
        if value is None or not is_vector(value):
            continue
        distance = _distance(origin, numbers_of(value), nearest.distance_measure)
        if distance is None or _too_far(distance, nearest, largest_first=largest_first):
            continue
        measured.append((distance, record))
    measured.sort(key=lambda pair: pair[0], reverse=largest_first)
    closest = measured[: nearest.limit.value]
    if not nearest.distance_result_field:
        return [record for _, record in closest]
    target = parse_path(nearest.distance_result_field)
    return [_with_distance(record, target, distance) for distance, record in closest]


def _distance(left: Sequence[float], right: Sequence[float], measure: int) -> float | None:
    if len(left) != len(right):
        return None
    if measure == _EUCLIDEAN:
        return math.dist(left, right)
    dot = math.fsum(x * y for x, y in zip(left, right, strict=True))
    if measure == _DOT_PRODUCT:
        return dot
    norms = math.hypot(*left) * math.hypot(*right)
    return 1 - dot / norms if norms else None


def _too_far(distance: float, nearest: StructuredQuery, *, largest_first: bool) -> bool:
    if not nearest.HasField("distance_threshold"):
        return False
    threshold: float = nearest.distance_threshold.value
    return distance < threshold if largest_first else distance > threshold


def _with_distance(record: Record, target: tuple[str, ...], distance: float) -> Record:
    document = Document()
    document.CopyFrom(record.document)
    put_field(document.fields, target, Value(double_value=distance))
    return Record(record.path, document, record.size)
