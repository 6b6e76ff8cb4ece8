"""A tool for appointments: those that were made in conversations, and the meetings that conversations were."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from pydantic import Field, ValidationError

from common.chat.tools.base import Arguments, Output, Scope, ZonedMoment, tool
from common.chat.tools.conversations import local
from common.conversations.browse import list_conversations
from common.database.whole_conversations import Room
from common.models.calendar_meeting import CalendarMeeting
from common.models.conversation import Conversation, ConversationStatus

NONE_FOUND = "No appointments found."
_LOOKED_AT = 300
"""Conversations, the newest."""


class _Between(Arguments):
    start_date: ZonedMoment | None = Field(None, description="ISO 8601 with timezone; appointments from then on")
    end_date: ZonedMoment | None = Field(None, description="The same; appointments until then")
    limit: int = Field(50, ge=1, le=200)


@tool(_Between, doing="Checking your appointments")
def get_calendar_events_tool(scope: Scope, asked: _Between, key: str) -> Output:
    """List appointments: made in the user's conversations, or recorded together with a meeting of their calendar."""
    del key
    found = find_appointments(uid=scope.uid, zone=scope.zone, since=asked.start_date, until=asked.end_date)
    blocks = tuple((each.conversation_id, each.text) for each in found[: asked.limit])
    return Output("" if blocks else NONE_FOUND, conversations=blocks)


@dataclass(frozen=True)
class Appointment:
    """When it begins, in which conversation it stands, and what there is to tell of it."""

    begins: datetime
    conversation_id: str
    text: str


def find_appointments(*, uid: str, zone: tzinfo, since: datetime | None, until: datetime | None) -> list[Appointment]:
    """Those that begin in a stretch of time, the earliest first; times are told as on the clocks of `zone`."""
    found = list_conversations(
        uid=uid, limit=_LOOKED_AT, room=Room(0), statuses=[ConversationStatus.COMPLETED], include_discarded=False
    )
    kept = [
        Appointment(begins, conversation.id, text)
        for conversation in found
        if not conversation.is_locked
        for begins, text in _appointments(conversation, zone)
        if (since is None or begins >= since) and (until is None or begins <= until)
    ]
    return sorted(kept, key=lambda each: each.begins)


def _appointments(conversation: Conversation, zone: tzinfo) -> list[tuple[datetime, str]]:
    found = [
        (event.start, f"{event.title}, {local(event.start, zone)}, {event.duration} min. {event.description}")
        for event in conversation.structured.events
    ]
    meeting = _meeting(conversation)
    if meeting is not None and meeting.start_time is not None:
        guests = ", ".join(each.name or each.email or "somebody" for each in meeting.participants)
        text = f"{meeting.title or 'A meeting'}, {local(meeting.start_time, zone)}, with {guests or 'nobody named'}"
        found.append((meeting.start_time, text))
    return found


def _meeting(conversation: Conversation) -> CalendarMeeting | None:
    context = (conversation.external_data or {}).get("calendar_meeting_context")
    try:
        return CalendarMeeting.model_validate(context) if context else None
    except ValidationError:
        return None
