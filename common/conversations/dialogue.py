"""A transcript as a language model is told it."""

from collections.abc import Sequence

from common.llm.ports import Dialogue, Turn
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment


def as_dialogue(conversation: Conversation, segments: Sequence[TranscriptSegment]) -> Dialogue:
    """Who said what, and what is needed to understand it; `segments` need not be those of the conversation yet."""
    return Dialogue(
        turns=tuple(
            Turn(
                speaker="You" if segment.is_user else f"Speaker {segment.speaker_id}",
                text=segment.text,
                start=segment.start,
                end=segment.end,
                is_user=segment.is_user,
            )
            for segment in segments
        ),
        started_at=conversation.started_at or conversation.created_at,
        language=conversation.language,
    )
