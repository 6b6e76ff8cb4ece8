"""The ids in a collection, without the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.firestore import CollectionReference


def ids_in(collection: CollectionReference) -> list[str]:
    """All of them, in their order."""
    return [snapshot.id for snapshot in collection.select([]).stream()]
