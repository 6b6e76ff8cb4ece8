"""Reads a multipart body as it comes, without holding a part in memory."""

import re
from collections.abc import AsyncIterator
from email.parser import HeaderParser

from local.storage.errors import invalid

_MAX_HEADER_BYTES = 64 * 1024


def boundary_of(content_type: str) -> bytes:
    """The boundary parameter of a multipart content type; raises 400 without one."""
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if not match:
        raise invalid("A multipart request needs a boundary in its Content-Type.")
    return match[1].encode()


class MultipartReader:
    """The parts of a body, in order: `next_part` gives the headers, then `content` the bytes.

    Args:
        stream: the body's pieces.
        boundary: what the content type names.
    """

    def __init__(self, stream: AsyncIterator[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # the first boundary need not stand behind a line end
        self._in_content = True

    async def next_part(self) -> dict[str, str]:
        """Skip what is left of the part before and read the headers of the next, names in lower case."""
        if self._in_content:
            async for _ in self.content():
                pass
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if self._buffer.startswith(b"--") or len(self._buffer) > _MAX_HEADER_BYTES or not await self._fill():
                raise invalid("The multipart body has fewer parts than it needs.")
        lines, self._buffer = self._buffer[:end].lstrip(b"\r\n "), self._buffer[end + 4 :]
        self._in_content = True
        return {name.lower(): value for name, value in HeaderParser().parsestr(lines.decode("latin-1")).items()}

    async def content(self) -> AsyncIterator[bytes]:
        """The bytes of the current part."""
        keep = len(self._delimiter) - 1
        while (end := self._buffer.find(self._delimiter)) < 0:
            piece, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
            if piece:
                yield piece
            if not await self._fill():
                raise invalid("The multipart body ends within a part.")
        piece, self._buffer = self._buffer[:end], self._buffer[end + len(self._delimiter) :]
        self._in_content = False
        if piece:
            yield piece

    async def _fill(self) -> bool:
        async for chunk in self._stream:
            if chunk:
                self._buffer += chunk
                return True
        return False
