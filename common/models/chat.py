"""The chat: messages, the files that go with them, and sessions, which are chats beside the main one.

The main chat with the assistant and the chat with each app are told apart by `app_id`, which older clients know as
`plugin_id`; a session's messages belong to the session alone.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, computed_field, field_validator, model_validator

from common.core.ids import derived_id
from common.models.base import Document, Moment, Older, without_nulls
from common.models.structured import DEFAULT_EMOJI

PREVIEW_CHARACTERS = 100
"""How much of its last message a session shows."""
NEW_CHAT = "New Chat"
"""What a session is called that has no title yet."""


class MessageSender(StrEnum):
    """Who said it."""

    AI = "ai"
    HUMAN = "human"


class MessageType(StrEnum):
    """What kind of message."""

    TEXT = "text"
    DAY_SUMMARY = "day_summary"


def app_message_id(*once: str) -> str:
    """The id of what an app says on one occasion."""
    return derived_id("app_message", *once)


class CitedStructure(Older):
    """What a conversation is called."""

    title: str = ""
    emoji: str = DEFAULT_EMOJI


class CitedConversation(Document):
    """A conversation that an answer rests on."""

    id: str
    structured: CitedStructure = Field(default_factory=CitedStructure)
    created_at: Moment


class FileChat(Older):
    """A file of the chat. `openai_file_id` is the id once more: some clients send that one back."""

    id: str
    name: str
    mime_type: str
    thumbnail: str = ""
    thumbnail_name: str = ""
    created_at: Moment
    deleted: bool = False

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def openai_file_id(self) -> str:
        """Mirror of `id`."""
        return self.id


class MessageView(Document):
    """A message, as clients see it. `memories` are conversations that an answer rests on."""

    id: str
    text: str = ""
    created_at: Moment
    sender: MessageSender
    type: MessageType = MessageType.TEXT
    app_id: str | None = None
    from_external_integration: bool = False
    memories_id: list[str] = Field(default_factory=list)
    memories: list[CitedConversation] = Field(default_factory=list)
    files_id: list[str] = Field(default_factory=list)
    files: list[FileChat] = Field(default_factory=list)
    reported: bool = False
    report_reason: str | None = None
    chat_session_id: str | None = None
    rating: int | None = None
    client_message_id: str | None = None
    message_source: str | None = None
    metadata: str | None = None
    data_protection_level: str | None = None
    chart_data: dict[str, Any] | None = None
    """A chart to draw with the text: `type`, `title`, `labels`, `series` of `name` and `values`."""

    @model_validator(mode="before")
    @classmethod
    def _older_names(cls, value: Any) -> Any:
        """Nulls mean the default; mirrors fill the field they mirror where that is missing."""
        if not isinstance(value, dict):
            return value
        fields: dict[str, Any] = without_nulls(value)
        for name, mirror in (("app_id", "plugin_id"), ("chat_session_id", "session_id")):
            if name not in fields and mirror in fields:
                fields[name] = fields[mirror]
        return fields

    @field_validator("type", mode="before")
    @classmethod
    def _known_type(cls, value: Any) -> Any:
        """A type that this version does not know is text."""
        return value if value in set(MessageType) else MessageType.TEXT

    @field_validator("sender", mode="before")
    @classmethod
    def _known_sender(cls, value: Any) -> Any:
        """Clients know two; whoever else it was is not the user."""
        return value if value in set(MessageSender) else MessageSender.AI

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def plugin_id(self) -> str | None:
        """Mirror of `app_id`."""
        return self.app_id

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def session_id(self) -> str | None:
        """Mirror of `chat_session_id`."""
        return self.chat_session_id


class MessageContext(Document):
    """What the user was looking at while writing: a conversation, a memory, a task or the recap of some days."""

    type: str = Field(max_length=50, examples=["conversation"])
    id: str | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=1000)
    start_date: Moment | None = None
    end_date: Moment | None = None


class Message(MessageView):
    """A message as it is stored: with the ids of what it cites, never with copies, which would outlive deletion."""

    def to_firestore(self, *, without: str | None = None) -> dict[str, Any]:
        """The document; ids that are null are written as null, because they are asked for as null."""
        return {name: value for name, value in super().to_firestore(without=without).items() if name != "memories"}


class Answer(MessageView):
    """The assistant's message that ends a stream. `ask_for_nps`: whether to ask the user how good it was."""

    ask_for_nps: bool = False


class ChatSession(Document):
    """A chat beside the main one."""

    id: str
    title: str = NEW_CHAT
    preview: str | None = None
    """The beginning of its last message."""
    created_at: Moment
    updated_at: Moment
    app_id: str | None = None
    message_count: int = 0
    starred: bool = False

    @model_validator(mode="before")
    @classmethod
    def _older_names(cls, value: Any) -> Any:
        """Nulls mean the default; the oldest sessions know neither a title nor when they changed."""
        if not isinstance(value, dict):
            return value
        fields: dict[str, Any] = without_nulls(value)
        if "app_id" not in fields and "plugin_id" in fields:
            fields["app_id"] = fields["plugin_id"]
        if "updated_at" not in fields and "created_at" in fields:
            fields["updated_at"] = fields["created_at"]
        return fields

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def plugin_id(self) -> str | None:
        """Mirror of `app_id`."""
        return self.app_id
