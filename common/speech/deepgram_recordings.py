"""Deepgram as a provider of recognition of recordings: its `/v1/listen` over HTTP.

https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded
"""

from collections.abc import Sequence
from math import inf
from typing import Annotated

from pydantic import Field, FiniteFloat, ValidationError

from common.core.errors import ProviderError, ProviderRefusedError
from common.models.base import Shape
from common.speech.deepgram import understands, wishes
from common.speech.posting import accepted, post
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from common.speech.wav import wav_head

_PROVIDER = "Deepgram"
_LONGEST_S = 360.0
_PER_AUDIO_SECOND = 0.2
"""Real seconds granted for a second of recorded audio, on top of the timeout; it needs a tenth of that."""
_LOST_S = 0.3
"""Audio by which what it says it heard may differ from what it was given."""

_Seconds = Annotated[FiniteFloat, Field(ge=0)]


class _Word(Shape):
    language: str | None = None


class _Utterance(Shape):
    transcript: str
    start: _Seconds
    end: _Seconds
    speaker: Annotated[int, Field(ge=0)] | None = None
    words: list[_Word] = Field(default_factory=list)

    @property
    def language(self) -> str | None:
        languages = [word.language for word in self.words if word.language]
        return max(languages, key=languages.count) if languages else None


class _Results(Shape):
    utterances: list[_Utterance]


class _Metadata(Shape):
    duration: _Seconds | None = None


class _Answer(Shape):
    results: _Results
    metadata: _Metadata = _Metadata()

    def leaves_out(self, length: float) -> bool:
        """Whether less was heard than a recording of so many seconds."""
        return self.metadata.duration is not None and length - self.metadata.duration > _LOST_S


class DeepgramBatchTranscriber:
    """Recognition of recordings by Deepgram; arguments as for streams."""

    name = "deepgram"

    def __init__(self, *, key: str, url: str, model: str, timeout: float) -> None:
        self._headers = {"Authorization": f"Token {key}", "Content-Type": "audio/wav"}
        self._url = f"{url.rstrip('/')}/v1/listen"
        self._model = model
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """As in streams."""
        return understands(language)

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        """Recognise a recording of 6 minutes at most.

        Raises:
            ProviderRefusedError: a language it does not know, a recording or request it does not accept.
            ProviderExhaustedError: no credit, no right, or too many requests.
            ProviderError: no server, or none that answers properly in time.
        """
        length = len(pcm) / BYTES_PER_SECOND
        if length > _LONGEST_S:
            raise ProviderRefusedError("the recording is too long")
        parameters = wishes(self._model, language, vocabulary) | {"utterances": "true"}
        if not pcm:
            return Heard((), 0.0)
        answer = post(
            self._url,
            provider=_PROVIDER,
            within_s=min(within_s, self._timeout + _PER_AUDIO_SECOND * length),
            params=parameters,
            headers=self._headers,
            content=wav_head(len(pcm)) + pcm,
        )
        try:
            said = _Answer.model_validate_json(accepted(answer, provider=_PROVIDER).body)
        except ValidationError as error:
            raise ProviderError(f"{_PROVIDER} answered nonsense") from error
        if said.leaves_out(length):
            raise ProviderError(f"{_PROVIDER} left audio out")
        told = (each for each in said.results.utterances if each.transcript.strip())
        return Heard(tuple(_plain(each, length) for each in told), length)


def _plain(said: _Utterance, length: float) -> Utterance:
    start = min(said.start, length)
    end = min(max(start, said.end), length)
    return Utterance(said.transcript.strip(), start, end, said.speaker or 0, said.language)
