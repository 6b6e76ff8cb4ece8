"""Live captions: PCM goes to a streaming recogniser, and what it hears becomes utterances of the connection.

A recogniser may fail, fall silent or fall behind; the next one then hears what is not settled yet, to the sample. What
none of them settles costs captions, never words: it is a hole in the transcript, and holes are filled from the stored
audio.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from common.conversations import coverage
from common.conversations.live.choosing import Choice
from common.conversations.live.hearing import Hearing, Spoken
from common.conversations.live.pending import PendingAudio, Piece
from common.conversations.live.wordless import Wordless
from common.core import clock
from common.core.errors import ProviderError
from common.core.logs import get_logger, where
from common.models.conversation import Interval
from common.speech.transcriber import (
    BYTES_PER_SECOND,
    Heard,
    StreamingTranscriber,
    TranscriptionStream,
    Utterance,
)

SILENT_S = 15.0
"""Real seconds without any news, with audio due, after which a provider counts as failed."""
BEHIND_S = 25.0
"""Seconds of audio that a provider may be behind if there is another; less than what is kept for that one."""
_OWED_S = 1.0
_NOTHING_S = 1e-3
"""Seconds of audio by which a provider may round."""
_LARGEST_PIECE = BYTES_PER_SECOND // 4
_WATCH_S = 1.0
_KEEP_ALIVE_S = 4.0
_SURELY_OVER_S = 20.0
"""Real seconds after which audio that broke off in the middle of a word is no longer expected to go on."""
_LONGEST_QUIET_S = 60.0
"""Real seconds without speech after which a stream is ended: the next word opens another."""
_ROLL_OVER = 0.9
"""The part of its longest time after which a stream is given up at the next opportunity."""
_END = 0.95
"""The part after which it is ended wherever it is."""


class _RollOverError(Exception):
    """The stream nears its provider's limit, and everything it was sent long ago is settled."""


class _StalledError(Exception):
    """Audio broke off in the middle of a word, which would be heard in two halves by whoever is kept waiting."""


class Captions:
    """Recognises one connection's audio, or one channel's.

    Args:
        language: spoken language, a BCP-47 tag or `multi`.
        vocabulary: unusual words to listen for.
        transcribers: the providers, best first.
        spoken: told what is certain; counted as settled once it returns.
        speaking: told what seems to be being said, by which provider in which stream; each time it replaces all of it,
            and in the end with nothing.
        interrupted: told a provider's name when it failed.
        resumed: told a provider's name when it hears what another, or an earlier stream, has failed to hear.
    """

    def __init__(
        self,
        *,
        language: str,
        vocabulary: Sequence[str],
        transcribers: Sequence[StreamingTranscriber],
        spoken: Callable[[Spoken], Awaitable[None]],
        speaking: Callable[[Spoken], None],
        interrupted: Callable[[str], None],
        resumed: Callable[[str], None],
    ) -> None:
        self._language = language
        self._vocabulary = vocabulary
        self._choice = Choice(transcribers)
        self._spoken = spoken
        self._speaking = speaking
        self._interrupted = interrupted
        self._resumed = resumed
        self._is_interrupted = False
        self._supposes = False
        self._audio = PendingAudio()
        self._wordless = Wordless()
        self._awaiting: asyncio.Future[None] | None = None
        self._awaits_audio: tuple[TranscriptionStream, Hearing] | None = None
        """The stream in progress while it has been sent all there is."""
        self._fed_at = float("-inf")
        self._stalled = False
        self._finished = False
        self._streams = 0

    @property
    def settled(self) -> list[Interval]:
        """What is understood, or known to be silent, on the connection's clock."""
        return self._audio.settled

    @property
    def settled_until(self) -> float:
        """The connection's moment up to which the newest stretch is settled."""
        return self._audio.settled_until

    @property
    def wordless(self) -> list[Interval]:
        """What of it was voiced for long, and no word came of it."""
        return self._wordless.found

    def feed(self, begin: float, pcm: bytes, *, voiced: bool = False) -> None:
        """Give audio that begins at `begin` on the connection's clock. Never waits.

        Args:
            begin: its first moment.
            pcm: the audio.
            voiced: whether it is known that somebody seems to speak in it.
        """
        if voiced:
            self.voice(begin, begin + len(pcm) / BYTES_PER_SECOND)
        self._fed_at = clock.monotonic()
        self._stalled = False
        if not self._sent_on(begin, pcm):
            for piece in _pieces(begin, pcm):
                self._audio.feed(piece)
            self._wake()

    def voice(self, begin: float, end: float) -> None:
        """Say that somebody may speak between two moments of audio that is given besides."""
        self._wordless.voice(begin, end)

    def pass_over(self, begin: float, end: float) -> None:
        """Say that nobody speaks between two moments."""
        if end > begin:
            self._audio.feed(Piece(begin, end))
            self._go_on()

    def cut(self, at: float) -> None:
        """Have what was fed so far heard to its end, now; what comes after begins a new stream."""
        self._audio.cut(at)
        self._go_on()

    def finish(self) -> None:
        """Say that no more audio comes; `run` returns once everything has been heard."""
        self._finished = True
        self._go_on()

    async def run(self) -> None:
        """Recognise until finished, with whichever provider works."""
        while await self._speech_waits():
            transcriber = await self._choice.next()
            self._streams += 1
            hearing = Hearing(transcriber, number=self._streams, since=self._audio.heard_until)
            try:
                await self._hear_out(hearing)
            except* (_RollOverError, _StalledError):
                pass
            except* Exception as errors:  # noqa: BLE001 - whatever happens, the audio goes on being stored
                if not _cancelled():
                    await self._fail(transcriber, _first(errors))
            finally:
                self._audio.rewind()
            if _cancelled():
                raise asyncio.CancelledError

    async def _fail(self, transcriber: StreamingTranscriber, error: Exception) -> None:
        get_logger().warning(
            "captions_interrupted", provider=transcriber.name, error=type(error).__name__, at=where(error)
        )
        await self._choice.failed(transcriber, error)
        self._is_interrupted = True
        self._interrupted(transcriber.name)

    async def _speech_waits(self) -> bool:
        """Wait for audio that must be heard; False when there is none and none will come."""
        while True:
            while (silence := self._audio.first) is not None and not silence.pcm:
                self._audio.skip()
                if not silence.cut:
                    self._audio.settle([Interval(start=silence.begin, end=silence.end)])
            patience_s = self._patience_s if self._stalled else 0.0
            if self._audio.first is not None and patience_s <= 0:
                return True
            if self._finished:
                return False
            await self._more(patience_s or None)

    async def _more(self, within_s: float | None = None) -> None:
        """Wait for more to do: one future and nothing else, because that is done for nearly every frame."""
        self._awaiting = asyncio.get_running_loop().create_future()
        if within_s is None:
            await self._awaiting
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._awaiting

    def _go_on(self) -> None:
        self._stalled = False
        self._wake()

    def _wake(self) -> None:
        self._awaits_audio = None
        if self._awaiting is not None and not self._awaiting.done():
            self._awaiting.set_result(None)

    @property
    def _patience_s(self) -> float:
        """Real seconds for which a word that broke off may still go on."""
        return max(0.0, self._fed_at + _SURELY_OVER_S - clock.monotonic())

    async def _hear_out(self, hearing: Hearing) -> None:
        """One stream, to a cut, a long silence, the provider's limit or its failure."""
        stream = await hearing.transcriber.open(language=self._language, vocabulary=self._vocabulary)
        try:
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(self._watch(stream, hearing))
                sending = tasks.create_task(self._send(stream, hearing))
                await self._hear(stream, hearing)
                watching.cancel()
                sending.cancel()
            if not hearing.finishing or hearing.due > coverage.NEGLIGIBLE_S:
                raise ProviderError("the provider ended the stream")
            self._audio.settle(hearing.settle(hearing.clock.sent))
            self._audio.hear_out()
            self._suppose(hearing, ())
        finally:
            await stream.aclose()

    def _sent_on(self, begin: float, pcm: bytes) -> bool:
        """Give audio to a stream that waits for it, as nearly always one does: without the task that else sends it."""
        if self._awaits_audio is None:
            return False
        stream, hearing = self._awaits_audio
        if hearing.over(_END) or not stream.offer(pcm):
            return False
        self._audio.feed_sent(begin, pcm)
        hearing.clock.send(begin, len(pcm) / BYTES_PER_SECOND)
        hearing.sent_at = self._fed_at
        return True

    async def _send(self, stream: TranscriptionStream, hearing: Hearing) -> None:
        while not hearing.over(_END):
            piece = self._audio.first
            if piece is None:
                if self._finished or hearing.quiet_s > _LONGEST_QUIET_S:
                    break
                self._awaits_audio = stream, hearing
                try:
                    await self._more()
                finally:
                    self._awaits_audio = None
                continue
            if piece.cut:
                break
            self._audio.send()
            if piece.pcm:
                hearing.clock.send(piece.begin, piece.end - piece.begin)
                await hearing.send(stream, piece.pcm)
                continue
            hearing.clock.pass_over(piece.begin, piece.end)
            if hearing.due < _NOTHING_S:
                self._audio.settle(hearing.settle(hearing.settled))
        hearing.finishing = True
        hearing.news_at = clock.monotonic()
        await stream.finish()

    async def _watch(self, stream: TranscriptionStream, hearing: Hearing) -> None:
        """Keep a quiet stream alive; give up a provider that says nothing though audio is due, or is far behind."""
        kept_alive_at = hearing.sent_at
        while True:
            await asyncio.sleep(_WATCH_S)
            idle = self._audio.first is None and not hearing.sending and not hearing.finishing
            if idle and clock.monotonic() - max(kept_alive_at, hearing.sent_at) > _KEEP_ALIVE_S:
                if self._patience_s and not self._audio.ends_in_pause:
                    self._stalled = True
                    raise _StalledError
                kept_alive_at = clock.monotonic()
                await stream.keep_alive()
            if hearing.quiet_s > _LONGEST_QUIET_S:
                self._wake()  # the stream ends
            if hearing.storing:
                continue  # it is not the provider that is slow
            if hearing.due <= _OWED_S:
                hearing.news_at = clock.monotonic()  # there is nothing it could say
            elif clock.monotonic() - hearing.news_at > SILENT_S:
                raise ProviderError("the provider is silent")
            if hearing.due > BEHIND_S and self._choice.has_others:
                raise ProviderError("the provider is too slow")

    async def _hear(self, stream: TranscriptionStream, hearing: Hearing) -> None:
        async for heard in stream:
            hearing.news_at = clock.monotonic()
            # A word that is told is settled, even by a provider who does not say so.
            until = max(heard.until, *(utterance.end for utterance in heard.utterances), 0.0)
            until = min(until, hearing.clock.sent)
            if until > hearing.settled:
                # Half done would be words that are stored and that the next provider hears again.
                await _to_the_end(self._settle(heard, hearing, until))
            self._suppose(hearing, heard.interim)
            if hearing.over(_ROLL_OVER) and hearing.settled:
                raise _RollOverError

    async def _settle(self, heard: Heard, hearing: Hearing, until: float) -> None:
        said = hearing.spoken(heard.utterances)
        said = hearing.without_halves(replace(said, settled=tuple(hearing.settle(until))))
        hearing.storing = True
        try:
            await self._spoken(replace(said, settled=tuple(self._wordless.settle(said.settled, said.utterances))))
        finally:
            hearing.storing = False
            hearing.news_at = clock.monotonic()
        self._audio.settle(list(said.settled))
        if not hearing.worked:
            hearing.worked = True
            if self._is_interrupted:
                self._is_interrupted = False
                self._resumed(hearing.transcriber.name)
            await self._choice.worked(hearing.transcriber)

    def _suppose(self, hearing: Hearing, interim: Sequence[Utterance]) -> None:
        """Tell what seems to be said now; what seemed so when a stream broke stands until the next one has news."""
        if interim or self._supposes:
            self._supposes = bool(interim)
            self._speaking(hearing.spoken(interim))


def _pieces(begin: float, pcm: bytes) -> Iterator[Piece]:
    for start in range(0, len(pcm), _LARGEST_PIECE):
        part = pcm[start : start + _LARGEST_PIECE]
        end = begin + len(part) / BYTES_PER_SECOND
        yield Piece(begin, end, part)
        begin = end


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that is not left half done: whoever is cancelled meanwhile still waits for its end."""
    working = asyncio.create_task(work)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await working
        raise


def _cancelled() -> bool:
    """Whether this task is being cancelled: of a task group that fails meanwhile, only the failure comes out."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """One of them, for what is decided by its kind."""
    for error in errors.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("a group is never empty")
