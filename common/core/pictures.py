"""Kinds of pictures and how large they are, told by their first bytes."""

import struct

CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_FIRST_MARKER = 0xFF01
_MOST_SEGMENTS = 1000
_FRAMES = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC}
"""Markers of JPEG behind which the size stands."""


def kind_of_image(data: bytes) -> str | None:
    """`png`, `jpg`, `gif` or `webp`, judged by the first bytes; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


def size_of_image(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, as the picture itself says; None where it does not say so in its first parts."""
    kind = kind_of_image(data)
    if kind == "png":
        return _numbers(data, 16, ">II")
    if kind == "gif":
        return _numbers(data, 6, "<HH")
    if kind == "webp":
        return _size_of_webp(data)
    return _size_of_jpeg(data) if kind == "jpg" else None


def _size_of_webp(data: bytes) -> tuple[int, int] | None:
    """https://developers.google.com/speed/webp/docs/riff_container; its three kinds say it in three ways."""
    if data[12:16] == b"VP8 ":
        found = _numbers(data, 26, "<HH")
        return found and (found[0] & 0x3FFF, found[1] & 0x3FFF)
    if data[12:16] == b"VP8L" and len(data) >= 25:  # noqa: PLR2004 - the end of its head
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8X" and len(data) >= 30:  # noqa: PLR2004 - the end of its head
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _size_of_jpeg(data: bytes) -> tuple[int, int] | None:
    """From its frame's head, behind whatever other segments there are (ITU-T T.81, B.1 and B.2.2)."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        head = _numbers(data, at, ">HH")
        if head is None or head[0] < _FIRST_MARKER:
            return None
        marker, length = head
        if marker in _FRAMES:
            found = _numbers(data, at + 5, ">HH")
            return found and (found[1], found[0])
        at += 2 + length
    return None


def _numbers(data: bytes, at: int, form: str) -> tuple[int, int] | None:
    if len(data) < at + struct.calcsize(form):
        return None
    first, second = struct.unpack_from(form, data, at)
    return first, second
