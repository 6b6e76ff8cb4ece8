"""A server of Google Speech v2 over gRPC: it keeps the published rules, and understands what the ear it is given hears.

As with Google silence brings no message at all, a result is final where a pause follows or the call is finished, and a
call that gets no audio, too much of it or too much at once is broken off.
"""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
from google.cloud.speech_v2.types import cloud_speech as types

from tests.support.speech_servers.ears import Ear

RATE = 16_000
_CHUNK = RATE // 10
_PAUSE_S = 0.6
_LARGEST_AUDIO = 15 * 1024
_LARGEST_RECORDING = 10 * 1024 * 1024
_LONGEST_RECORDING_S = 60.0

Heard = Callable[[bytes], Sequence[tuple[str, float, float]]]
"""Words in PCM: text, start, end in seconds."""
Streaming = Callable[[AsyncIterator[Any], Any], AsyncIterator[Any]]
"""A servicer's method: requests and context to responses."""


def heard_by(ear: Callable[[], Ear]) -> Heard:
    """What the ears of other servers hear, of an utterance at once."""

    def hear(pcm: bytes) -> list[tuple[str, float, float]]:
        listening = ear()
        words = [*listening.hear(pcm), *listening.rest()]
        return [(word.text, word.start, word.end) for word in words]

    return hear


@dataclass
class GoogleSpeech:
    """What the server does and has seen.

    `voice`: the mean amplitude above which it believes somebody speaks. `streams`: a method in place of the usual one,
    for a server that misbehaves; `recognizes` likewise for recordings.
    """

    ear: Heard
    quiet_s: float = 10.0
    longest_s: float = 305.0
    voice: float = 100.0
    streams: Streaming | None = None
    recognizes: Callable[[Any, Any], Awaitable[Any]] | None = None
    configs: list[Any] = field(default_factory=list)
    recordings: list[Any] = field(default_factory=list)
    calls: int = 0

    async def stream(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        """StreamingRecognize."""
        self.calls += 1
        if self.streams is not None:
            async for response in self.streams(requests, context):
                yield response
            return
        first = await anext(requests, None)
        if first is None or not first.recognizer or first.audio or not _fits(first.streaming_config.config):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Invalid configuration.")
        self.configs.append(first)
        call = _Call(self.ear, self.voice)
        async for request in self._in_time(requests, context):
            if len(request.audio) > _LARGEST_AUDIO:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Audio chunk is too large.")
            for response in await asyncio.to_thread(lambda audio: list(call.take(audio)), request.audio):
                yield response
            if call.seconds > self.longest_s:
                await context.abort(grpc.StatusCode.ABORTED, "Max duration of 5 minutes reached for stream.")
        for response in await asyncio.to_thread(lambda: list(call.finish())):
            yield response

    async def _in_time(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        while True:
            try:
                async with asyncio.timeout(self.quiet_s):
                    request = await anext(requests, None)
            except TimeoutError:
                await context.abort(
                    grpc.StatusCode.ABORTED, "Stream timed out after receiving no more client requests."
                )
            if request is None:
                return
            yield request

    async def recognize(self, request: Any, context: Any) -> Any:
        """Recognize."""
        if self.recognizes is not None:
            return await self.recognizes(request, context)
        if not request.recognizer or not _fits(request.config):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Invalid configuration.")
        if len(request.content) > _LARGEST_RECORDING or len(request.content) / 2 / RATE > _LONGEST_RECORDING_S:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Inline audio exceeds duration limit.")
        self.recordings.append(request)
        words = await asyncio.to_thread(self.ear, request.content)
        results = [_result(words, 0.0, words[-1][2])] if words else []
        return types.RecognizeResponse(results=results)


class _Call:
    """One stream's audio, cut into utterances by pauses."""

    def __init__(self, ear: Heard, voice: float) -> None:
        self._ear = ear
        self._voice = voice
        self._waiting = bytearray()
        self._utterance = bytearray()
        self._begin = 0.0
        self._quiet = 0.0
        self.seconds = 0.0

    def take(self, audio: bytes) -> Iterator[Any]:
        self._waiting += audio
        while len(self._waiting) >= 2 * _CHUNK:
            chunk = bytes(self._waiting[: 2 * _CHUNK])
            del self._waiting[: 2 * _CHUNK]
            yield from self._chunk(chunk)

    def finish(self) -> Iterator[Any]:
        if self._waiting:
            yield from self._chunk(bytes(self._waiting))
        if self._utterance:
            yield from self._final()

    def _chunk(self, chunk: bytes) -> Iterator[Any]:
        samples = array("h", chunk)
        voice = sum(map(abs, samples)) / len(samples) > self._voice
        if voice and not self._utterance:
            self._begin = self.seconds
            yield self._event("SPEECH_ACTIVITY_BEGIN")
        self.seconds += len(samples) / RATE
        if not voice and not self._utterance:
            return
        self._utterance += chunk
        self._quiet = 0.0 if voice else self._quiet + len(samples) / RATE
        if self._quiet >= _PAUSE_S:
            yield self._event("SPEECH_ACTIVITY_END")
            yield from self._final()
        elif len(self._utterance) % (10 * 2 * _CHUNK) == 0:
            yield from self._interim()

    def _final(self) -> Iterator[Any]:
        words = self._ear(bytes(self._utterance))
        self._utterance.clear()
        if words:
            result = _result(words, self._begin, self.seconds)
            yield types.StreamingRecognizeResponse(results=[_streamed(result, final=True)])

    def _interim(self) -> Iterator[Any]:
        words = self._ear(bytes(self._utterance))
        if words:
            half = len(words) // 2
            parts = [part for part in (words[:half], words[half:]) if part]
            results = [_streamed(_result(part, self._begin, self.seconds, timed=False), final=False) for part in parts]
            yield types.StreamingRecognizeResponse(results=results)

    def _event(self, kind: str) -> Any:
        kinds = types.StreamingRecognizeResponse.SpeechEventType
        return types.StreamingRecognizeResponse(
            speech_event_type=getattr(kinds, kind), speech_event_offset=timedelta(seconds=self.seconds)
        )


def _fits(config: Any) -> bool:
    decoding = config.explicit_decoding_config
    return (
        decoding.encoding,
        decoding.sample_rate_hertz,
        decoding.audio_channel_count,
        len(config.language_codes),
    ) == (
        types.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
        RATE,
        1,
        1,
    )


def _result(words: Sequence[tuple[str, float, float]], begin: float, end: float, *, timed: bool = True) -> Any:
    infos = [
        types.WordInfo(
            word=text,
            start_offset=timedelta(seconds=begin + word_start),
            end_offset=timedelta(seconds=begin + word_end),
        )
        for text, word_start, word_end in words
    ]
    alternative = types.SpeechRecognitionAlternative(
        transcript=" " + " ".join(text for text, _, _ in words), words=infos if timed else []
    )
    return types.SpeechRecognitionResult(
        alternatives=[alternative], result_end_offset=timedelta(seconds=end), language_code="en-us"
    )


def _streamed(result: Any, *, final: bool) -> Any:
    return types.StreamingRecognitionResult(
        alternatives=result.alternatives,
        is_final=final,
        stability=0.9,
        result_end_offset=result.result_end_offset,
        language_code=result.language_code,
    )


@contextmanager
def running_google_speech(speech: GoogleSpeech) -> Iterator[str]:
    """The server's address, `host:port`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="google-speech", daemon=True)
    thread.start()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    "google.cloud.speech.v2.Speech",
                    {
                        "StreamingRecognize": grpc.stream_stream_rpc_method_handler(
                            speech.stream,
                            request_deserializer=types.StreamingRecognizeRequest.deserialize,
                            response_serializer=types.StreamingRecognizeResponse.serialize,
                        ),
                        "Recognize": grpc.unary_unary_rpc_method_handler(
                            speech.recognize,
                            request_deserializer=types.RecognizeRequest.deserialize,
                            response_serializer=types.RecognizeResponse.serialize,
                        ),
                    },
                ),
            )
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(0), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
