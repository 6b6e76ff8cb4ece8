"""Server-sent events as they arrive (HTML Living Standard, section 9.2), of which only the data counts."""

from collections.abc import Iterable, Iterator

from common.core.errors import ProviderError

_LONGEST_EVENT = 16 * 2**20
"""Bytes."""


def data_of_events(pieces: Iterable[bytes], *, provider: str) -> Iterator[str]:
    """The data of each event, as soon as the event is over; comments and other fields say nothing.

    Lines end at CR and LF alone: what else separates lines of text may stand within an event's JSON as it is.

    Raises:
        ProviderError: an event is too long.
    """
    data: list[str] = []
    size = 0
    for line in _lines(pieces, provider=provider):
        if line.startswith(b"data:"):
            size += len(line)
            if size > _LONGEST_EVENT:
                raise ProviderError(f"{provider}: the answer is too large")
            data.append(line.removeprefix(b"data:").removeprefix(b" ").decode(errors="replace"))
        elif not line and data:
            yield "\n".join(data)
            data, size = [], 0
    if data:  # some servers end without the last blank line
        yield "\n".join(data)


def _lines(pieces: Iterable[bytes], *, provider: str) -> Iterator[bytes]:
    rest = bytearray()
    after_cr = False
    for piece in pieces:
        # A CR ended a line, so a LF right after it, in the next piece, ends none.
        fresh = piece.removeprefix(b"\n") if after_cr and piece else piece
        after_cr = piece.endswith(b"\r") if piece else after_cr
        if b"\n" not in fresh and b"\r" not in fresh:
            rest += fresh
            if len(rest) > _LONGEST_EVENT:
                raise ProviderError(f"{provider}: the answer is too large")
            continue
        *whole, last = (bytes(rest) + fresh).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        yield from whole
        rest = bytearray(last)
    if rest:
        yield bytes(rest)
