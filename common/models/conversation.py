"""A conversation: everything about a recorded dialogue, as it is stored and as clients see it.

The wire names of older clients live on as mirrors: `plugins_results` for `apps_results`, `processing_memory_id` for
`processing_conversation_id`. `ConversationView` is what leaves the backend; `Conversation` adds what the chain needs.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, computed_field, field_validator, model_validator

from common.core.ids import derived_id
from common.models.attachments import (
    AppResult,
    AudioFile,
    CalendarEvent,
    ConversationAudio,
    ConversationPhoto,
    Geolocation,
    PostProcessing,
    SpeakerLabelSuggestion,
)
from common.models.base import Document, Moment
from common.models.segment import TranscriptSegment
from common.models.structured import Structured


class ConversationStatus(StrEnum):
    """Where a conversation is in its life (docs/decisions/0006-one-state-machine.md)."""

    IN_PROGRESS = "in_progress"
    PROCESSING = "processing"
    MERGING = "merging"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in {ConversationStatus.COMPLETED, ConversationStatus.FAILED}


class ConversationVisibility(StrEnum):
    """Who may read it."""

    PRIVATE = "private"
    SHARED = "shared"
    PUBLIC = "public"


class ConversationSource(StrEnum):
    """What captured it."""

    FRIEND = "friend"
    OMI = "omi"
    FIELDY = "fieldy"
    BEE = "bee"
    PLAUD = "plaud"
    FRAME = "frame"
    FRIEND_COM = "friend_com"
    APPLE_WATCH = "apple_watch"
    PHONE = "phone"
    PHONE_CALL = "phone_call"
    DESKTOP = "desktop"
    OPENGLASS = "openglass"
    SCREENPIPE = "screenpipe"
    WORKFLOW = "workflow"
    SDCARD = "sdcard"
    EXTERNAL_INTEGRATION = "external_integration"
    LIMITLESS = "limitless"
    RAYBAN_META = "rayban_meta"
    ONBOARDING = "onboarding"
    UNKNOWN = "unknown"


MERGED_FROM = "merged_from"
"""In `external_data` of a merged conversation: what it was made of."""


class Relevance(Document):
    """Why a conversation was kept or discarded."""

    verdict: Literal["keep", "discard"]
    decided_by: str
    """`policy`, `rule`, `model`, `override` (its owner has closed it) or `user`."""
    reason: str
    trigger: str = ""
    """What it was decided after: `capture_end`, `client_finalize`, `sync_update`, `user_reprocess`, `merge` or
    `server_recovery`."""
    rules_version: int = 1


class Interval(Document):
    """Seconds [start, end) of a capture session's audio."""

    start: float
    end: float


class CaptureSession(Document):
    """One connection that fed audio into the conversation.

    `covered` is what its recogniser has settled (heard or known silent) and no batch of segments says, `wordless` what
    of that was voiced for long without a word; written when the connection is done with the conversation. `channel` is
    whose microphone it is, where each speaker has one.
    """

    opened_at: Moment | None = None
    open: bool = True
    channel: int | None = None
    covered: list[Interval] = Field(default_factory=list)
    wordless: list[Interval] = Field(default_factory=list)


class Capture(Document):
    """How a conversation arrives: as audio, or handed over as words (`external`)."""

    kind: Literal["live", "upload", "direct", "external", "merged"] = "direct"
    instances: list[str] = Field(default_factory=list)
    """The instances of `listen` that have served it; each watches its own."""
    timeout_s: int = 120
    auto_assign: bool = True
    """Whether people who are recognised are named, or only suggested."""
    sessions: dict[str, CaptureSession] = Field(default_factory=dict)
    finish_requested_at: Moment | None = None
    moved: dict[str, float] = Field(default_factory=dict)
    """Per session, how many seconds after `started_at` its own times begin, where that was found to be earlier."""
    heard: bool = False
    """Whether it is what somebody was heard to say, though it was handed over: then it may be nothing worth keeping."""
    photographed: bool = False
    """Whether pictures stand beside it."""
    sights: int = 0
    """How many of its pictures were described when it was structured last."""
    source: ConversationSource | None = None
    """What its client calls itself, where its pictures have made it another source."""

    @property
    def deliberate(self) -> bool:
        """Whether its owner made it what it is: it says itself when it ended."""
        return self.kind in {"external", "merged"}


class Merging(Document):
    """A merge that a conversation waits for: of which, into which new one."""

    into: str
    conversation_ids: list[str]
    reprocess: bool = True


class Failure(Document):
    """Why a conversation is `failed`, and when it will be tried again by itself."""

    step: str
    reason: str
    retry_at: Moment | None = None
    retries: int = 0


def _identified(segments: list[Any], *, conversation_id: str) -> list[Any]:
    """Segments of old documents have no ids; theirs follow from the conversation and their place in it."""
    return [
        {**segment, "id": derived_id("segment", conversation_id, index)}
        if isinstance(segment, dict) and not segment.get("id")
        else segment
        for index, segment in enumerate(segments)
    ]


class ConversationView(Document):
    """A recorded dialogue with its structure, as clients see it. Segment times are relative to `started_at`."""

    id: str
    created_at: Moment
    updated_at: Moment | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    source: ConversationSource = ConversationSource.OMI
    language: str | None = None
    structured: Structured = Field(default_factory=Structured)
    transcript_segments: list[TranscriptSegment] = Field(default_factory=list)
    geolocation: Geolocation | None = None
    photos: list[ConversationPhoto] = Field(default_factory=list)
    audio_files: list[AudioFile] = Field(default_factory=list)
    conversation_audio: ConversationAudio | None = None
    private_cloud_sync_enabled: bool = False
    apps_results: list[AppResult] = Field(default_factory=list)
    suggested_summarization_apps: list[str] = Field(default_factory=list)
    speaker_label_suggestions: list[SpeakerLabelSuggestion] = Field(default_factory=list)
    external_data: dict[str, Any] | None = None
    app_id: str | None = None
    discarded: bool = False
    deleted: bool = False
    visibility: ConversationVisibility = ConversationVisibility.PRIVATE
    starred: bool = False
    postprocessing: PostProcessing | None = None
    processing_conversation_id: str | None = None
    status: ConversationStatus = ConversationStatus.COMPLETED
    is_locked: bool = False
    deferred: bool = False
    data_protection_level: str | None = None
    folder_id: str | None = None
    call_id: str | None = None
    calendar_event: CalendarEvent | None = None
    client_device_id: str | None = None
    client_platform: str | None = None
    uses_custom_stt: bool = False
    user_title: str | None = None
    """A title the user has set; reprocessing never overwrites it."""
    relevance: Relevance | None = None
    failure: Failure | None = None

    @model_validator(mode="before")
    @classmethod
    def _older_names(cls, value: Any) -> Any:
        """Nulls mean the default; mirrors fill the field they mirror where that is missing."""
        if not isinstance(value, dict):
            return value
        fields = {name: item for name, item in value.items() if item is not None}
        if not fields.get("apps_results") and fields.get("plugins_results"):
            fields["apps_results"] = fields["plugins_results"]
        if "processing_conversation_id" not in fields and "processing_memory_id" in fields:
            fields["processing_conversation_id"] = fields["processing_memory_id"]
        segments = fields.get("transcript_segments")
        if isinstance(segments, list):
            fields["transcript_segments"] = _identified(segments, conversation_id=str(fields.get("id", "")))
        return fields

    @field_validator("source", mode="before")
    @classmethod
    def _known_source(cls, value: Any) -> Any:
        """The seed documents call the device's own source `conversation`; what is unknown stays readable."""
        name = str(value)
        if name in {"", "conversation"}:
            return ConversationSource.OMI
        return name if name in set(ConversationSource) else ConversationSource.UNKNOWN

    @field_validator("visibility", mode="before")
    @classmethod
    def _known_visibility(cls, value: Any) -> Any:
        """What this version does not know is shown to nobody else."""
        return value if value in set(ConversationVisibility) else ConversationVisibility.PRIVATE

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def plugins_results(self) -> list[dict[str, str | None]]:
        """Mirror of `apps_results` for clients that still say plugin."""
        return [{"plugin_id": result.app_id, "content": result.content} for result in self.apps_results]

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def processing_memory_id(self) -> str | None:
        """Mirror of `processing_conversation_id`."""
        return self.processing_conversation_id

    @property
    def began(self) -> datetime:
        """Where its second 0 lies."""
        return self.started_at or self.created_at

    @property
    def has_words(self) -> bool:
        """Whether anything was said."""
        return any(segment.text.strip() for segment in self.transcript_segments)

    def to_wire(self, *, with_photos: bool = True) -> dict[str, Any]:
        """The conversation as clients get it, JSON-ready."""
        shown = self if with_photos else self.without_photos()
        wire: dict[str, Any] = ConversationView.__pydantic_serializer__.to_python(shown, mode="json")
        return wire

    def without_photos(self) -> Self:
        """The same as lists show it."""
        return self.model_copy(update={"photos": []}) if self.photos else self


class Conversation(ConversationView):
    """A conversation as it is stored."""

    transcript_segments_compressed: bool = False
    run: int = 0
    """Counts the entries into `processing`; what is done for one run is never done for it again."""
    restarts: int = 0
    """How often it was started again since the last result, for want of one."""
    traceparent: str | None = None
    """The trace that it is followed in: the one in which it began and, from the second run on, that of whoever asked.
    An event about the document carries nothing else that says so."""
    asked_run: int = 0
    """The run that its owner has asked for last; since then the title stays."""
    capture: Capture = Field(default_factory=Capture)
    covered: dict[str, list[Interval]] = Field(default_factory=dict)
    """Per capture session, the stretches of audio that `transcript_segments` already contains."""
    unheard: dict[str, list[Interval]] = Field(default_factory=dict)
    """The same of audio with voices in which nobody has understood a word; its owner can have it heard again."""
    pending_spans: list[str] = Field(default_factory=list)
    """Stretches of stored audio that the batch transcriber still owes."""
    user_overview: str | None = None
    """A summary that the user has written; reprocessing never overwrites it."""
    user_action_items: dict[str, str | None] = Field(default_factory=dict)
    """What the user calls an action item, or None for one that is deleted, by a digest of its first wording."""
    user_segments: list[str] = Field(default_factory=list)
    """Segments whose words the user has corrected; nothing that is heard later replaces them."""
    folder_user_set: bool = False
    """Whether the user has filed it; then no program files it elsewhere."""
    merging: Merging | None = None
    apps_run: int | None = None
    """The run that an app was chosen for last."""
    user_app_results: list[str] = Field(default_factory=list)
    """Apps whose result the user has rewritten; nothing overwrites it."""
    summary_app_id: str | None = None
    """The app that the user has asked to summarise it."""
    transcript_chunks: int = 0
    """How many chunk documents hold the transcript when it is too long to stand inline."""
    transcript_revision: str | None = None
    """Names what is in the chunks."""
    speaker_ids: list[str] | None = None
    """Who speaks, to be found by without the transcript: ids of people, `user` for the owner, NAMED for all whose names
    came with it. What an older version stored does not say so."""

    @property
    def named_speakers(self) -> dict[str, Any]:
        """The names that came with a transcript, by what it calls its speakers; as they came."""
        named = (self.external_data or {}).get("speakers")
        return named if isinstance(named, dict) else {}

    @property
    def merged_from(self) -> list[str]:
        """The conversations that have become this one; none where it was not merged."""
        if self.capture.kind != "merged":
            return []
        return list((self.external_data or {}).get(MERGED_FROM) or [])

    @property
    def has_content(self) -> bool:
        """Whether anything was said or photographed."""
        return self.has_words or bool(self.photos) or self.capture.photographed
