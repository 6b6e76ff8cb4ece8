"""Redis: the chunks of long transcripts, by what is in them, so that a note can never be out of date."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from common.core.ids import digest
from common.database import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT_S = 600
_LARGEST = 2_000_000
"""Bytes of a transcript that is noted; longer ones are rare, and read from the store."""


def recall(revision: str | None, *, uid: str, conversation_id: str) -> list[bytes] | None:
    """The chunks of this revision, if they are noted."""
    noted = cache.get(_key(uid, conversation_id, revision)) if revision else None
    return [b64decode(chunk) for chunk in json.loads(noted)] if noted else None


def remember(chunks: Sequence[bytes], revision: str | None, *, uid: str, conversation_id: str) -> None:
    """Note the chunks of this revision for a while."""
    if revision and sum(len(chunk) for chunk in chunks) <= _LARGEST:
        encoded = json.dumps([b64encode(chunk).decode() for chunk in chunks])
        cache.put(_key(uid, conversation_id, revision), encoded, seconds=_KEPT_S)


def forget(revision: str | None, *, uid: str, conversation_id: str) -> None:
    """Drop the note: the conversation is deleted."""
    if revision:
        cache.forget(_key(uid, conversation_id, revision))


def _key(uid: str, conversation_id: str, revision: str) -> str:
    return f"transcript:{digest(uid, conversation_id)}:{revision}"
