"""Bucket `uploads`: recordings put there by their owner, named `{uid}/{anything}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

from common.core.errors import InvalidInputError
from common.database.clients import storage_client

if TYPE_CHECKING:
    from common.models.upload import Upload


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
    return cast("BinaryIO", blob.open("rb"))
