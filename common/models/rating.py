"""What a user thinks of something that was made for them."""

from enum import StrEnum

from pydantic import Field

from common.models.base import Document, Moment

SHOWN = -1
"""The value that says that the user was asked about a summary and has not answered."""


class RatedKind(StrEnum):
    """What is rated."""

    SUMMARY = "memory_summary"
    MESSAGE = "chat_message"


class Rating(Document):
    """One user's opinion of one thing; the last word counts."""

    id: str
    type: str
    uid: str
    subject_id: str = ""
    """The id of the conversation or message."""
    value: int
    reason: str | None = None
    created_at: Moment


class RatingView(Document):
    """Whether a summary was rated, and how."""

    has_rating: bool
    rating: int | None = Field(None, examples=[1])
