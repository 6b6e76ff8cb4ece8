"""A transcript as a language model is told it, with what was to be seen meanwhile."""

from collections.abc import Sequence

from common.llm.ports import PHOTO, Dialogue, Turn
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment


def as_dialogue(
    conversation: Conversation,
    segments: Sequence[TranscriptSegment],
    photos: Sequence[ConversationPhoto] | None = None,
) -> Dialogue:
    """Who said what, and what is needed to understand it.

    Args:
        conversation: the conversation.
        segments: its words, which need not be in it yet.
        photos: its pictures, if not those that stand in it.
    """
    began = conversation.started_at or conversation.created_at
    turns = [
        Turn(
            speaker="You" if segment.is_user else f"Speaker {segment.speaker_id}",
            text=segment.text,
            start=segment.start,
            end=segment.end,
            is_user=segment.is_user,
        )
        for segment in segments
    ]
    seen = [
        Turn(speaker=PHOTO, text=photo.description, start=taken, end=taken)
        for photo in (conversation.photos if photos is None else photos)
        if photo.description and not photo.discarded
        for taken in [max(0.0, (photo.created_at - began).total_seconds())]
    ]
    if seen:
        turns = sorted([*turns, *seen], key=lambda turn: turn.start)
    return Dialogue(turns=tuple(turns), started_at=began, language=conversation.language)
