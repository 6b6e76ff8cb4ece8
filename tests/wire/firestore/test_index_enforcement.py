"""Queries without an index are refused on every way to ask them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore

from local.firestore.indexes import Indexes


@pytest.fixture
def enforced(tmp_path: Path, start_backend: Any) -> Iterator[Any]:
    indexes = Indexes(
        {
            "indexes": [
                {
                    "collectionGroup": "conversations",
                    "queryScope": "COLLECTION",
                    "fields": [
                        {"fieldPath": "discarded", "order": "ASCENDING"},
                        {"fieldPath": "created_at", "order": "DESCENDING"},
                    ],
                }
            ],
            "fieldOverrides": [],
        }
    )
    backend = start_backend(tmp_path / "state.db", indexes=indexes)
    client = backend.client("indexed")
    yield client
    client.close()


def test_an_indexed_query_runs_and_another_is_refused_by_name(enforced: Any) -> None:
    conversations = enforced.collection("users/u1/conversations")
    conversations.document("c1").set({"discarded": False, "created_at": 1})
    kept = conversations.where(filter=firestore.FieldFilter("discarded", "==", value=False))
    assert [s.id for s in kept.order_by("created_at", direction="DESCENDING").stream()] == ["c1"]
    with pytest.raises(exceptions.FailedPrecondition, match="discarded ASCENDING, created_at ASCENDING"):
        list(kept.order_by("created_at").stream())
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        kept.order_by("created_at").count().get()
    with pytest.raises(exceptions.FailedPrecondition, match="COLLECTION_GROUP_ASC"):
        list(enforced.collection_group("conversations").order_by("created_at").stream())
