"""What a client's calendar says about a conversation, told when the stop button is pressed (CONTRACT section 2.6)."""

from pydantic import Field

from common.models.base import Shape
from common.models.given import GivenFloat, GivenMoment


class MeetingParticipant(Shape):
    """Somebody who was invited."""

    name: str | None = Field(None, max_length=200, examples=["Ada"])
    email: str | None = Field(None, max_length=320, examples=["ada@example.com"])


class CalendarMeeting(Shape):
    """The calendar's entry."""

    title: str | None = Field(None, max_length=500, examples=["Planning"])
    participants: list[MeetingParticipant] = Field(default_factory=list, max_length=100)
    start_time: GivenMoment | None = None
    duration_minutes: GivenFloat | None = Field(None, ge=0, le=100_000)
    platform: str | None = Field(None, max_length=100)
    notes: str | None = Field(None, max_length=10_000)
    meeting_link: str | None = Field(None, max_length=2000)
