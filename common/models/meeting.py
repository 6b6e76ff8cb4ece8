"""A meeting of the user's calendar, as their own program has told it."""

from pydantic import Field

from common.models.base import Document, Moment
from common.models.calendar_meeting import CalendarMeeting, MeetingParticipant


class Meeting(Document):
    """What is told of one; `calendar_source` and `calendar_event_id` name it in its calendar."""

    id: str
    calendar_event_id: str
    calendar_source: str
    title: str = ""
    participants: list[MeetingParticipant] = Field(default_factory=list)
    start_time: Moment
    end_time: Moment
    platform: str | None = None
    meeting_link: str | None = None
    notes: str | None = None
    told_at: Moment | None = None
    """When it was told last; None where that was not noted yet."""

    @property
    def duration_minutes(self) -> float:
        """How long it is to be."""
        return (self.end_time - self.start_time).total_seconds() / 60

    def context(self) -> CalendarMeeting:
        """What it says about a conversation that it was."""
        told = self.model_dump(exclude={"id", "calendar_event_id", "calendar_source", "end_time", "told_at"})
        return CalendarMeeting.model_validate({**told, "duration_minutes": self.duration_minutes})
