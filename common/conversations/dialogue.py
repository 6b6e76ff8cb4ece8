"""A transcript as a language model is told it, with what was to be seen meanwhile and what is known beside it."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from common.conversations.context import Context, occasion_of
from common.llm.ports import PHOTO, Dialogue, Turn
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment
from common.speech.tags import MULTI

_YOU = "You"


def as_dialogue(
    conversation: Conversation,
    segments: Sequence[TranscriptSegment],
    photos: Sequence[ConversationPhoto] | None = None,
    *,
    context: Context | None = None,
) -> Dialogue:
    """Who said what, and what is needed to understand it.

    Args:
        conversation: the conversation.
        segments: its words, which need not be in it yet.
        photos: its pictures, if not those that stand in it.
        context: what is known of its owner; without it nobody has a name, and times are in UTC.
    """
    known = context or Context()
    began = conversation.began
    turns = [
        Turn(
            speaker=_speaker(segment, conversation, known),
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
    occasion = occasion_of(conversation)
    return Dialogue(
        turns=tuple(turns),
        started_at=began,
        language=spoken_language(conversation, segments),
        timezone=known.timezone,
        user=known.user,
        write_in=known.language,
        occasion=occasion.title if occasion else "",
        participants=occasion.participants if occasion else (),
        known_tasks=known.known_tasks,
        written=_written(conversation),
    )


def spoken_language(conversation: Conversation, segments: Sequence[TranscriptSegment]) -> str | None:
    """The language of the conversation: as it was asked for, else the one that most of its words are in."""
    if conversation.language and conversation.language != MULTI:
        return conversation.language
    heard: Counter[str] = Counter()
    for segment in segments:
        if segment.language:
            heard[segment.language] += segment.word_count
    return heard.most_common(1)[0][0] if heard else None


def _written(conversation: Conversation) -> Literal["message", "other_text"] | None:
    match (conversation.external_data or {}).get("text_source"):
        case "message":
            return "message"
        case "other_text":
            return "other_text"
    return None


def _speaker(segment: TranscriptSegment, conversation: Conversation, known: Context) -> str:
    if segment.is_user:
        return _YOU
    return known.names.of(segment, conversation) if known.names else f"Speaker {segment.speaker_id}"
