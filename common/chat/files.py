"""Files that a user sends into the chat: checked, then kept."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from common.core import clock
from common.core.errors import TooLargeError, UnsupportedContentError
from common.core.ids import new_id
from common.database import chat_files
from common.models.chat import FileChat

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""
MOST = 10
"""Files at once."""

_LONGEST_NAME = 200
_TAKEN = ("image/", "text/")
_TAKEN_TOO = frozenset(
    {
        "application/json",
        "application/msword",
        "application/pdf",
        "application/rtf",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/xml",
    }
)


@dataclass(frozen=True)
class NewFile:
    """A file as it was sent; what it claims to be is believed only where its name says nothing."""

    name: str
    claimed_type: str
    data: bytes


def keep_files(sent: Sequence[NewFile], *, uid: str) -> list[FileChat]:
    """Keep files for the chat; all of them, or none where one is not taken.

    Raises:
        TooLargeError: one is larger than LARGEST.
        UnsupportedContentError: one is of a kind that is not taken.
    """
    described = [_described(file) for file in sent]
    return [chat_files.keep(kept, file.data, uid=uid) for kept, file in zip(described, sent, strict=True)]


def _described(file: NewFile) -> FileChat:
    name = PurePosixPath(file.name.replace("\\", "/")).name[-_LONGEST_NAME:] or "file"
    if len(file.data) > LARGEST:
        raise TooLargeError(f"A file is larger than {LARGEST // 1024 // 1024} MiB")
    mime_type = mimetypes.guess_type(name)[0] or file.claimed_type.partition(";")[0].strip().lower()
    if not (mime_type.startswith(_TAKEN) or mime_type in _TAKEN_TOO):
        raise UnsupportedContentError("Files of this kind are not taken: images, text, PDF and office documents are")
    return FileChat(id=new_id(), name=name, mime_type=mime_type, created_at=clock.now())
