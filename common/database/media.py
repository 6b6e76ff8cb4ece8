"""Buckets `media` and `audio` as files: written whole, read in ranges, listed and deleted by prefix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import NotFoundError
from common.core.settings import settings
from common.database import refusals
from common.database.clients import storage_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.storage import Bucket

_PIECE = 1024 * 1024
_LISTED = 1000


class Store(StrEnum):
    """Which bucket, by a name that says nothing of where it is."""

    AUDIO = "audio"
    MEDIA = "media"


@dataclass(frozen=True)
class StoredFile:
    """One object, of one generation."""

    store: Store
    path: str
    size: int
    content_type: str
    generation: int

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start, end), in pieces.

        Raises:
            NotFoundError: it was deleted or replaced meanwhile.
        """
        blob = bucket(self.store).blob(self.path, generation=self.generation)
        for at in range(start, end, _PIECE):
            try:
                yield blob.download_as_bytes(start=at, end=min(at + _PIECE, end) - 1, checksum=None)
            except refusals.NotFound as error:
                raise NotFoundError("File not found") from error


def bucket(store: Store) -> Bucket:
    """The bucket itself."""
    name = settings().audio_bucket if store is Store.AUDIO else settings().media_bucket
    return storage_client().bucket(name)


def find(path: str, *, store: Store) -> StoredFile | None:
    """What lies at a path."""
    blob = bucket(store).get_blob(path)
    if blob is None:
        return None
    return StoredFile(
        store=store,
        path=path,
        size=int(blob.size or 0),
        content_type=str(blob.content_type or "application/octet-stream"),
        generation=int(blob.generation),
    )


def put(path: str, data: bytes, *, content_type: str, passing: bool = False) -> None:
    """Store a file in `media`, in place of what lay there.

    Args:
        path: where.
        data: its content.
        content_type: of what kind that is.
        passing: whether the bucket's lifecycle rule removes it after two days, should nobody else have done so.
    """
    blob = bucket(Store.MEDIA).blob(path)
    if passing:
        blob.custom_time = clock.now()
    blob.upload_from_string(data, content_type=content_type)


def list_paths(prefix: str) -> list[str]:
    """Paths in `media` that begin with `prefix`; _LISTED at most."""
    return [blob.name for blob in storage_client().list_blobs(bucket(Store.MEDIA), prefix=prefix, max_results=_LISTED)]


def list_folders(prefix: str, *, store: Store) -> list[str]:
    """Names of what lies directly below `prefix` and holds files itself, in order."""
    found = storage_client().list_blobs(bucket(store), prefix=prefix, delimiter="/")
    folders: set[str] = set()
    for page in found.pages:
        folders.update(page.prefixes)
    return sorted(folder.removeprefix(prefix).rstrip("/") for folder in folders)


def delete(path: str) -> None:
    """Delete a file in `media`; none is fine."""
    try:
        bucket(Store.MEDIA).blob(path).delete()
    except refusals.NotFound:
        return


def delete_below(prefix: str) -> int:
    """Delete every file in `media` that begins with `prefix`; how many there were."""
    count = 0
    for blob in storage_client().list_blobs(bucket(Store.MEDIA), prefix=prefix):
        delete(blob.name)
        count += 1
    return count
