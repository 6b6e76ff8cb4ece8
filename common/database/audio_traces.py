"""Bucket `audio`: what is left of blocks that were deleted when they had done their work, one object per conversation.

    {uid}/{conversation_id}/~traces

By it a device's file is recognised that holds the same audio (docs/decisions/0052). It goes with its conversation, like
all under the same name, and by the bucket's rule for what is old.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from common.core.settings import settings
from common.database import audio_blocks, refusals
from common.database.audio_blocks import AudioBlock
from common.database.clients import storage_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.cloud.storage import Blob


def add(blocks: Iterable[AudioBlock], *, uid: str, conversation_id: str) -> None:
    """Keep the marks of blocks, besides those that are kept already; blocks without marks leave nothing.

    Args:
        blocks: as they are stored, in the times of their sessions.
        uid: the owner.
        conversation_id: their conversation.
    """
    new = [block for block in blocks if block.marks]
    if not new:
        return
    known = {(block.session_id, block.start): block for block in find(uid=uid, conversation_id=conversation_id)}
    known |= {(block.session_id, block.start): block for block in new}
    kept = [
        [block.session_id, block.start, block.end, block.codec, block.sample_rate, block.marks]
        for _, block in sorted(known.items())
    ]
    data = zlib.compress(json.dumps(kept, separators=(",", ":")).encode())
    _blob(uid=uid, conversation_id=conversation_id).upload_from_string(data, content_type="application/octet-stream")


def find(*, uid: str, conversation_id: str) -> list[AudioBlock]:
    """Blocks that are gone, with their marks, in the times of their sessions."""
    try:
        data = _blob(uid=uid, conversation_id=conversation_id).download_as_bytes()
    except refusals.NotFound:
        return []
    return [
        AudioBlock(session_id=session_id, start=start, end=end, codec=codec, sample_rate=rate, marks=marks)
        for session_id, start, end, codec, rate, marks in json.loads(zlib.decompress(data))
    ]


def copy(
    *, uid: str, conversation_id: str, to: str, later_s: Callable[[str], float], session: Callable[[str], str]
) -> None:
    """Keep them for another conversation of the user as well; arguments as of `audio_blocks.copy_all`."""
    moved = [
        replace(
            block,
            session_id=session(block.session_id),
            start=round(block.start + later_s(block.session_id), 3),
            end=round(block.end + later_s(block.session_id), 3),
        )
        for block in find(uid=uid, conversation_id=conversation_id)
    ]
    add(moved, uid=uid, conversation_id=to)


def _blob(*, uid: str, conversation_id: str) -> Blob:
    name = audio_blocks.traces_name(uid=uid, conversation_id=conversation_id)
    return storage_client().bucket(settings().audio_bucket).blob(name)
