"""How large a document may become that triggers follow: its events carry it twice, as it was and as it is.

Eventarc takes 512 KB an event (https://cloud.google.com/eventarc/docs/quotas). What is larger never arrives, and nobody
is told: a conversation would be understood by nobody. Half of it is 256 KB, of which the transcript may have 64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BESIDES = 175_000
"""Bytes of everything but the transcript, which takes `transcripts.INLINE_LIMIT` at most."""
_TRANSCRIPT = "transcript_segments"
_OF_A_NUMBER = 12
_AROUND = 6
"""Bytes in which a name, or an element, is wrapped."""


def check(fields: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    """Refuse what makes a document too large; what makes it no larger than it was `before` may always be.

    Raises:
        TooLargeError: it would be.
    """
    size = _size_besides(fields)
    if size > MOST_BESIDES and (before is None or size > _size_besides(before)):
        raise TooLargeError("There is too much in this conversation")


def _size_besides(fields: Mapping[str, Any]) -> int:
    return _size({name: value for name, value in fields.items() if name != _TRANSCRIPT})


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(len(name.encode()) + _AROUND + _size(each) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return sum(_AROUND + _size(each) for each in value)
    return _OF_A_NUMBER
