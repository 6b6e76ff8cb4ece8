"""Soniox as a provider of live recognition: its real-time WebSocket.

https://soniox.com/docs/stt/api-reference/websocket-api
"""

import json
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

from common.core.errors import ProviderRefusedError
from common.speech.dialects import Dialect, News
from common.speech.keyed import KeyedService
from common.speech.rejections import rejection
from common.speech.tags import MULTI, bounded_terms, listed, tags
from common.speech.transcriber import SAMPLE_RATE, TranscriptionStream, Utterance
from common.speech.words import HeldWords, Word

LANGUAGES = tags(
    "af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr gl gu he hi hr hu id it ja kk kn ko lt lv mk ml mr ms",
    "nl no pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh",
)
"""What the model knows, all at once (soniox.com/docs/stt/concepts/supported-languages)."""
_LONGEST_S = 300 * 60.0
_TERMS, _TERM_BYTES = 100, 8000
"""Of a context's 10 000 characters."""
_MARKS = frozenset({"<end>", "<fin>"})
"""Tokens that nobody says: here speech has ended, or what was asked for is final."""
_LATE_S = 0.3
_REMEMBERED = 256

_Milliseconds = Annotated[FiniteFloat, Field(ge=0)]


class _Token(BaseModel):
    text: str
    start_ms: _Milliseconds | None = None
    end_ms: _Milliseconds | None = None
    is_final: bool = False
    speaker: str | int | None = None
    language: str | None = None


class _Response(BaseModel):
    tokens: list[_Token] = Field(default_factory=list)
    final_audio_proc_ms: _Milliseconds = 0.0
    total_audio_proc_ms: _Milliseconds = 0.0
    finished: bool = False
    error_code: int | None = None


def understands(language: str) -> bool:
    """Whether the model knows `language`."""
    return language == MULTI or listed(language, LANGUAGES) is not None


class SonioxStreamingTranscriber(KeyedService):
    """Live recognition by Soniox (wss://stt-rt.soniox.com, or another region)."""

    name = "soniox"
    longest_s: float | None = _LONGEST_S
    path = "/transcribe-websocket"

    def understands(self, language: str) -> bool:
        """See the function of this name."""
        return understands(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """Start a stream. That the key or the request is not accepted may be told by the stream only.

        Raises:
            ProviderRefusedError: a language it does not know.
            ProviderExhaustedError: a key that is not accepted.
            ProviderError: no server, or none that answers in time.
        """
        tag = None if language == MULTI else listed(language, LANGUAGES)
        if tag is None and language != MULTI:
            raise ProviderRefusedError("Soniox does not know the language")
        dialect = SonioxDialect(model=self.model, language=tag, vocabulary=vocabulary)
        return await self.stream(dialect)


class SonioxDialect(Dialect):
    """What is spoken on one stream.

    Final tokens come a few at a time and may be parts of words, so they are kept until a sentence or a turn is over.
    """

    provider = "Soniox"

    def __init__(self, *, model: str, language: str | None, vocabulary: Sequence[str]) -> None:
        self._request = {
            "model": model,
            "audio_format": "pcm_s16le",
            "sample_rate": SAMPLE_RATE,
            "num_channels": 1,
            "enable_speaker_diarization": True,
            "enable_language_identification": True,
            "enable_endpoint_detection": True,
        }
        if language is not None:
            self._request |= {"language_hints": [language], "language_hints_strict": True}
        if terms := bounded_terms(vocabulary, most=_TERMS, bytes_in_all=_TERM_BYTES):
            self._request["context"] = {"terms": terms}
        self._held = HeldWords()
        self._known: deque[tuple[str, float, float]] = deque(maxlen=_REMEMBERED)
        self._final = self._settled = 0.0
        self._begun = self._flushed = self._finishing = False

    def opening(self) -> str:
        """What is to be recognised; the key was in the headers."""
        return json.dumps(self._request)

    def audio(self, pcm: bytes) -> bytes:
        """PCM as it is, never empty: that would be the end."""
        self._begun, self._flushed = True, False
        return pcm

    def keep_alive(self) -> Sequence[str]:
        """At least every 20 s; the first one of a pause also has the words before it made final."""
        flush = () if self._flushed or not self._begun else ('{"type": "finalize"}',)
        self._flushed = True
        return (*flush, '{"type": "keepalive"}')

    def finish(self) -> str:
        """An empty message, answered with the last tokens and `finished`."""
        self._finishing = True
        return ""

    def hear(self, message: str | bytes) -> News:
        """Tokens, the end, or an error."""
        response = _Response.model_validate_json(message)
        if response.error_code is not None:
            if self._finishing and not self._begun:
                return News(finished=True)  # it calls a stream without audio an error
            raise rejection("Soniox", response.error_code)
        self._final = max(self._final, response.final_audio_proc_ms / 1000)
        utterances = self._settle([token for token in response.tokens if token.is_final], all_of_it=response.finished)
        self._settled = self._final if self._held.begin is None else min(self._final, self._held.begin)
        interim = [token for token in response.tokens if not token.is_final]
        return News(
            utterances,
            until=self._settled,
            reached=max(self._final, response.total_audio_proc_ms / 1000),
            interim=self._held.before(self._words(interim)),
            finished=response.finished,
        )

    def _settle(self, tokens: Iterable[_Token], *, all_of_it: bool) -> tuple[Utterance, ...]:
        """What is complete with these final tokens."""
        complete: list[Utterance] = []
        fresh: list[_Token] = []
        for token in tokens:
            if token.text in _MARKS:
                complete += self._held.add(self._words(fresh), until=0.0)
                complete += self._held.flush()
                fresh.clear()
            elif self._is_new(token):
                fresh.append(token)
        complete += self._held.add(self._words(fresh), until=self._final)
        return (*complete, *self._held.flush()) if all_of_it else tuple(complete)

    def _is_new(self, token: _Token) -> bool:
        """A final token comes once; one that comes again, or for what is long settled, is none."""
        key = (token.text, token.start_ms or 0.0, token.end_ms or 0.0)
        if key in self._known or (token.end_ms is not None and token.end_ms / 1000 < self._settled - _LATE_S):
            return False
        self._known.append(key)
        return True

    def _words(self, tokens: Iterable[_Token]) -> list[Word]:
        words: list[Word] = []
        end = self._settled
        for token in tokens:
            start = end if token.start_ms is None else token.start_ms / 1000
            end = start if token.end_ms is None else max(start, token.end_ms / 1000)
            words.append(Word(token.text, start, end, _speaker(token.speaker), token.language))
        return words


def _speaker(label: str | int | None) -> int:
    """Labels count from 1."""
    digits = str(label or "").lstrip("S")
    return max(0, int(digits) - 1) if digits.isascii() and digits.isdigit() else 0
