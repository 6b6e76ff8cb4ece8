"""What a client asks for when it opens `/v4/listen` (CONTRACT: query parameters)."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.core.settings import settings
from common.models.conversation import ConversationSource

LONGEST_TIMEOUT_S = 14_400


class ListenParameters(BaseModel):
    """The query string of a listen socket. Parameters it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    language: str = Field("en", max_length=35)
    sample_rate: int = 8000
    codec: str = Field("pcm8", max_length=32)
    channels: int = Field(1, ge=1)
    conversation_timeout: int | None = None
    source: ConversationSource = ConversationSource.OMI

    @field_validator("source", mode="before")
    @classmethod
    def _known_source(cls, value: str) -> str:
        """An unknown source is captured all the same."""
        return value if value in set(ConversationSource) else ConversationSource.OMI

    @property
    def timeout_s(self) -> int:
        """Seconds of silence after which the conversation is closed; never less than our own default."""
        shortest = settings().conversation_timeout_s
        if self.conversation_timeout is None:
            return shortest
        if self.conversation_timeout < 0:
            return LONGEST_TIMEOUT_S
        return min(max(self.conversation_timeout, shortest), LONGEST_TIMEOUT_S)

    @property
    def spoken_language(self) -> str:
        """A BCP-47 tag, or `multi`."""
        return "multi" if self.language == "auto" else self.language
