"""All that the stores hold, whoever it belongs to: to see what a change has left alone."""

from typing import Any

from google.cloud.firestore import DocumentReference

from common.database.clients import firestore_client, storage_client
from common.database.vector_records import indexes
from local.environment import BUCKETS


def documents() -> dict[str, dict[str, Any]]:
    """Every document by its path."""
    found: dict[str, dict[str, Any]] = {}
    for collection in firestore_client().collections():
        for snapshot in collection.recursive().stream():
            found[snapshot.reference.path] = snapshot.to_dict() or {}
    return found


def documents_below(document: DocumentReference) -> dict[str, dict[str, Any]]:
    """A document and every document below it, by their paths."""
    found = {document.path: document.get().to_dict() or {}}
    for collection in document.collections():
        for snapshot in collection.stream():
            found |= documents_below(snapshot.reference)
    return found


def objects() -> set[str]:
    """Every object, as bucket and name."""
    return {f"{bucket}:{blob.name}" for bucket in BUCKETS.values() for blob in storage_client().list_blobs(bucket)}


def vectors() -> set[str]:
    """Every vector, as index, namespace and id."""
    found = set()
    for place, index in enumerate(indexes()):
        for namespace in index.describe_index_stats().namespaces or {}:
            for page in index.list(namespace=namespace):
                found |= {f"{place}:{namespace}:{getattr(item, 'id', item)}" for item in getattr(page, "vectors", page)}
    return found
