"""`/v1/conversations/{id}`: what belongs to a conversation besides its words (CONTRACT section 3.1)."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from common.apps.suggesting import suggested_apps
from common.conversations import edit, summaries
from common.conversations.browse import open_conversation
from common.conversations.talk_shares import talk_shares
from common.core.errors import NotFoundError
from common.database import alternative_transcripts, audio_blocks
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app import AppView
from common.models.attachments import CalendarEvent, ConversationPhoto
from common.models.base import Shape
from common.models.given import GivenMoment
from common.models.segment import TranscriptSegment
from common.models.talk import TalkShares

router = Router(
    prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 402, 404)
)


class Transcripts(Shape):
    """What each recogniser has understood, in order of time."""

    deepgram: list[TranscriptSegment]
    soniox: list[TranscriptSegment]
    speechmatics: list[TranscriptSegment]
    whisperx: list[TranscriptSegment]


class HasRecording(Shape):
    """Whether there is audio."""

    has_recording: bool


class SuggestedApps(Shape):
    """Apps that may make something of a conversation."""

    suggested_apps: list[AppView]
    conversation_id: str


class PromptRequest(BaseModel):
    """What shall be made of a conversation."""

    prompt: str = Field(min_length=1, max_length=10_000, examples=["Who promised what to whom?"])


class PromptAnswer(Shape):
    """What was made of it."""

    summary: str


class CalendarEventRequest(BaseModel):
    """An entry of the user's calendar; without title and times it would have to be fetched from there."""

    event_id: str = Field(min_length=1, max_length=1500, examples=["3fl9m2"])
    title: str | None = Field(None, max_length=1000, examples=["Viewing"])
    start_time: GivenMoment | None = None
    end_time: GivenMoment | None = None
    attendees: list[str] = Field(default_factory=list, max_length=500)
    attendee_emails: list[str] = Field(default_factory=list, max_length=500)
    html_link: str | None = Field(None, max_length=4000)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.start_time and self.end_time and self.end_time < self.start_time:
            raise ValueError("end_time lies before start_time")
        return self

    def event(self) -> CalendarEvent:
        """The entry.

        Raises:
            NotFoundError: it would have to be fetched.
        """
        if self.title is None or self.start_time is None or self.end_time is None:
            raise _no_calendar()
        return CalendarEvent.model_validate(self.model_dump())


@router.get("/photos")
def list_photos(user: User, conversation_id: str) -> list[ConversationPhoto]:
    """The pictures taken during the conversation."""
    return open_conversation(uid=user, conversation_id=conversation_id).photos


@router.get("/transcripts")
def list_transcripts(user: User, conversation_id: str) -> Transcripts:
    """What several recognisers have understood, where several have listened."""
    edit.get_unlocked(uid=user, conversation_id=conversation_id)
    return Transcripts(**alternative_transcripts.list_all(uid=user, conversation_id=conversation_id))


@router.get("/recording")
def has_recording(user: User, conversation_id: str) -> HasRecording:
    """Whether there is audio; where to hear it says `/v1/sync/audio/{conversation_id}/urls`."""
    edit.get_unlocked(uid=user, conversation_id=conversation_id)
    return HasRecording(has_recording=audio_blocks.is_any_stored(uid=user, conversation_id=conversation_id))


@router.get("/analytics")
def analytics(user: User, conversation_id: str) -> TalkShares:
    """How much was said, and by whom."""
    return talk_shares(edit.get_unlocked(uid=user, conversation_id=conversation_id))


@router.get("/suggested-apps")
def list_suggested_apps(user: User, conversation_id: str, base_url: BaseUrl) -> SuggestedApps:
    """Apps that may make something of it."""
    suggested = suggested_apps(uid=user, conversation_id=conversation_id, base_url=base_url)
    return SuggestedApps(suggested_apps=suggested, conversation_id=conversation_id)


@router.post("/test-prompt")
def try_prompt(user: User, conversation_id: str, body: PromptRequest) -> PromptAnswer:
    """What a prompt of the user's own makes of it; nothing is kept."""
    return PromptAnswer(summary=summaries.try_prompt(uid=user, conversation_id=conversation_id, prompt=body.prompt))


@router.post("/calendar-event")
def link_calendar_event(user: User, conversation_id: str, body: CalendarEventRequest) -> CalendarEvent:
    """Say which entry of the calendar it belongs to."""
    edit.get_unlocked(uid=user, conversation_id=conversation_id)
    event = body.event()
    edit.link_calendar_event(uid=user, conversation_id=conversation_id, event=event)
    return event


@router.delete("/calendar-event")
def unlink_calendar_event(user: User, conversation_id: str) -> Ok:
    """Say that it belongs to none."""
    edit.link_calendar_event(uid=user, conversation_id=conversation_id, event=None)
    return Ok()


@router.post("/calendar-event/auto-link")
def find_calendar_event(user: User, conversation_id: str) -> CalendarEvent:
    """Find the entry of the calendar that it belongs to; 404 where no calendar is connected."""
    edit.get_unlocked(uid=user, conversation_id=conversation_id)
    raise _no_calendar()


def _no_calendar() -> NotFoundError:
    return NotFoundError("No calendar is connected")
