"""Bucket `uploads`: recordings put there by their owner, named `{uid}/{anything}`."""

from __future__ import annotations

import base64
from contextlib import suppress
from io import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, cast

from common.core import tracing
from common.core.errors import InvalidInputError, NotFoundError
from common.core.settings import settings
from common.database import refusals
from common.database.clients import storage_client

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.storage import Blob

    from common.models.upload import Upload

_READ_AT_ONCE = 4 * 1024 * 1024
_CONTENT_TYPE = "application/octet-stream"


def owner(upload: Upload) -> str:
    """The uid in an upload's name.

    Raises:
        InvalidInputError: the name has no owner in it.
    """
    uid, separator, name = upload.name.partition("/")
    if not (uid and separator and name):
        raise InvalidInputError("An upload is named {uid}/{name}")
    return uid


def open_upload(upload: Upload) -> BinaryIO:
    """Read exactly the generation that was announced; the bytes stream in as they are read.

    Raises:
        google.api_core.exceptions.NotFound: on reading, when it was replaced or deleted meanwhile.
    """
    blob = storage_client().bucket(upload.bucket).blob(upload.name, generation=upload.generation)
    return cast("BinaryIO", blob.open("rb", chunk_size=_READ_AT_ONCE))


def is_stored(upload: Upload) -> bool:
    """Whether the generation that was announced is still there."""
    return bool(storage_client().bucket(upload.bucket).blob(upload.name, generation=upload.generation).exists())


def put(path: str, content: BinaryIO) -> None:
    """Store a file, in place of what lay there."""
    size = content.seek(0, SEEK_END)
    _traced_blob(path).upload_from_file(content, rewind=True, size=size, content_type=_CONTENT_TYPE, checksum="md5")


def exists(path: str) -> bool:
    """Whether a file is here, all of it."""
    return bool(_blob(path).exists())


def open_resumable(path: str, *, size: int, md5: str) -> str:
    """An address to PUT a file to, piece by piece, for a week; whoever has it needs nothing else.

    https://cloud.google.com/storage/docs/performing-resumable-uploads. What turns out not to be as announced does not
    become an object.

    Args:
        path: of the object.
        size: bytes.
        md5: in hexadecimal digits.
    """
    blob = _traced_blob(path)
    blob.md5_hash = base64.b64encode(bytes.fromhex(md5)).decode()
    address: str = blob.create_resumable_upload_session(content_type=_CONTENT_TYPE, size=size)
    return address


def open_path(path: str) -> BinaryIO:
    """Read a file from anywhere in it; the bytes stream in as they are read.

    Raises:
        NotFoundError: there is none.
    """
    blob = storage_client().bucket(settings().uploads_bucket).get_blob(path)
    if blob is None:
        raise NotFoundError("its content is gone: hand it in again")
    return cast("BinaryIO", blob.open("rb", chunk_size=_READ_AT_ONCE))


def expire(path: str, moment: datetime) -> None:
    """Start the clock of the bucket's lifecycle rule: the file, if it is there, has done its work."""
    blob = _blob(path)
    blob.custom_time = moment
    with suppress(refusals.NotFound):
        blob.patch()


def _traced_blob(path: str) -> Blob:
    """What is to be stored; a function goes on with it, in the same trace."""
    blob = _blob(path)
    blob.metadata = tracing.carried()
    return blob


def _blob(path: str) -> Blob:
    return storage_client().bucket(settings().uploads_bucket).blob(path)
