"""What may hang on a conversation besides its words: place, photos, audio, apps' answers, a calendar event."""

import json
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator, model_validator

from common.core.ids import new_id
from common.models.base import Document, Moment


class Geolocation(Document):
    """Where it took place, in degrees."""

    google_place_id: str | None = None
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    address: str | None = None
    location_type: str | None = None


class ConversationPhoto(Document):
    """A picture taken during the conversation; bytes inline as base64 or in the media bucket under `storage_id`.

    It is undescribed while `description` is None: `failure` says why where describing it was given up.
    """

    id: str = Field(default_factory=new_id)
    base64: str = ""
    storage_id: str | None = None
    content_type: str | None = None
    description: str | None = None
    created_at: Moment
    discarded: bool = False
    data_protection_level: str | None = None
    failure: str | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more is going to be said of it."""
        return self.description is not None or self.failure is not None


class AudioFile(Document):
    """A stretch of kept audio, made of chunks at most 90 s apart. `duration` in seconds."""

    id: str = Field(default_factory=new_id)
    uid: str
    conversation_id: str
    chunk_timestamps: list[float] = Field(default_factory=list)
    provider: str = "gcp"
    started_at: Moment | None = None
    duration: float = 0.0


class AudioSpan(Document):
    """Where one audio file lies on the wall clock and in the merged recording, in seconds."""

    file_id: str
    wall_offset: float
    artifact_offset: float
    len: float


class ConversationAudio(Document):
    """The merged, playable recording of a conversation."""

    audio_files_fingerprint: str
    duration: float
    captured_duration: float
    spans: list[AudioSpan] = Field(default_factory=list)
    content_type: str = "audio/mpeg"
    built_at: Moment


class AppResult(Document):
    """What an app made of the conversation."""

    app_id: str | None = None
    content: str = ""

    @model_validator(mode="before")
    @classmethod
    def _plugin_result(cls, value: Any) -> Any:
        """The oldest form: `plugin_id` with `content`, or with structured `data`."""
        if not isinstance(value, dict):
            return value
        app_id = value.get("app_id") or value.get("plugin_id")
        content = value.get("content")
        if content is None and "data" in value:
            content = value["data"] if isinstance(value["data"], str) else json.dumps(value["data"])
        return {"app_id": app_id, "content": content or ""}


class SpeakerLabelSuggestion(Document):
    """A guess who a speaker is, for the user to confirm."""

    speaker_id: int
    person_name: str
    confidence: float | None = None
    segment_ids: list[str] = Field(default_factory=list)


class CalendarEvent(Document):
    """The calendar entry this conversation belongs to."""

    event_id: str
    title: str
    attendees: list[str] = Field(default_factory=list)
    attendee_emails: list[str] = Field(default_factory=list)
    start_time: Moment
    end_time: Moment
    html_link: str | None = None


class PostProcessingStatus(StrEnum):
    """How far it is."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"


class PostProcessingModel(StrEnum):
    """By which model."""

    FAL_WHISPERX = "fal_whisperx"
    PRERECORDED = "prerecorded"


class PostProcessing(Document):
    """How far the second, more careful pass over the audio has come."""

    status: PostProcessingStatus = PostProcessingStatus.NOT_STARTED
    model: PostProcessingModel = PostProcessingModel.FAL_WHISPERX
    fail_reason: str | None = None

    @field_validator("status", mode="before")
    @classmethod
    def _known_status(cls, value: Any) -> Any:
        """What this version does not know must not make a conversation unreadable."""
        return value if value in set(PostProcessingStatus) else PostProcessingStatus.NOT_STARTED

    @field_validator("model", mode="before")
    @classmethod
    def _known_model(cls, value: Any) -> Any:
        return value if value in set(PostProcessingModel) else PostProcessingModel.FAL_WHISPERX
