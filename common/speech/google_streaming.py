"""Google Speech v2 as a provider of live recognition.

Google ends a call about ten seconds after the last audio, takes five minutes of audio at most, says nothing of silence,
and need not tell what it understood before it has heard how it goes on. So a stream here is a sequence of calls: where
nobody speaks the call is finished, which makes Google tell all it has and proves the rest to be silent, and the next
audio begins another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.activity import mean_amplitude
from common.speech.google import NAME, SpeechProject, end_of, words_of
from common.speech.google_calls import Call, connect
from common.speech.google_languages import spoken_tag
from common.speech.transcriber import BYTES_PER_SECOND, Heard, TranscriptionStream, Utterance
from common.speech.words import Word, to_utterances

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import grpc.aio
    from google.cloud.speech_v2.types import cloud_speech

_LONGEST_S = 280.0
"""Of 300, or 305; a call begins with its stream at the earliest."""
_LARGEST_MESSAGE = 12_800
"""Bytes, of 15 KB (the API's reference) or 25 KB (its quotas)."""
_IDLE_S = 4.0
"""Real seconds without audio after which a call is finished, well before Google does."""
_UNANSWERED_S = 7.0
"""Real seconds without an answer about audio that was sent, after which the call is finished to get one."""
_UNANSWERED_LOUD_S = 11.0
"""The same while it is loud: a word may be cut in two, but unanswered audio counts as a failure soon after."""
_LOUD = 200
"""Mean amplitude, of 32768, above which somebody may be speaking."""
_VERDICT_SECONDS = 0.3
"""Real seconds that a refusal may take. Once audio is on its way the library no longer tells why a call failed."""
_LOOK_SECONDS = 1.0


class GoogleStreamingTranscriber:
    """Live recognition by Google.

    Args:
        project: whose, where and by which model.
        timeout: real seconds after which a server that takes no audio, or does not end what was finished, has failed.
    """

    name = NAME
    longest_s: float | None = _LONGEST_S

    def __init__(self, project: SpeechProject, *, timeout: float) -> None:
        self._project = project
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """What the model knows in streams."""
        return spoken_tag(language, model=self._project.model, streaming=True) is not None

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """Connect, and give Google a moment to refuse.

        Raises:
            ProviderRefusedError: a language the model does not know, or another request that is not accepted.
            ProviderExhaustedError: no credentials, or none that are accepted, or nothing is left of a quota.
            ProviderError: nobody there, or nobody who is well.
        """
        from google.cloud.speech_v2.types import cloud_speech as types

        config = types.StreamingRecognitionConfig(
            config=self._project.config(language, vocabulary, streaming=True),
            streaming_features=types.StreamingRecognitionFeatures(
                interim_results=True, enable_voice_activity_events=True
            ),
        )
        channel = await connect(self._project, patience=self._timeout)
        first = types.StreamingRecognizeRequest(recognizer=self._project.recognizer, streaming_config=config)
        stream = _GoogleStream(channel, first, timeout=self._timeout)
        try:
            await stream.begin()
        except BaseException:
            await stream.aclose()
            raise
        return stream


class _GoogleStream:
    def __init__(
        self, channel: grpc.aio.Channel, first: cloud_speech.StreamingRecognizeRequest, *, timeout: float
    ) -> None:
        from google.cloud.speech_v2 import SpeechAsyncClient
        from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport

        self._channel = channel
        self._client = SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))
        self._first = first
        self._timeout = timeout
        self._calls: deque[Call] = deque()
        self._news = asyncio.Event()
        self._speaking = asyncio.Lock()
        self._loud = False
        self._sent_bytes = 0
        self._until = 0.0
        self._supposed = False
        self._answered = False
        self._finishing = False
        self._closed = False

    async def begin(self) -> None:
        """Begin the first call.

        Raises:
            ProviderError: it failed at once, or was refused.
        """
        self._calls.append(Call(self._client, self._first, 0.0))
        await self._calls[0].check(_VERDICT_SECONDS)

    @property
    def _sent(self) -> float:
        return self._sent_bytes / BYTES_PER_SECOND

    async def send(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), _LARGEST_MESSAGE):
            async with self._speaking:
                await self._send(pcm[start : start + _LARGEST_MESSAGE])

    def offer(self, pcm: bytes) -> bool:  # noqa: ARG002 - the port has it
        """A call takes audio only from who waits."""
        return False

    async def keep_alive(self) -> None:
        """A call cannot be kept without audio: what was said is heard to its end, and the next audio begins another."""
        await self._finish_call()

    async def finish(self) -> None:
        self._finishing = True
        await self._finish_call()
        self._news.set()

    async def _send(self, piece: bytes) -> None:
        if self._closed:
            raise ProviderError("the stream was dropped")
        if not self._calls or self._calls[-1].finished:
            self._calls.append(Call(self._client, self._first, self._sent))
            self._news.set()
        call = self._calls[-1]
        if call.sent_until == call.base:
            call.answered_at = clock.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                await call.send(piece)
        except TimeoutError as error:
            raise ProviderError("Google takes no more audio") from error
        self._sent_bytes += len(piece)
        call.sent_until, call.spoken_at = self._sent, clock.monotonic()
        self._loud = mean_amplitude(piece) > _LOUD

    async def _finish_call(self) -> None:
        async with self._speaking:
            call = self._calls[-1] if self._calls else None
            if call is None or call.finished or self._closed:
                return
            if call.sent_until == call.base:  # one that never got audio is nothing that could be finished
                self._calls.pop()
                await call.drop()
                return
            try:
                async with asyncio.timeout(self._timeout):
                    await call.finish()
            except TimeoutError as error:
                raise ProviderError("Google takes no more audio") from error

    async def __aiter__(self) -> AsyncIterator[Heard]:
        while not self._closed:
            if self._calls:
                heard = await self._hear(self._calls[0])
                if heard is not None:
                    yield heard
            elif self._finishing:
                yield Heard((), self._sent)
                return
            else:
                self._news.clear()
                await self._news.wait()

    async def _hear(self, call: Call) -> Heard | None:
        try:
            response = await call.response(_LOOK_SECONDS)
        except TimeoutError:
            await self._look_after(call)
            return None
        except ProviderRefusedError as error:
            if self._answered:  # not about the request, then, but about how the call went
                raise ProviderError("Google broke the stream off") from error
            raise
        if self._closed or call.dropped:
            return None
        if response is None:
            if not call.finished:
                raise ProviderError("Google ended the stream")
            if self._supposed:  # and never made it final
                raise ProviderError("Google left words out")
            self._calls.popleft()
            self._until = max(self._until, call.sent_until)
            return Heard((), self._until)
        self._answered = True
        return self._understand(response, call)

    async def _look_after(self, call: Call) -> None:
        waited = clock.monotonic() - call.answered_at
        if call.finished:
            if waited > self._timeout:
                raise ProviderError("Google is silent")
        elif not self._speaking.locked() and (
            clock.monotonic() - call.spoken_at > _IDLE_S
            or waited > (_UNANSWERED_LOUD_S if self._loud else _UNANSWERED_S)
        ):
            await self._finish_call()

    def _understand(self, response: cloud_speech.StreamingRecognizeResponse, call: Call) -> Heard | None:
        said: list[Word] = []
        seeming: list[str] = []
        reached = self._until
        for result in response.results:
            end = min(max(reached, call.base + end_of(result)), max(reached, call.sent_until))
            if result.is_final:
                self._until = end
                said += words_of(result, since=reached, until=end, base=call.base)
            elif result.alternatives:
                seeming.append(result.alternatives[0].transcript)
            reached = max(reached, end)
        utterances = tuple(
            replace(utterance, end=min(utterance.end, call.sent_until)) for utterance in to_utterances(said)
        )
        self._until = max([self._until, *(utterance.end for utterance in utterances)])
        if not response.results:
            return None
        text = "".join(seeming).strip()
        self._supposed = bool(text)
        interim = (Utterance(text, self._until, max(reached, self._until)),) if text else ()
        return Heard(utterances, self._until, interim)

    async def aclose(self) -> None:
        self._closed = True
        self._news.set()
        for call in list(self._calls):
            await call.drop()
        with suppress(Exception):  # whatever the library still has to say: nobody listens
            await self._channel.close()
