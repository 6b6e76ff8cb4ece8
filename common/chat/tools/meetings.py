"""A tool for appointments: those that were made in conversations, and the meetings that conversations were."""

from datetime import datetime

from pydantic import Field, ValidationError

from common.chat.tools.base import Arguments, Output, Scope, ZonedMoment, tool
from common.chat.tools.conversations import local
from common.conversations.browse import list_conversations
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
    found = list_conversations(
        uid=scope.uid, limit=_LOOKED_AT, statuses=[ConversationStatus.COMPLETED], include_discarded=False
    )
    kept = [
        (begins, conversation.id, text)
        for conversation in found
        if not conversation.is_locked
        for begins, text in _appointments(conversation, scope)
        if (asked.start_date is None or begins >= asked.start_date)
        and (asked.end_date is None or begins <= asked.end_date)
    ]
    kept.sort(key=lambda each: each[0])
    blocks = tuple((conversation_id, text) for _, conversation_id, text in kept[: asked.limit])
    return Output("" if blocks else NONE_FOUND, conversations=blocks)


def _appointments(conversation: Conversation, scope: Scope) -> list[tuple[datetime, str]]:
    found = [
        (event.start, f"{event.title}, {local(event.start, scope.zone)}, {event.duration} min. {event.description}")
        for event in conversation.structured.events
    ]
    meeting = _meeting(conversation)
    if meeting is not None and meeting.start_time is not None:
        guests = ", ".join(each.name or each.email or "somebody" for each in meeting.participants)
        text = (
            f"{meeting.title or 'A meeting'}, {local(meeting.start_time, scope.zone)}, with {guests or 'nobody named'}"
        )
        found.append((meeting.start_time, text))
    return found


def _meeting(conversation: Conversation) -> CalendarMeeting | None:
    context = (conversation.external_data or {}).get("calendar_meeting_context")
    try:
        return CalendarMeeting.model_validate(context) if context else None
    except ValidationError:
        return None
