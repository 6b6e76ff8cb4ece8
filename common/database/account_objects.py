"""A user's objects in a bucket. Their names begin with the uid and a slash, so nobody else's do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.ids import digest
from common.database.account_part import Part
from common.database.clients import storage_client

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE = 100
"""Requests in one batch; Cloud Storage takes no more."""

Named = tuple[str, str]
"""A bucket and an object's name."""


def below_user(bucket: str) -> Part:
    """What is stored under the user's own prefix."""
    return _objects(bucket, bucket, lambda uid: f"{uid}/")


def thumbnails(bucket: str) -> Part:
    """The pictures a user has uploaded for apps that may not exist yet."""
    return _objects("thumbnails", bucket, lambda uid: f"apps/thumbnails-{digest(uid)}/")


def _objects(name: str, bucket: str, prefix: Callable[[str], str]) -> Part:
    def find(uid: str, limit: int) -> list[Named]:
        blobs = storage_client().list_blobs(bucket, prefix=prefix(uid), max_results=limit)
        return [(bucket, blob.name) for blob in blobs]

    return Part(name, find, _delete)


def _delete(found: Sequence[Named]) -> None:
    client = storage_client()
    for at in range(0, len(found), _AT_ONCE):
        with client.batch(raise_exception=False):  # gone already is what we want; what is not is counted
            for bucket, name in found[at : at + _AT_ONCE]:
                client.bucket(bucket).blob(name).delete()
