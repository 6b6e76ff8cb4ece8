"""What a client asks for when it opens `/v4/listen` (CONTRACT section 1.2)."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticUseDefault

from common.core.settings import settings
from common.models.conversation import ConversationSource
from common.speech.tags import spoken

LONGEST_TIMEOUT_S = 14_400
_NEVER = -1
"""A timeout that stands for the longest; others below the shortest are raised to it."""
_ONBOARDING_TIMEOUT_S = 600
"""Who is asked about themselves may think."""
MOST_CHANNELS = 8
_ON = frozenset({"true", "enabled", "1", "yes", "on"})
_OFF = frozenset({"false", "disabled", "0", "no", "off"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class Named(Protocol):
    """Whoever has a name, as every provider of speech does."""

    name: str


NamedT = TypeVar("NamedT", bound=Named)


def _switch(value: Any) -> Any:
    """Clients say `true` here and `enabled` there; what says neither yes nor no says nothing."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise PydanticUseDefault


def _label(value: Any) -> Any:
    """A name to be noted; one that is none costs nobody the recording."""
    text = str(value).strip()
    if _NAME.fullmatch(text):
        return text
    raise PydanticUseDefault


Switch = Annotated[bool, BeforeValidator(_switch)]
Label = Annotated[str | None, BeforeValidator(_label)]


class ListenParameters(BaseModel):
    """The query string of a listen socket. Parameters it does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    language: str = Field("en", max_length=35)
    sample_rate: int = 8000
    codec: str = Field("pcm8", max_length=32)
    channels: int = Field(1, ge=1, le=MOST_CHANNELS)
    conversation_timeout: int | None = None
    source: ConversationSource = ConversationSource.OMI
    stt_service: Label = None
    """The provider of speech that the client would like best."""
    custom_stt: Switch = False
    """Whether the client recognises by itself: it sends transcripts, and its audio is stored but not transcribed."""
    include_speech_profile: Switch = True
    """Whether the owner may be recognised by voice; not while the profile itself is being recorded."""
    speech_profile_redo: Switch = False
    speaker_auto_assign: Switch = False
    """Whether people who are recognised are written to segments; otherwise they are only suggested."""
    create_speakers: Switch = True
    """Whether somebody who introduces himself may become a new person."""
    vad_gate: Annotated[bool | None, BeforeValidator(_switch)] = None
    """Whether silence is kept from the provider; None leaves that to us."""
    onboarding: Switch = False
    """Whether a new user is asked about themselves; what they answer is a conversation of its own kind."""
    call_id: Label = None
    client_conversation_id: str | None = None
    """The conversation that this connection belongs to, named by the client, and spelled as it does."""
    conversation_role: Annotated[str, BeforeValidator(_label)] = "ambient"
    client_device_id: Label = None
    client_platform: Label = None

    @classmethod
    def read(cls, query: Mapping[str, str], headers: Mapping[str, str]) -> Self:
        """What the query says, and the headers about the device where the query does not.

        Args:
            query: the query string's parameters.
            headers: the handshake's headers, asked for by lower-case names.

        Raises:
            ValidationError: a parameter that cannot be used.
        """
        platform, device = headers.get("x-app-platform"), headers.get("x-device-id-hash")
        noted = {
            "client_platform": platform,
            "client_device_id": f"{platform}_{device}" if platform and device else None,
        }
        read = cls.model_validate({name: value for name, value in noted.items() if value} | dict(query))
        return read.model_copy(update={"source": ConversationSource.ONBOARDING}) if read.onboarding else read

    @field_validator("language", "conversation_timeout", mode="before")
    @classmethod
    def _left_empty(cls, value: Any) -> Any:
        """A client that has nothing to say here says nothing."""
        if value == "":
            raise PydanticUseDefault
        return value

    @field_validator("source", mode="before")
    @classmethod
    def _known_source(cls, value: str) -> str:
        """An unknown source is captured all the same."""
        return value if value in set(ConversationSource) else ConversationSource.OMI

    @field_validator("client_conversation_id", mode="before")
    @classmethod
    def _is_uuid(cls, value: Any) -> Any:
        if value is None or value == "":
            raise PydanticUseDefault
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise ValueError("not a UUID")
        return value

    @property
    def timeout_s(self) -> int:
        """Seconds of silence after which the conversation is closed; never less than our own default."""
        if self.channels > 1:
            return LONGEST_TIMEOUT_S  # a call is over when it is hung up
        shortest = settings().conversation_timeout_s
        if self.onboarding:
            return max(shortest, _ONBOARDING_TIMEOUT_S)
        if self.conversation_timeout is None:
            return shortest
        if self.conversation_timeout == _NEVER:
            return LONGEST_TIMEOUT_S
        return min(max(self.conversation_timeout, shortest), LONGEST_TIMEOUT_S)

    @property
    def spoken_language(self) -> str:
        """A BCP-47 tag, or `multi`."""
        return spoken(self.language)

    def preferred_first(self, providers: Sequence[NamedT]) -> list[NamedT]:
        """The same providers, the one the client would like best in front; `soniox-v2` means `soniox`."""
        wish = re.split(r"[-_.:]", (self.stt_service or "").lower(), maxsplit=1)[0]
        return sorted(providers, key=lambda provider: provider.name != wish)
