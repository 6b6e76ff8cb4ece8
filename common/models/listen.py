"""What the listen socket says: events with a `type`; transcript segments go as a bare array, and `ping` as text."""

from typing import Any, Literal

from pydantic import Field

from common.models.base import Shape


class ServerEvent(Shape):
    """A JSON object on the socket; clients ignore types they do not know."""

    type: str


class ServiceStatus(ServerEvent):
    """How far the session is: the app waits for `ready`."""

    type: Literal["service_status"] = "service_status"
    status: Literal[
        "initiating", "in_progress_conversations_processing", "stt_initiating", "ready", "stt_interrupted", "stt_failed"
    ]
    status_text: str | None = None
    provider: str | None = None


class LastMemory(ServerEvent):
    """The conversation completed last, once after connecting."""

    type: Literal["last_memory"] = "last_memory"
    memory_id: str


class ConversationEvent(ServerEvent):
    """A conversation was closed (`memory_processing_started`) or is done (`memory_created`); `memory` is all of it."""

    type: Literal["memory_processing_started", "memory_created"]
    memory: dict[str, Any]
    messages: list[dict[str, Any]] = Field(default_factory=list)


class ConversationSession(ServerEvent):
    """Which conversation the audio goes to from here on; `lifecycle_sequence` counts those of the connection."""

    type: Literal["conversation_session"] = "conversation_session"
    conversation_id: str
    recording_session_id: str
    status: Literal["in_progress"] = "in_progress"
    lifecycle_version: int = 1
    lifecycle_phase: Literal["opened", "resumed"]
    lifecycle_sequence: int


class SegmentsDeleted(ServerEvent):
    """Segments that were shown have become part of others, or came to nothing."""

    type: Literal["segments_deleted"] = "segments_deleted"
    segment_ids: list[str]


class SpeakerSuggested(ServerEvent):
    """Who a voice may be, for the user to confirm; `person_id` is empty for a name of nobody, `user` for the owner."""

    type: Literal["speaker_label_suggestion"] = "speaker_label_suggestion"
    speaker_id: int
    person_id: str
    person_name: str
    segment_id: str


class SpeakerAssigned(Shape):
    """The client says who a voice is; `person_id` is `user` for the owner, and empty where that is taken back."""

    type: Literal["speaker_assigned"] = "speaker_assigned"
    speaker_id: int = Field(ge=0, le=1_000_000)
    person_id: str = Field("", max_length=1500)
    segment_ids: list[str] = Field(min_length=1, max_length=1000)


class AudioStored(ServerEvent):
    """Everything before this second of the conversation is safe; of one channel, where there are several."""

    type: Literal["audio_stored"] = "audio_stored"
    conversation_id: str
    until_s: float
    channel: int | None = None


class PhotoProcessing(ServerEvent):
    """A picture is whole and stored; `temp_id` is what its client calls it."""

    type: Literal["photo_processing"] = "photo_processing"
    temp_id: str
    photo_id: str


class PhotoDescribed(ServerEvent):
    """Nothing more is going to be said of a picture; the description is empty where nobody could give one."""

    type: Literal["photo_described"] = "photo_described"
    photo_id: str
    description: str
    discarded: bool = False


class Translating(ServerEvent):
    """Segments again, with their translations."""

    type: Literal["translating"] = "translating"
    segments: list[dict[str, Any]]


class OnboardingQuestion(ServerEvent):
    """Something that a new user is asked."""

    type: Literal["onboarding_question"] = "onboarding_question"
    question: str
    question_index: int
    total_questions: int


class QuestionAnswered(ServerEvent):
    """The question is done with; not `answered` where it was skipped."""

    type: Literal["question_answered"] = "question_answered"
    question_index: int
    answered: bool


class OnboardingComplete(ServerEvent):
    """Nothing more is asked; how much is remembered by now of what was answered."""

    type: Literal["onboarding_complete"] = "onboarding_complete"
    conversation_id: str | None = None
    memories_created: int
    error: str | None = None
