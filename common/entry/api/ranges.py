"""`Range` requests (RFC 9110 section 14): which bytes, and how the answer says so."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True)
class Part:
    """The bytes [start, end) of `size`; `partial` where a range was asked for that is understood."""

    start: int
    end: int
    size: int
    partial: bool = False

    @property
    def outside(self) -> bool:
        """Whether a range was asked for in which there is no byte."""
        return self.partial and self.start >= self.end

    @property
    def status(self) -> int:
        """200, 206 or 416."""
        if self.outside:
            return 416
        return 206 if self.partial else 200

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says of it, its length left out."""
        said = {"Accept-Ranges": "bytes"}
        if self.outside:
            said["Content-Range"] = f"bytes */{self.size}"
        elif self.partial:
            said["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        return said


def requested_part(header: str | None, *, size: int) -> Part:
    """What a `Range` asks for; what is not understood, several ranges among it, is as good as none."""
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    first, last = match.groups() if match else ("", "")
    whole = Part(0, size, size)
    if not first and not last:
        return whole
    if not first:
        return Part(max(0, size - int(last)) if int(last) else size, size, size, partial=True)
    if last and int(last) < int(first):
        return whole
    return Part(int(first), min(size, int(last) + 1) if last else size, size, partial=True)
