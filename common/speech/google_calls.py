"""Calls of Google's StreamingRecognize: one recognition each."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ProviderError
from common.speech.google import SpeechProject, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import grpc.aio
    from google.cloud.speech_v2 import SpeechAsyncClient
    from google.cloud.speech_v2.types import cloud_speech

_MOST_WAITING = 16
"""Messages on their way to gRPC, 0.4 s each."""
_OPEN_SECONDS = 10.0
_DONE = b""
"""In the place of audio: no more comes."""


async def connect(project: SpeechProject, *, patience: float) -> grpc.aio.Channel:
    """A connection for one stream.

    Raises:
        ProviderExhaustedError: there are no credentials.
        ProviderError: nobody there within `patience` real seconds, 10 at most.
    """
    import grpc
    from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport

    # A connection of its own: one that is shared holds 100 calls, and further ones wait without a word.
    options = [("grpc.use_local_subchannel_pool", 1)]
    if project.address:
        channel = grpc.aio.insecure_channel(project.address, options=options)
    else:
        credentials = await asyncio.to_thread(lambda: project.credentials)
        channel = SpeechGrpcAsyncIOTransport.create_channel(project.host, credentials=credentials, options=options)
    try:
        async with asyncio.timeout(min(patience, _OPEN_SECONDS)):
            await channel.channel_ready()
    except TimeoutError as error:
        await channel.close()
        raise ProviderError("Google cannot be reached") from error
    except BaseException:
        await channel.close()
        raise
    return channel


class Call:
    """One recognition, which begins at second `base` of a stream.

    `sent_until` is the second up to which audio was sent and `spoken_at` the real moment of that, noted by the caller;
    `answered_at` is that of the last answer, or of the beginning or the end of its audio.
    """

    def __init__(self, client: SpeechAsyncClient, first: cloud_speech.StreamingRecognizeRequest, base: float) -> None:
        self.base = base
        self.sent_until = base
        self.finished = False
        self.dropped = False
        self.answered_at = self.spoken_at = clock.monotonic()
        self._first = first
        self._requests: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)
        self._responses = self._call(client)
        self._next = self._read()

    async def send(self, audio: bytes) -> None:
        """Give audio, of one message at most; waits while the server takes none."""
        await self._requests.put(audio)

    async def finish(self) -> None:
        """Say that no more audio comes; waits likewise."""
        self.finished = True
        self.answered_at = clock.monotonic()
        await self._requests.put(_DONE)

    async def check(self, patience: float) -> None:
        """Wait whether the call fails within `patience` real seconds.

        Raises:
            ProviderError: it did.
        """
        done, _ = await asyncio.wait({self._next}, timeout=patience)
        for task in done:
            task.result()

    async def response(self, patience: float) -> cloud_speech.StreamingRecognizeResponse | None:
        """The next one; None once there is none any more.

        Raises:
            ProviderError: the server failed or refused.
            TimeoutError: none came within `patience` real seconds; the call goes on.
        """
        done, _ = await asyncio.wait({self._next}, timeout=patience)
        if not done:
            raise TimeoutError
        response = None if self.dropped or self._next.cancelled() else self._next.result()
        if response is not None:
            self.answered_at = clock.monotonic()
            self._next = self._read()
        return response

    async def drop(self) -> None:
        """Break it off, whatever its state."""
        self.dropped = True  # from here on nobody reads on
        self._next.cancel()
        await asyncio.wait({self._next})
        if not self._next.cancelled():
            self._next.exception()  # seen, and of no interest any more
        with suppress(asyncio.QueueFull):
            self._requests.put_nowait(_DONE)

    def _read(self) -> asyncio.Task[cloud_speech.StreamingRecognizeResponse | None]:
        async def read() -> cloud_speech.StreamingRecognizeResponse | None:
            return await anext(self._responses, None)

        return asyncio.create_task(read())

    async def _call(self, client: SpeechAsyncClient) -> AsyncIterator[cloud_speech.StreamingRecognizeResponse]:
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        try:
            async for response in await client.streaming_recognize(requests=self._said()):
                yield response
        except (GoogleAPICallError, GoogleAuthError) as error:
            raise translated(error) from error

    async def _said(self) -> AsyncIterator[cloud_speech.StreamingRecognizeRequest]:
        from google.cloud.speech_v2.types import cloud_speech as types

        yield self._first
        while audio := await self._requests.get():
            yield types.StreamingRecognizeRequest(audio=audio)
