"""What stands in a file that a user has sent: text as it is, PDF and office documents by their text, nothing hidden.

Whatever a file claims to be or contains, reading it is bounded: pages, bytes after unpacking, characters.
"""

import codecs
import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from common.core.logs import get_logger

LONGEST = 60_000
"""Characters of one file."""
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


def text_of(data: bytes, mime_type: str) -> str | None:
    """The text of a file, cut at LONGEST; None where nothing can be read."""
    try:
        if mime_type == "application/pdf":
            pieces = _pages(data)
        elif mime_type.startswith(_OFFICE):
            pieces = _parts(data)
        elif mime_type.startswith("text/") or mime_type in {"application/json", "application/xml"}:
            pieces = iter([_decoded(data[: 4 * LONGEST])])
        else:
            return None
        return _bounded(pieces)
    except Exception as error:  # noqa: BLE001 - what a broken file makes its reader raise is anybody's guess
        get_logger().info("file_unreadable", error=type(error).__name__)
        return None


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
