"""How much was said in a conversation, and by whom."""

from pydantic import Field

from common.models.base import Document


class SpeakerShare(Document):
    """What one speaker has said. Times in seconds; `talk_share` is of everybody's talk time, from 0 to 1."""

    speaker: str
    speaker_id: int | None = None
    is_user: bool = False
    person_id: str | None = None
    segments: int = 0
    words: int = 0
    talk_time: float = 0.0
    talk_share: float = 0.0
    words_per_minute: float = 0.0


class TalkShares(Document):
    """What was said in a conversation. Times in seconds; `talk_time` counts what was said at once only once."""

    conversation_id: str
    duration: float = 0.0
    talk_time: float = 0.0
    silence: float = 0.0
    segments: int = 0
    words: int = 0
    speakers: list[SpeakerShare] = Field(default_factory=list)
    """Whoever talked longest comes first."""
