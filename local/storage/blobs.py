"""The bytes of objects: immutable files, written under a temporary name and hashed on the way."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import google_crc32c

from common.core import ids

READ_SIZE = 1 << 20
_Checksum: Any = google_crc32c.Checksum  # ships no types


class IncomingBlob:
    """A blob that is being written; it becomes permanent by `keep`, and is nothing until then."""

    def __init__(self, blob_id: str, temporary: Path, permanent: Path) -> None:
        self.id = blob_id
        self._temporary = temporary
        self._permanent = permanent
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc32c = _Checksum()
        self.size = 0
        self._file = temporary.open("ab", buffering=0)
        for chunk in read_chunks(temporary, 0, temporary.stat().st_size):
            self._count(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if kind is not None:
            self.discard()

    def _count(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self._crc32c.update(chunk)
        self.size += len(chunk)

    def write(self, chunk: bytes) -> None:
        """Append bytes and hand them to the operating system, so that they survive this process: all of them, or none.

        Raises:
            OSError: the disk is full, say.
        """
        left = memoryview(chunk)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(self.size)
            raise
        self._count(chunk)

    @property
    def md5(self) -> str:
        """The MD5 of what was written, base64."""
        return base64.b64encode(self._md5.digest()).decode()

    @property
    def crc32c(self) -> str:
        """The CRC32C of what was written, big-endian base64."""
        return base64.b64encode(self._crc32c.digest()).decode()

    def keep(self) -> None:
        """Put the finished file where it stays."""
        self._file.close()
        self._permanent.parent.mkdir(exist_ok=True)
        self._temporary.rename(self._permanent)

    def close(self) -> None:
        """Release the file and leave it for a later `resume`."""
        self._file.close()

    def discard(self) -> None:
        """Remove the file, wherever it is."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)
        self._permanent.unlink(missing_ok=True)


class BlobFiles:
    """A folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, blob_id: str) -> Path:
        """Where a kept blob lies."""
        return self._folder / blob_id[:2] / blob_id

    def create(self) -> IncomingBlob:
        """Begin a new blob."""
        return self.resume(ids.new_id())

    def resume(self, blob_id: str) -> IncomingBlob:
        """Go on with a blob that was begun, maybe by an earlier process."""
        return IncomingBlob(blob_id, self._incoming / blob_id, self.path(blob_id))

    def remove(self, blob_id: str) -> None:
        """Delete a kept blob; whoever has it open can still read it."""
        self.path(blob_id).unlink(missing_ok=True)

    def remove_orphans(self, *, kept: set[str], incoming: set[str]) -> None:
        """Delete all files but these: what a crash left between a file and its row."""
        for path in self._folder.glob("*/*"):
            if path.name not in (incoming if path.parent == self._incoming else kept):
                path.unlink()


def read_chunks(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes `start <= position < end` of a file, in pieces."""
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(READ_SIZE, left))):
            left -= len(chunk)
            yield chunk
