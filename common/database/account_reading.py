"""Everything of one user, read piece by piece: any amount of it in the memory of one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.database import users
from common.database.clients import firestore_client, storage_client
from common.database.firestore import field_filter
from common.database.snapshots import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.firestore import DocumentSnapshot, Query

_PAGE = 50
"""Documents of up to a megabyte each."""

Named = tuple[str, dict[str, Any]]
"""Where a document is, and its fields."""

SHARED_COLLECTIONS = ("plugins_data", "persona_usernames", "analytics", "shared_conversations", "shares")
"""Collections of everybody's in which a user's documents say so in `uid`."""


def own_document(*, uid: str) -> dict[str, Any]:
    """The fields of the user's own document."""
    return users.reference(uid=uid).get().to_dict() or {}


def collection_names(*, uid: str) -> list[str]:
    """What kinds of documents there are below it."""
    return sorted(collection.id for collection in users.reference(uid=uid).collections())


def below(name: str, *, uid: str) -> Iterator[Named]:
    """One of the collections below it, and all that is below its documents; paths begin within the collection."""
    collection = users.reference(uid=uid).collection(name)
    start = len(users.reference(uid=uid).path) + len(name) + 2
    for path, fields in _paged(collection.recursive()):
        yield path[start:], fields


def in_shared(collection: str, *, uid: str) -> Iterator[Named]:
    """The user's documents in one of SHARED_COLLECTIONS."""
    mine = firestore_client().collection(collection).where(filter=field_filter("uid", "==", uid))
    return _paged(mine.order_by("__name__"))


def reviews(*, uid: str) -> Iterator[Named]:
    """What the user thinks of apps."""
    mine = firestore_client().collection_group("reviews").where(filter=field_filter("uid", "==", uid))
    return _paged(mine.order_by("__name__"))


def stored_objects(*, uid: str) -> Iterator[dict[str, Any]]:
    """Recordings and other files: where they are and how large."""
    for bucket in (settings().audio_bucket, settings().media_bucket, settings().uploads_bucket):
        for blob in storage_client().list_blobs(bucket, prefix=f"{uid}/"):
            yield {"bucket": bucket, "path": blob.name, "bytes": blob.size, "stored_at": blob.time_created}


def _readable(snapshot: DocumentSnapshot[Any]) -> dict[str, Any]:
    """What a document says; of one that cannot be opened, that it is there."""
    try:
        return fields_of(snapshot)
    except ProviderRefusedError:
        return {"sealed": True}


def _paged(query: Query) -> Iterator[Named]:
    page = list(query.limit(_PAGE).stream())
    while page:
        for snapshot in page:
            yield snapshot.reference.path, _readable(snapshot)
        page = list(query.start_after(page[-1]).limit(_PAGE).stream()) if len(page) == _PAGE else []
