"""What a user's own data says about a conversation: names, language, timezone, calendar, and what is to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from common.conversations.speakers import Names, load_names
from common.core import clock
from common.database import action_items, users
from common.database.action_items import Filters
from common.models.calendar_meeting import CalendarMeeting
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment

_RECENTLY = timedelta(days=2)
_MOST_TASKS = 50
_MOST_PARTICIPANTS = 20


@dataclass(frozen=True)
class Context:
    """What helps to understand a conversation. `user` and `occasion` are empty where they are not known."""

    names: Names | None = None
    user: str = ""
    language: str | None = None
    """The one that the user reads."""
    timezone: str = "UTC"
    known_tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occasion:
    """What the calendar says it was; the times are None where it does not say them."""

    title: str
    participants: tuple[str, ...]
    begins: datetime | None = None
    ends: datetime | None = None

    def overlaps(self, conversation: Conversation) -> bool:
        """Whether it took place while the conversation was recorded; what has no times was linked to it by somebody."""
        if self.begins is None:
            return True
        began = conversation.began
        ended = conversation.finished_at or began
        return self.begins <= ended and began <= (self.ends or self.begins)


def load_context(conversation: Conversation, segments: Sequence[TranscriptSegment], *, uid: str) -> Context:
    """Look up what is known.

    Args:
        conversation: the conversation.
        segments: its words, which need not be in it yet.
        uid: its owner.
    """
    user = users.find(uid=uid)
    spoken = conversation.model_copy(update={"transcript_segments": list(segments)})
    return Context(
        names=load_names([spoken], uid=uid),
        user=user.name,
        language=user.language,
        timezone=user.time_zone or "UTC",
        known_tasks=_known_tasks(conversation, uid=uid),
    )


def occasion_of(conversation: Conversation) -> Occasion | None:
    """What the calendar says; None where it says nothing, or nothing that can be read."""
    if (event := conversation.calendar_event) is not None:
        return Occasion(event.title, _people(event.attendees), event.start_time, event.end_time)
    told: Any = (conversation.external_data or {}).get("calendar_meeting_context")
    if not isinstance(told, dict):
        return None
    try:
        meeting = CalendarMeeting.model_validate(told)
    except ValidationError:
        return None
    invited = [person.name or person.email or "" for person in meeting.participants]
    begins = meeting.start_time
    ends = None if begins is None else begins + timedelta(minutes=meeting.duration_minutes or 0)
    return Occasion(meeting.title or "", _people(invited), begins, ends)


def _people(invited: Sequence[str]) -> tuple[str, ...]:
    named = dict.fromkeys(" ".join(name.split()) for name in invited)
    return tuple(name for name in named if name)[:_MOST_PARTICIPANTS]


def _known_tasks(conversation: Conversation, *, uid: str) -> tuple[str, ...]:
    """What other conversations of the last days have put on the user's list, the newest first."""
    recent = Filters(created_from=clock.now() - _RECENTLY)
    items, _ = action_items.list_page(recent, uid=uid, limit=_MOST_TASKS)
    return tuple(item.description for item in items if item.conversation_id != conversation.id)
