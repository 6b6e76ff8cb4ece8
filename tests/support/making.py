"""Conversations, batches and blocks for tests, with only what a test cares about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation, Interval
from common.models.segment import TranscriptSegment

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after the conversation began."""
    return NOON + timedelta(seconds=seconds)


def a_conversation(**fields: Any) -> Conversation:
    return Conversation.model_validate(
        {
            "id": "c1",
            "created_at": NOON,
            "started_at": NOON,
            "finished_at": NOON,
            "status": "in_progress",
            "capture": {"kind": "live"},
            **fields,
        }
    )


def a_segment(text: str, start: float, end: float, **fields: Any) -> TranscriptSegment:
    return TranscriptSegment.model_validate({"text": text, "start": start, "end": end, **fields})


def a_batch(start: float, end: float, *segments: TranscriptSegment, **fields: Any) -> SegmentBatch:
    return SegmentBatch.model_validate(
        {"session_id": "s", "start": start, "end": end, "segments": segments, "heard_at": at(end), **fields}
    )


def a_block(start: float, end: float, *, covered: tuple[tuple[float, float], ...] = (), **fields: Any) -> AudioBlock:
    known: dict[str, Any] = {"session_id": "s", "codec": "pcm16", "sample_rate": 16_000, "stored_at": at(end), **fields}
    return AudioBlock(
        start=start, end=end, covered=tuple(Interval(start=first, end=last) for first, last in covered), **known
    )
