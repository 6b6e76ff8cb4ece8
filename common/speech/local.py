"""The offline recogniser (local/models) as a provider, over its sockets like any other.

Deadlines here are real seconds, not nominal ones: neither a network nor a recogniser runs faster with TIME_SCALE.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from common.core.errors import ProviderError
from common.speech.dialects import Dialect, Limits, News
from common.speech.posting import post
from common.speech.rejections import rejection
from common.speech.sockets import websocket_address
from common.speech.streaming import open_stream
from common.speech.tags import listed
from common.speech.transcriber import BYTES_PER_SECOND, Heard, TranscriptionStream, Utterance

_NAME = "local"
_PROVIDER = "the speech server"
_LANGUAGES = frozenset({"en", "multi"})
"""`multi` is taken for English: the only language there is."""
_PER_AUDIO_SECOND = 2.0
"""Seconds granted for a second of recorded audio, on top of the timeout; a loaded machine needs 0.3."""


class _Utterance(BaseModel):
    model_config = ConfigDict(strict=True)

    text: str
    start: Annotated[FiniteFloat, Field(ge=0)]
    end: Annotated[FiniteFloat, Field(ge=0)]
    speaker: Annotated[int, Field(ge=0)] = 0

    def plain(self) -> Utterance:
        return Utterance(text=self.text, start=self.start, end=max(self.start, self.end), speaker=self.speaker)


class _Transcript(BaseModel):
    model_config = ConfigDict(strict=True)

    utterances: list[_Utterance]
    until: Annotated[FiniteFloat, Field(ge=0)]

    def plain(self) -> Heard:
        return Heard(tuple(utterance.plain() for utterance in self.utterances), self.until)


class _HeardMessage(_Transcript):
    type: Literal["heard"]


class _FinishedMessage(BaseModel):
    type: Literal["finished"]
    until: Annotated[FiniteFloat, Field(ge=0)]


class _ErrorMessage(BaseModel):
    type: Literal["error"]
    message: str


_Message = Annotated[_HeardMessage | _FinishedMessage | _ErrorMessage, Field(discriminator="type")]
_MESSAGE: TypeAdapter[_HeardMessage | _FinishedMessage | _ErrorMessage] = TypeAdapter(_Message)


class LocalStreamingTranscriber:
    """Live recognition by the model server.

    Args:
        base_url: The model server's address, `http://host:port`.
        timeout: Seconds after which a server that does not answer, read or make progress has failed; for connecting
            10 at most.
    """

    name = _NAME
    longest_s: float | None = None

    def __init__(self, base_url: str, *, timeout: float) -> None:
        self._url = websocket_address(base_url, "/v1/stream")
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """English only."""
        return understands(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:  # noqa: ARG002
        """Connect. The recogniser's vocabulary is fixed.

        Raises:
            ProviderRefusedError: a language the recogniser does not know.
            ProviderError: no server, or none that answers in time.
        """
        address = f"{self._url}?{urlencode({'language': language})}"
        return await open_stream(address, _LocalDialect(), patience_s=self._timeout)


class _LocalDialect(Dialect):
    provider = _PROVIDER
    # An utterance may be 15 s long, and others wait behind it. Under back-pressure the server answers pings late.
    limits = Limits(
        behind_s=30.0, silent_s=math.inf, ahead_s=math.inf, unsettled_s=math.inf, message_s=1.0, pings=False
    )

    def __init__(self) -> None:
        self._flushed = True

    def audio(self, pcm: bytes) -> bytes:
        self._flushed = False
        return pcm

    def keep_alive(self) -> Sequence[str]:
        """The socket stays open by itself; in a pause the words before it are heard to their end."""
        flush = () if self._flushed else ('{"type": "flush"}',)
        self._flushed = True
        return flush

    def finish(self) -> str:
        return '{"type": "finish"}'

    def hear(self, message: str | bytes) -> News:
        said = _MESSAGE.validate_json(message)
        if isinstance(said, _ErrorMessage):
            raise ProviderError("the speech server failed")
        if isinstance(said, _FinishedMessage):
            return News(until=said.until, reached=said.until, finished=True)
        return News(said.plain().utterances, until=said.until, reached=said.until)


class LocalBatchTranscriber:
    """Recognition of recordings by the model server; arguments as for streams."""

    name = _NAME

    def __init__(self, base_url: str, *, timeout: float) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/transcribe"
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """English only."""
        return understands(language)

    def transcribe(
        self,
        pcm: bytes,
        *,
        language: str,
        vocabulary: Sequence[str] = (),  # noqa: ARG002
        within_s: float = math.inf,
    ) -> Heard:
        """Recognise a recording of 6 minutes at most.

        Raises:
            ProviderRefusedError: a language the recogniser does not know, or a recording that is too long.
            ProviderError: no server, or none that answers properly in time.
        """
        patience = self._timeout + _PER_AUDIO_SECOND * len(pcm) / BYTES_PER_SECOND
        answer = post(
            self._url,
            provider=_PROVIDER,
            within_s=min(within_s, patience),
            params={"language": language},
            content=pcm,
        )
        if not answer.ok:
            raise rejection(_PROVIDER, answer.status)
        try:
            return _Transcript.model_validate_json(answer.body).plain()
        except ValidationError as error:
            raise ProviderError("the speech server answered nonsense") from error


def understands(language: str) -> bool:
    """Whether the recogniser knows `language`."""
    return listed(language, _LANGUAGES) is not None
