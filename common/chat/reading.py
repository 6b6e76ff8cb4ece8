"""What stands in a file that a user has sent: text as it is, PDF and office documents by their text, nothing hidden.

Whatever a file claims to be or contains, reading it is bounded: pages, bytes after unpacking, characters.
"""

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from common.chat.file_room import MIB, READING, WAITED_S
from common.core.logs import get_logger
from common.database import chat_files
from common.models.chat import FileChat

LONGEST = 60_000
"""Characters of one file."""
_LARGEST = 20 * MIB
_MOST_PAGES = 300
_MOST_PARTS = 500
_LARGEST_PART = 8 * 1024 * 1024
"""Bytes of one part of an office document, unpacked; and of all of them together four times that."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = re.compile(r"word/document\.xml|ppt/slides/slide\d+\.xml|xl/sharedStrings\.xml|xl/worksheets/sheet\d+\.xml")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The longer ones before those that they begin with."""
_BREAK = re.compile(r"</(?:w:p|a:p|row|si)>|<(?:w:br|w:tab|a:br)/>")
_TAG = re.compile(r"<[^>]{0,2000}>")


def text_in(file: FileChat, *, uid: str, within_s: float = WAITED_S) -> str | None:
    """The text of a file of the chat, cut at LONGEST; None where nothing can be read, or there is no room for it."""
    if not _is_readable(file.mime_type):
        return None
    if not READING.take(_LARGEST, within_s=within_s):
        get_logger().warning("files_find_no_room")
        return None
    try:
        data = chat_files.read(file.id, uid=uid, at_most=_LARGEST)
        return text_of(data, file.mime_type) if data is not None else None
    finally:
        READING.give_back(_LARGEST)


def text_of(data: bytes, mime_type: str) -> str | None:
    """The text of a file, cut at LONGEST; None where nothing can be read."""
    try:
        if mime_type == "application/pdf":
            pieces = _pages(data)
        elif mime_type.startswith(_OFFICE):
            pieces = _parts(data)
        elif _is_plain(mime_type):
            pieces = iter([_decoded(data[: 4 * LONGEST])])
        else:
            return None
        return _bounded(pieces)
    except Exception as error:  # noqa: BLE001 - what a broken file makes its reader raise is anybody's guess
        get_logger().info("file_unreadable", error=type(error).__name__)
        return None


def _is_plain(mime_type: str) -> bool:
    return mime_type.startswith("text/") or mime_type in {"application/json", "application/xml"}


def _is_readable(mime_type: str) -> bool:
    return mime_type == "application/pdf" or mime_type.startswith(_OFFICE) or _is_plain(mime_type)


def _decoded(data: bytes) -> str:
    """Text by its byte order mark, as UTF-8, or, where most beyond ASCII is none, as Windows has long written it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(not each.isascii() for each in text) if broken else 0
    return data.decode("cp1252", errors="replace") if 2 * broken > foreign else text


def _bounded(pieces: Iterator[str]) -> str | None:
    text = ""
    for piece in pieces:
        text += piece.replace("\x00", "")
        if len(text) > LONGEST:
            return text[:LONGEST]
    return text if text.strip() else None


def _pages(data: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    for page in reader.pages[:_MOST_PAGES]:
        yield f"{page.extract_text()}\n"


def _parts(data: bytes) -> Iterator[str]:
    left = 4 * _LARGEST_PART
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist())[:_MOST_PARTS]:
            if not _PARTS.fullmatch(name) or left <= 0:
                continue
            with archive.open(name) as part:
                content = part.read(min(_LARGEST_PART, left))
            left -= len(content)
            yield unescape(_TAG.sub(" ", _BREAK.sub("\n", content.decode(errors="replace"))))
