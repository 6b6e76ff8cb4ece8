"""`/v1/calendar/meetings`: what the user's own program tells of their calendar (CONTRACT section 3.11).

A recording that their computer begins within two minutes of a meeting's is taken for that meeting.
"""

from typing import Annotated, Literal, Self

from fastapi import Query, Response
from pydantic import BaseModel, Field, computed_field, model_validator

from common.conversations.meetings import meeting_id as id_of
from common.core import clock
from common.database import meetings
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Moment, Shape
from common.models.calendar_meeting import MeetingParticipant
from common.models.given import GivenEnd, GivenMoment
from common.models.meeting import Meeting

router = Router(prefix="/v1/calendar/meetings", tags=["conversations"], responses=responses(401))

_LONGEST_DAYS = 31


class MeetingRequest(BaseModel):
    """A meeting as its calendar has it."""

    calendar_event_id: str = Field(min_length=1, max_length=1000, pattern=r"\S", examples=["A1B2"])
    calendar_source: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["macos_calendar"])
    title: str = Field(max_length=500, examples=["Planning"])
    start_time: GivenMoment = Field(examples=["2026-05-04T12:00:00Z"])
    end_time: GivenMoment = Field(examples=["2026-05-04T13:00:00Z"])
    platform: str | None = Field(None, max_length=100, examples=["Zoom"])
    meeting_link: str | None = Field(None, max_length=2000)
    participants: list[MeetingParticipant] = Field(default_factory=list, max_length=100)
    notes: str | None = Field(None, max_length=10_000)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if not 0 <= (self.end_time - self.start_time).total_seconds() <= _LONGEST_DAYS * 24 * 3600:
            raise ValueError("a meeting ends after it begins, and within a month")
        return self


class MeetingStored(Shape):
    """It is known."""

    meeting_id: str
    calendar_event_id: str
    message: Literal["Meeting stored successfully"] = "Meeting stored successfully"


class MeetingView(Meeting):
    """A meeting, as clients see it."""

    told_at: Moment | None = Field(None, exclude=True)

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def duration_minutes(self) -> int:
        """How long it is to be, in whole minutes."""
        return int((self.end_time - self.start_time).total_seconds() // 60)


@router.post("")
def store(user: User, body: MeetingRequest) -> MeetingStored:
    """Tell of a meeting, or how it is by now: the same event of the same calendar is the same meeting."""
    known = id_of(uid=user, source=body.calendar_source, event_id=body.calendar_event_id)
    meetings.of(uid=user).put(Meeting(id=known, told_at=clock.now(), **body.model_dump()))
    return MeetingStored(meeting_id=known, calendar_event_id=body.calendar_event_id)


@router.get("")
def list_between(
    user: User,
    *,
    start_date: Annotated[GivenMoment | None, Query(description="Beginning then or later")] = None,
    end_date: Annotated[GivenEnd | None, Query(description="Beginning then or earlier")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[MeetingView]:
    """Meetings in the order in which they begin."""
    found = meetings.list_beginning(uid=user, limit=limit, since=start_date, until=end_date)
    return [MeetingView.model_validate(each.model_dump()) for each in found]


@router.get("/{meeting_id}", responses=responses(404))
def get(user: User, meeting_id: str) -> MeetingView:
    """One meeting."""
    return MeetingView.model_validate(meetings.of(uid=user).get(meeting_id).model_dump())


@router.delete("/{meeting_id}", status_code=204, response_class=Response, responses=responses(404))
def delete(user: User, meeting_id: str) -> None:
    """Forget a meeting; conversations that were taken for it stay as they are."""
    meetings.delete(meeting_id, uid=user)
