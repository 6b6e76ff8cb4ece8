"""A conversation as others than the app see it: programs of its owner, and whoever it is shared with."""

from collections.abc import Sequence

from pydantic import Field, computed_field

from common.models.attachments import AppResult, Geolocation
from common.models.base import Document, Moment
from common.models.conversation import (
    ConversationSource,
    ConversationStatus,
    ConversationView,
    ConversationVisibility,
)
from common.models.segment import Translation
from common.models.structured import ConversationCategory, Structured


class NamedSegment(Document):
    """What one speaker said, who has a name: the owner's, a person's, or `Speaker N`. Times in seconds."""

    id: str
    text: str
    speaker_id: int
    speaker_name: str = Field(examples=["Speaker 1"])
    start: float
    end: float


class DeveloperSegment(NamedSegment):
    """The same for the developer API."""

    speaker: str
    is_user: bool
    person_id: str | None = None


class DeveloperConversation(Document):
    """A conversation for the developer API (CONTRACT section 4.2)."""

    id: str
    created_at: Moment
    updated_at: Moment | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    language: str | None = None
    source: ConversationSource
    status: ConversationStatus
    discarded: bool
    structured: Structured
    transcript_segments: list[DeveloperSegment] | None = Field(None, description="Only where asked for")
    geolocation: Geolocation | None = None
    folder_id: str | None = None
    folder_name: str | None = None
    starred: bool = False


class FoundPassage(Document):
    """What was said and answers a question; times in seconds, `speaker_name` says the first of `segment_ids`."""

    conversation_id: str
    text: str
    segment_ids: list[str]
    speaker_name: str = Field(examples=["Speaker 1"])
    start: float
    end: float
    score: float = Field(
        description="A cosine, plus what the question's own words, its time and how much the passage tells add"
    )


class FoundConversation(ConversationView):
    """A conversation that a search has found, with what answers the question, best first."""

    score: float = Field(0.0, description="As that of passages; 2 where the title is the question")
    passages: list[FoundPassage] = Field(default_factory=list)

    @classmethod
    def of(
        cls, conversation: ConversationView, *, score: float, passages: Sequence[FoundPassage]
    ) -> "FoundConversation":
        """The conversation, which is valid already, with its passages."""
        return cls.model_construct(**{**conversation.__dict__, "score": score, "passages": list(passages)})


class Summary(Document):
    """What a conversation was about."""

    title: str
    overview: str
    category: ConversationCategory


class McpConversation(Document):
    """A conversation for a language model (CONTRACT section 4.3)."""

    id: str
    started_at: Moment | None = None
    finished_at: Moment | None = None
    structured: Summary
    language: str | None = None


class McpFound(McpConversation):
    """The same with what of it answers a question, best first."""

    passages: list[FoundPassage]


class McpTranscript(McpConversation):
    """The same with what was said."""

    transcript_segments: list[NamedSegment]


class SharedSegment(NamedSegment):
    """The same for whoever a conversation is shared with: a name, but no id of a person."""

    speaker: str
    is_user: bool
    translations: list[Translation] = Field(default_factory=list)


class SharedPhoto(Document):
    """A picture without what leads to where it is stored."""

    id: str
    base64: str
    description: str | None = None
    created_at: Moment
    discarded: bool = False


class SharedConversation(Document):
    """A conversation as whoever knows its address sees it: not where it was, nor what belongs to its owner alone."""

    id: str
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    language: str | None = None
    source: ConversationSource
    status: ConversationStatus
    visibility: ConversationVisibility
    discarded: bool
    structured: Structured
    transcript_segments: list[SharedSegment]
    photos: list[SharedPhoto]
    apps_results: list[AppResult]

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def plugins_results(self) -> list[dict[str, str | None]]:
        """Mirror of `apps_results` for clients that still say plugin."""
        return [{"plugin_id": result.app_id, "content": result.content} for result in self.apps_results]
