"""Meetings of the user's calendar: told by their program, recognised in what its computer captures (CONTRACT 1.9)."""

from datetime import timedelta

from common.core.ids import derived_id
from common.database import meetings
from common.models.conversation import Conversation, ConversationSource
from common.models.meeting import Meeting

_NEAR = timedelta(minutes=2)
"""Between the begin of a meeting and that of the recording of it."""
_MOST_AT_ONCE = 20
_CONTEXT = "calendar_meeting_context"


def meeting_id(*, uid: str, source: str, event_id: str) -> str:
    """The id of a meeting; told again, it is the same one."""
    return derived_id("meeting", uid, source, event_id)


def with_meeting(conversation: Conversation, *, uid: str) -> Conversation:
    """What was recorded on a computer, with the meeting that began when it did; the nearest where there are several.

    What its client has said itself, or its owner has linked, stays.
    """
    told = conversation.external_data or {}
    began = conversation.started_at
    if conversation.source is not ConversationSource.DESKTOP or began is None:
        return conversation
    if told.get(_CONTEXT) is not None or conversation.calendar_event is not None:
        return conversation
    found = meetings.list_beginning(uid=uid, limit=_MOST_AT_ONCE, since=began - _NEAR, until=began + _NEAR)
    if not found:
        return conversation
    nearest: Meeting = min(found, key=lambda meeting: (abs(meeting.start_time - began), meeting.id))
    context = nearest.context().model_dump(mode="json")
    return conversation.model_copy(update={"external_data": {**told, _CONTEXT: context}})


def met(conversation: Conversation | None, known: Conversation) -> Conversation | None:
    """The conversation as it is by now, with the meeting that was found for it. Pure."""
    context = (known.external_data or {}).get(_CONTEXT)
    if conversation is None or context is None:
        return conversation
    told = conversation.external_data or {}
    return conversation.model_copy(update={"external_data": {_CONTEXT: context, **told}})
