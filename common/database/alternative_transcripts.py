"""Sub-collections of a conversation: what other recognisers than the one that counts have understood."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from common.database.documents import Documents
from common.models.segment import TranscriptSegment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLLECTIONS: Mapping[str, str] = {
    "deepgram": "deepgram_streaming",
    "soniox": "soniox_streaming",
    "speechmatics": "speechmatics_streaming",
    "whisperx": "fal_whisperx",
}
"""By the recogniser's name."""
MOST_SEGMENTS = 5000
"""Read of each."""
_UNSAFE = re.compile(r"[^a-z0-9_]+")


def of(*, uid: str, conversation_id: str, recogniser: str) -> Documents[TranscriptSegment]:
    """What one recogniser has understood of an existing conversation."""
    path = ("users", uid, "conversations", conversation_id, COLLECTIONS[recogniser])
    return Documents(*path, model=TranscriptSegment, noun="Segment")


def put_all(segments: Sequence[TranscriptSegment], *, uid: str, conversation_id: str, recogniser: str) -> None:
    """Keep what one recogniser, by whatever name, has understood, MOST_SEGMENTS of it; in place of the same ids."""
    name = COLLECTIONS.get(recogniser) or f"{_UNSAFE.sub('_', recogniser) or 'unknown'}_streaming"
    path = ("users", uid, "conversations", conversation_id, name)
    Documents(*path, model=TranscriptSegment, noun="Segment").put(*segments[:MOST_SEGMENTS])


def list_all(*, uid: str, conversation_id: str) -> dict[str, list[TranscriptSegment]]:
    """What each has understood, in order of time; nothing of most."""

    def read(recogniser: str) -> list[TranscriptSegment]:
        segments = of(uid=uid, conversation_id=conversation_id, recogniser=recogniser)
        found = segments.stream(segments.collection.limit(MOST_SEGMENTS))
        return sorted(found, key=lambda segment: (segment.start, segment.end))

    with ThreadPoolExecutor(len(COLLECTIONS)) as pool:
        return dict(zip(COLLECTIONS, pool.map(read, COLLECTIONS), strict=True))
