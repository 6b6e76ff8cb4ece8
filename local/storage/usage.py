"""Which class of operation Cloud Storage would bill a request of its JSON API as.

The classes are those of https://cloud.google.com/storage/pricing: to change and to list is A, to read is B, to delete
is free. A resumable upload is one operation, however many pieces it comes in.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

BilledClass = Literal["class_a", "class_b"]
_OBJECTS = 5
"""Segments of storage/v1/b/BUCKET/o."""


def billed_class(method: str, segments: Sequence[str], query: Mapping[str, str]) -> BilledClass | None:
    """What a request is billed as; None if for nothing.

    Args:
        method: HTTP's.
        segments: of its path, decoded.
        query: its parameters.
    """
    if method == "DELETE":
        return None
    if segments[:1] == ["upload"]:
        return None if query.get("upload_id") else "class_a"
    if method not in {"GET", "HEAD"}:
        return "class_a"
    lists = list(segments[:1]) == ["storage"] and len(segments) in {3, _OBJECTS}
    return "class_a" if lists else "class_b"
