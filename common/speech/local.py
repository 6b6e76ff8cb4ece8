"""The offline recogniser (local/models) as a provider, over its sockets like any other.

Deadlines here are real seconds, not nominal ones: neither a network nor a recogniser runs faster with TIME_SCALE.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND, Heard, TranscriptionStream, Utterance

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_NAME = "local"
_LANGUAGES = frozenset({"en", "multi"})
"""`multi` is taken for English: the only language there is."""
_LARGEST_MESSAGE = BYTES_PER_SECOND
_OPEN_SECONDS = 10.0
_BEHIND_SECONDS = 30.0
"""Audio that may be unanswered for long: an utterance of 15 s and what waits behind it."""
_PER_AUDIO_SECOND = 2.0
"""Seconds granted for a second of recorded audio, on top of the timeout; a loaded machine needs 0.3."""
_REFUSED = range(400, 500)


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
        self._url = f"ws{base_url.removeprefix('http').rstrip('/')}/v1/stream"
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
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus, WebSocketException

        address = f"{self._url}?{urlencode({'language': language})}"
        try:
            # No pings of the library's own: under back-pressure they are answered late; `_LocalStream` watches.
            connection = await connect(
                address,
                open_timeout=min(self._timeout, _OPEN_SECONDS),
                close_timeout=1.0,
                ping_interval=None,
                compression=None,
                proxy=None,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            kind = ProviderRefusedError if status in _REFUSED else ProviderError
            raise kind(f"the speech server answered {status}") from error
        except (OSError, TimeoutError, WebSocketException, EOFError) as error:
            raise ProviderError("the speech server cannot be reached") from error
        return _LocalStream(connection, timeout=self._timeout)


class _LocalStream:
    def __init__(self, connection: "ClientConnection", *, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._sent = 0.0
        self._until = 0.0
        self._finishing = False
        self._closed = False

    async def send(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), _LARGEST_MESSAGE):
            await self._send(pcm[start : start + _LARGEST_MESSAGE])
        self._sent += len(pcm) / BYTES_PER_SECOND

    async def keep_alive(self) -> None:
        """The server keeps a quiet stream by itself."""

    async def finish(self) -> None:
        if not self._finishing:
            self._finishing = True
            await self._send('{"type": "finish"}')

    async def _send(self, message: bytes | str) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            async with asyncio.timeout(self._timeout):
                await self._connection.send(message)
        except TimeoutError as error:
            raise ProviderError("the speech server takes no more audio") from error
        except ConnectionClosed as error:
            raise ProviderError("the speech server closed the stream") from error

    async def __aiter__(self) -> AsyncIterator[Heard]:
        while (message := await self._receive()) is not None:
            if isinstance(message, _ErrorMessage):
                raise ProviderError("the speech server failed")
            self._until = max(self._until, message.until)
            if isinstance(message, _FinishedMessage):
                yield Heard((), self._until)
                return
            yield Heard(message.plain().utterances, self._until)

    async def _receive(self) -> _HeardMessage | _FinishedMessage | _ErrorMessage | None:
        """The next message; None once this side has closed the stream."""
        from websockets.exceptions import ConnectionClosed

        while True:
            due = self._sent - self._until
            finishing = self._finishing
            try:
                async with asyncio.timeout(self._timeout):
                    return _MESSAGE.validate_json(await self._connection.recv())
            except TimeoutError as error:
                # Silence is fine as long as the server owes nothing: nobody has sent anything, or not for long.
                if finishing or due > _BEHIND_SECONDS:
                    raise ProviderError("the speech server is silent") from error
            except ConnectionClosed as error:
                if self._closed:
                    return None
                raise ProviderError("the speech server closed the stream") from error
            except ValidationError as error:
                raise ProviderError("the speech server answered nonsense") from error

    async def aclose(self) -> None:
        self._closed = True
        # A peer that does not answer the closing handshake is dropped after `close_timeout`.
        await self._connection.close()


class LocalBatchTranscriber:
    """Recognition of recordings by the model server; arguments as for streams."""

    name = _NAME

    def __init__(self, base_url: str, *, timeout: float) -> None:
        self._url = f"{base_url.rstrip('/')}/v1/transcribe"
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """English only."""
        return understands(language)

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = ()) -> Heard:  # noqa: ARG002
        """Recognise a recording of 6 minutes at most.

        Raises:
            ProviderRefusedError: a language the recogniser does not know, or a recording that is too long.
            ProviderError: no server, or none that answers properly in time.
        """
        import httpx

        patience = self._timeout + _PER_AUDIO_SECOND * len(pcm) / BYTES_PER_SECOND
        timeout = httpx.Timeout(self._timeout, read=patience)
        try:
            with httpx.Client(timeout=timeout, trust_env=False) as client:
                response = client.post(self._url, params={"language": language}, content=pcm)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderError("the speech server cannot be reached, or broke off") from error
        if response.status_code in _REFUSED:
            raise ProviderRefusedError(f"the speech server answered {response.status_code}")
        if not response.is_success:
            raise ProviderError(f"the speech server answered {response.status_code}")
        try:
            return _Transcript.model_validate_json(response.content).plain()
        except ValidationError as error:
            raise ProviderError("the speech server answered nonsense") from error


def understands(language: str) -> bool:
    """Whether the recogniser knows `language`."""
    return language.partition("-")[0].lower() in _LANGUAGES
