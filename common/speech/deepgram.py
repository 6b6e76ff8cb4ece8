"""Deepgram as a provider of live recognition: its `/v1/listen` over a WebSocket.

https://developers.deepgram.com/reference/speech-to-text/listen-streaming
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, FiniteFloat

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.dialects import Dialect, News
from common.speech.keyed import KeyedService
from common.speech.tags import MULTI, bounded_terms, listed, tags
from common.speech.transcriber import SAMPLE_RATE, TranscriptionStream, Utterance
from common.speech.words import Word, to_utterances

LANGUAGES = tags(
    "af ar be bg bn bs ca cs da da-DK de de-CH el en en-AU en-GB en-IN en-NZ en-US es es-419 et fa fi fr fr-CA gu",
    "gu-IN he hi hr hu hy id it ja ka kn ko ko-KR lt lv mk mr ms ne nl nl-BE no pa pa-IN pl pt pt-BR pt-PT ro ru sk sl",
    "sr sv sv-SE ta te th th-TH tl tr uk ur vi zh zh-CN zh-HK zh-Hans zh-Hant zh-TW",
)
"""What Nova-3 knows one at a time (developers.deepgram.com/docs/models-languages-overview); `multi` is ten of them."""
_KEYTERM_MODELS = "nova-3"
_TERMS, _TERM_BYTES = 100, 1000
"""Well below the 500 tokens that end a stream without a word when they are exceeded."""
_ENDPOINTING_MS = 300
_GAP_S = 0.25
"""Results follow each other without gaps; this much is rounding."""
_MOST_EARLY = 64
_POLICY_VIOLATION = 1008

_Seconds = Annotated[FiniteFloat, Field(ge=0)]


class _Kind(BaseModel):
    type: str


class _Word(BaseModel):
    word: str
    punctuated_word: str | None = None
    start: _Seconds
    end: _Seconds
    speaker: Annotated[int, Field(ge=0)] | None = None
    language: str | None = None


class _Alternative(BaseModel):
    transcript: str
    words: list[_Word] = Field(default_factory=list)


class _Channel(BaseModel):
    alternatives: Annotated[list[_Alternative], Field(min_length=1)]


class _Results(BaseModel):
    type: Literal["Results"]
    start: _Seconds
    duration: _Seconds
    is_final: bool
    channel: _Channel

    @property
    def end(self) -> float:
        return self.start + self.duration


class _Metadata(BaseModel):
    duration: _Seconds


def understands(language: str) -> bool:
    """Whether there is a model for `language`."""
    return language == MULTI or listed(language, LANGUAGES) is not None


def wishes(model: str, language: str, vocabulary: Sequence[str]) -> dict[str, Any]:
    """What is asked for of streams and recordings alike.

    Raises:
        ProviderRefusedError: a language it does not know.
    """
    tag = MULTI if language == MULTI else listed(language, LANGUAGES)
    if tag is None:
        raise ProviderRefusedError("Deepgram does not know the language")
    return {
        "model": model,
        "language": tag,
        "punctuate": "true",
        "smart_format": "true",
        "diarize": "true",
        "keyterm" if model.startswith(_KEYTERM_MODELS) else "keywords": bounded_terms(
            vocabulary, most=_TERMS, bytes_in_all=_TERM_BYTES
        ),
    }


class DeepgramStreamingTranscriber(KeyedService):
    """Live recognition by Deepgram (https://api.deepgram.com), or by its software on one's own machines."""

    name = "deepgram"
    longest_s: float | None = None
    path = "/v1/listen"
    scheme = "Token"

    def understands(self, language: str) -> bool:
        """See the function of this name."""
        return understands(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """Start a stream.

        Raises:
            ProviderRefusedError: a language it does not know, or a request it does not accept.
            ProviderExhaustedError: no credit, no right, or too many streams.
            ProviderError: no server, or none that answers in time.
        """
        parameters = wishes(self.model, language, vocabulary) | {
            "encoding": "linear16",
            "sample_rate": SAMPLE_RATE,
            "channels": 1,
            "interim_results": "true",
            "endpointing": _ENDPOINTING_MS,
        }
        return await self.stream(DeepgramDialect(), parameters)


class DeepgramDialect(Dialect):
    """What is spoken on one stream."""

    provider = "Deepgram"

    def __init__(self) -> None:
        self._until = 0.0
        self._early: list[_Results] = []
        self._flushed = self._finishing = False

    def audio(self, pcm: bytes) -> bytes:
        """PCM as it is."""
        self._flushed = False
        return pcm

    def keep_alive(self) -> Sequence[str]:
        """At least every 10 s; the first one of a pause also has the words before it heard to their end."""
        flush = () if self._flushed else ('{"type": "Finalize"}',)
        self._flushed = True
        return (*flush, '{"type": "KeepAlive"}')

    def finish(self) -> str:
        """What is answered with the last results and then `Metadata`."""
        self._finishing = True
        return '{"type": "CloseStream"}'

    def hear(self, message: str | bytes) -> News | None:
        """Results; the summary at the end; an error."""
        match _Kind.model_validate_json(message).type:
            case "Results":
                return self._results(_Results.model_validate_json(message))
            case "Metadata" if self._finishing:
                return News(reached=_Metadata.model_validate_json(message).duration, finished=True)
            case "Error":
                raise ProviderError("Deepgram failed")
            case _:
                return None

    def closed(self, code: int | None) -> ProviderError:
        """1008 (DATA-0000) is for audio that it cannot decode; 1011 (NET-…) may pass."""
        failure = super().closed(code)
        return ProviderRefusedError(str(failure)) if code == _POLICY_VIOLATION else failure

    def _results(self, results: _Results) -> News:
        if not results.is_final:
            interim = to_utterances(word for word in _words(results) if word.middle >= self._until)
            return News(until=self._until, reached=results.end, interim=interim)
        if len(self._early) == _MOST_EARLY:
            raise ProviderError("Deepgram lost its place")
        self._early = sorted([*self._early, results], key=lambda each: each.start)
        return News(self._settle(), until=self._until, reached=results.end, interim=())

    def _settle(self) -> tuple[Utterance, ...]:
        """What the final results say that follow what is settled; each stretch of audio counts once."""
        words: list[Word] = []
        while self._early and self._early[0].start <= self._until + _GAP_S:
            results = self._early.pop(0)
            repeats = results.start < self._until - _GAP_S
            words += (word for word in _words(results) if not repeats or word.middle >= self._until)
            self._until = max(self._until, results.end)
        return to_utterances(words)


def _words(results: _Results) -> Iterator[Word]:
    """The words of the best alternative, each after what stands before it in the transcript."""
    best = results.channel.alternatives[0]
    at = 0
    for word in best.words:
        text = word.punctuated_word or word.word
        found = best.transcript.find(text, at)
        # Where words follow each other without a space (Chinese, Japanese) that is how they are written.
        yield Word(text if 0 < at == found else f" {text}", word.start, word.end, word.speaker or 0, word.language)
        at = found + len(text) if found >= 0 else at
