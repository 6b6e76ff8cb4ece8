"""How large documents are to Firestore, which bills them by size."""

from collections.abc import Mapping
from typing import Any


def subtree_bytes(document: Any) -> int:
    """Of a document and everything below it, by Firestore's rules for the size of documents."""
    snapshot = document.get()
    own = document_bytes(document.path, snapshot.to_dict()) if snapshot.exists else 0
    below = (each for collection in document.collections() for each in collection.list_documents())
    return own + sum(map(subtree_bytes, below))


def document_bytes(path: str, fields: Mapping[str, Any]) -> int:
    """A document's size by https://cloud.google.com/firestore/docs/storage-size, without its indexes."""
    name = 16 + sum(len(part.encode()) + 1 for part in path.split("/"))
    return name + _value_bytes(dict(fields)) + 32


def _value_bytes(value: Any) -> int:
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode()) + 1
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(str(key).encode()) + 1 + _value_bytes(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_value_bytes, value))
    return 8
