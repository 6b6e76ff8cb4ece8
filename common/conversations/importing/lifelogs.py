"""What Limitless exports: a ZIP of Markdown files, one per lifelog. Pure.

A file is called `2025-05-08_05h46m33s_Title.md`, in folders by year and month. Its lines are headings, and what was
said: `> [1](#startMs=1746683193000&endMs=1746683195000): Good morning`, in milliseconds since 1970; lines that follow
after a bare `>` go on with it.
"""

from __future__ import annotations

import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from common.core.errors import InvalidInputError, TooLargeError
from common.core.ids import digest
from common.models.external import LONGEST_S, MOST_CHARACTERS, ExternalSegment

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FILES = 5000
LARGEST_FILE = 4 * 1024 * 1024
MOST_SEGMENTS = 500
_LONGEST_PIECE = 10_000
_ENCRYPTED = 0x1

_SAID = re.compile(r"^>\s*\[([^\]]{1,100})\]\(#startMs=(\d{1,15})&endMs=(\d{1,15})\):\s*(.*)$")
_GOES_ON = re.compile(r"^>\s?(.*)$")
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{2})h(\d{2})m(\d{2})s_[^/]*\.md$")
_USER = "you"


@dataclass(frozen=True)
class Lifelog:
    """A conversation, or a stretch of a long one.

    Attributes:
        key: the same for the same words at the same time.
        started_at: when it began.
        segments: in seconds since then.
    """

    key: str
    started_at: datetime
    segments: tuple[ExternalSegment, ...]


@dataclass(frozen=True)
class _Line:
    speaker: str
    text: str
    start_ms: int
    end_ms: int


def count_files(archive: IO[bytes]) -> int:
    """How many Markdown files there are; errors as of `read_archive`."""
    with _opened(archive) as opened:
        return len(_files(opened))


def read_archive(archive: IO[bytes]) -> Iterator[list[Lifelog]]:
    """Of each Markdown file in turn what is in it, nothing where nobody said anything.

    Raises:
        InvalidInputError: it is no ZIP of Markdown files, or cannot be opened.
        TooLargeError: there are too many files, or one of them is too large.
    """
    with _opened(archive) as opened:
        for file in sorted(_files(opened), key=lambda each: each.filename):
            yield parse_lifelog(file.filename, _content(opened, file))


@contextmanager
def _opened(archive: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as opened:
            yield opened
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as error:
        raise InvalidInputError("The file is no ZIP archive that can be read") from error


def _files(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [each for each in opened.infolist() if each.filename.endswith(".md") and not each.is_dir()]
    if not files:
        raise InvalidInputError("The archive holds no lifelogs")
    if len(files) > MOST_FILES:
        raise TooLargeError(f"The archive holds more than {MOST_FILES} lifelogs: import it in parts")
    return files


def parse_lifelog(name: str, content: str) -> list[Lifelog]:
    """What a file says, in stretches that a conversation can hold."""
    lines = list(_merged(_lines(content)))
    found: list[Lifelog] = []
    for stretch in _stretches(lines):
        began = stretch[0].start_ms
        segments = tuple(
            ExternalSegment(
                text=line.text,
                speaker=line.speaker,
                is_user=line.speaker.lower() == _USER,
                start=_seconds(line.start_ms - began),
                end=max(_seconds(line.start_ms - began), _seconds(line.end_ms - began)),
            )
            for line in stretch
        )
        started_at = _moment(began) or _named(name)
        if started_at is not None:
            found.append(Lifelog(digest(str(began), *(line.text for line in stretch)), started_at, segments))
    return found


def _content(opened: zipfile.ZipFile, file: zipfile.ZipInfo) -> str:
    """Its text; what a header says of its size is not believed."""
    if file.flag_bits & _ENCRYPTED:
        raise InvalidInputError("The archive is encrypted")
    with opened.open(file) as content:
        data = content.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise TooLargeError("A lifelog in the archive is too large")
    return data.decode(errors="replace").replace("\0", "")


def _lines(content: str) -> Iterator[_Line]:
    last: _Line | None = None
    for line in content.splitlines():
        if said := _SAID.match(line):
            if last is not None:
                yield last
            last = _Line(said[1].strip(), said[4].strip(), int(said[2]), int(said[3]))
        elif last is not None and (more := _GOES_ON.match(line)) and more[1].strip():
            last = _Line(last.speaker, f"{last.text} {more[1].strip()}", last.start_ms, last.end_ms)
    if last is not None:
        yield last


def _merged(lines: Iterator[_Line]) -> Iterator[_Line]:
    """The same in as few pieces as may be: what one speaker says without interruption is one, if it is not too long."""
    last: _Line | None = None
    for line in lines:
        text = line.text[:_LONGEST_PIECE]
        if not text:
            continue
        if last is not None and last.speaker == line.speaker and len(last.text) + len(text) < _LONGEST_PIECE:
            last = _Line(last.speaker, f"{last.text} {text}", last.start_ms, max(last.end_ms, line.end_ms))
            continue
        if last is not None:
            yield last
        last = _Line(line.speaker, text, line.start_ms, line.end_ms)
    if last is not None:
        yield last


def _stretches(lines: list[_Line]) -> Iterator[list[_Line]]:
    """Pieces of so many lines that their words fit one conversation."""
    most = min(MOST_SEGMENTS, MOST_CHARACTERS // _LONGEST_PIECE)
    yield from (lines[start : start + most] for start in range(0, len(lines), most))


def _seconds(milliseconds: int) -> float:
    return min(max(milliseconds / 1000, 0.0), LONGEST_S)


def _moment(milliseconds: int) -> datetime | None:
    """The point in time; None for what is none that a calendar has."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _named(name: str) -> datetime | None:
    """The point in time that a file is called after."""
    found = _NAMED.search(name)
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4]}+00:00") if found else None
    except ValueError:
        return None
