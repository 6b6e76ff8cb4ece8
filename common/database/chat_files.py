"""Files of the chat: their descriptions in `users/{uid}/files`, their bytes in bucket `media`.

{uid}/chat_files/{file_id}/content
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import NotFoundError
from common.database import media
from common.database.documents import Documents
from common.models.chat import FileChat

if TYPE_CHECKING:
    from collections.abc import Sequence


def of(*, uid: str) -> Documents[FileChat]:
    """The descriptions of a user's files."""
    return Documents("users", uid, "files", model=FileChat, noun="File")


def keep(file: FileChat, data: bytes, *, uid: str) -> FileChat:
    """Store a file: its bytes first, for what is described is there."""
    media.put(f"{_folder(uid=uid, file_id=file.id)}content", data, content_type=file.mime_type)
    return of(uid=uid).create(file)


def read(file_id: str, *, uid: str, at_most: int) -> bytes | None:
    """The bytes of a file, or as many of them as are wanted; None where they are gone."""
    stored = media.find(f"{_folder(uid=uid, file_id=file_id)}content", store=media.Store.MEDIA)
    try:
        return None if stored is None else b"".join(stored.read(0, min(stored.size, at_most)))
    except NotFoundError:  # deleted meanwhile
        return None


def size(file_id: str, *, uid: str) -> int | None:
    """How many bytes a file has; None where they are gone."""
    stored = media.find(f"{_folder(uid=uid, file_id=file_id)}content", store=media.Store.MEDIA)
    return None if stored is None else stored.size


def delete(file_ids: Sequence[str], *, uid: str) -> None:
    """Delete files, descriptions first."""
    of(uid=uid).delete_many(file_ids)
    for file_id in file_ids:
        media.delete_below(_folder(uid=uid, file_id=file_id))


def _folder(*, uid: str, file_id: str) -> str:
    if "/" in uid or "/" in file_id:
        raise ValueError("ids in object names contain no slash")
    return f"{uid}/chat_files/{file_id}/"
