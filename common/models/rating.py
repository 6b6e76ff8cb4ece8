"""What a user thinks of something that was made for them."""

from enum import StrEnum

from common.models.base import Document, Moment


class RatedKind(StrEnum):
    """What was rated."""

    MEMORY_SUMMARY = "memory_summary"
    CHAT_MESSAGE = "chat_message"


class Rating(Document):
    """One opinion: 1 is good, -1 is bad, 0 takes it back; a summary is rated -1 as well where it was only shown."""

    id: str
    type: str
    uid: str
    subject_id: str
    value: int
    reason: str | None = None
    created_at: Moment
