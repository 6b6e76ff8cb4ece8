"""Google Cloud Speech-to-Text v2: where it is, how a recognition is asked for, what its answers and errors mean."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.google_languages import spoken_tag
from common.speech.tags import bounded_terms
from common.speech.transcriber import SAMPLE_RATE
from common.speech.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.auth.credentials import Credentials
    from google.cloud.speech_v2.types import cloud_speech

NAME = "google"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_DIARIZING = ("chirp_3",)
"""Models that tell speakers apart; others refuse to be asked."""
_MOST_SPEAKERS = 6
_MOST_PHRASES, _PHRASES_BYTES = 500, 20_000
_BOOST = 10.0
_QUOTA_PAUSE_S = 60.0
"""Quotas are per minute."""


class SpeechProject:
    """Speech-to-Text of one project.

    Args:
        project: Google Cloud project.
        location: region or multi-region; the models differ by it.
        model: `chirp_2`, `chirp_3`, `long`, …
        address: `host:port` of a server without TLS and credentials; empty means Google's.
    """

    def __init__(self, project: str, *, location: str, model: str, address: str = "") -> None:
        self.recognizer = f"projects/{project}/locations/{location}/recognizers/_"
        self.model = model
        self.address = address
        self.host = "speech.googleapis.com" if location == "global" else f"{location}-speech.googleapis.com"

    @cached_property
    def credentials(self) -> Credentials:
        """The process's own; looking for them may ask the network, so an event loop does it in a thread.

        Raises:
            ProviderExhaustedError: there are none.
        """
        import google.auth
        from google.auth.exceptions import GoogleAuthError

        try:
            return google.auth.default(scopes=[_SCOPE])[0]
        except GoogleAuthError as error:
            raise ProviderExhaustedError("Google finds no credentials") from error

    def config(
        self, language: str, vocabulary: Sequence[str], *, streaming: bool = False
    ) -> cloud_speech.RecognitionConfig:
        """How PCM in `language` is to be recognised.

        Raises:
            ProviderRefusedError: the model does not know the language.
        """
        from google.cloud.speech_v2.types import cloud_speech as types

        tag = spoken_tag(language, model=self.model, streaming=streaming)
        if tag is None:
            raise ProviderRefusedError("Google does not know the language")
        features = types.RecognitionFeatures(enable_automatic_punctuation=True, enable_word_time_offsets=True)
        if self.model in _DIARIZING and not streaming:
            features.diarization_config = types.SpeakerDiarizationConfig(
                min_speaker_count=1, max_speaker_count=_MOST_SPEAKERS
            )
        config = types.RecognitionConfig(
            explicit_decoding_config=types.ExplicitDecodingConfig(
                encoding=types.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
                sample_rate_hertz=SAMPLE_RATE,
                audio_channel_count=1,
            ),
            model=self.model,
            language_codes=[tag],
            features=features,
        )
        phrases = bounded_terms(vocabulary, most=_MOST_PHRASES, bytes_in_all=_PHRASES_BYTES)
        if phrases:
            hints = types.PhraseSet(phrases=[types.PhraseSet.Phrase(value=each, boost=_BOOST) for each in phrases])
            phrase_set = types.SpeechAdaptation.AdaptationPhraseSet(inline_phrase_set=hints)
            config.adaptation = types.SpeechAdaptation(phrase_sets=[phrase_set])
        return config


def words_of(result: Any, *, since: float, until: float, base: float = 0.0) -> list[Word]:
    """The words of a result, within two moments of the recording; where it times none, all of it is one.

    Args:
        result: of a stream or a recording, protobuf's own message.
        since: seconds before which nothing in it can begin.
        until: seconds after which nothing in it can end.
        base: the moment of the recording from which the result counts.
    """
    if not result.alternatives:
        return []
    best, language = result.alternatives[0], result.language_code or None
    texts = _texts(best)
    words: list[Word] = []
    for word, text in zip(best.words, texts, strict=True):
        start = min(max(base + _seconds(word.start_offset), since), until)
        end = min(max(base + _seconds(word.end_offset), start), until)
        words.append(Word(text, start, end, _speaker(word.speaker_label), language))
    if not any(word.end > word.start for word in words):
        return [Word(f" {best.transcript.strip()}", since, until, 0, language)] if best.transcript.strip() else []
    return words


def _texts(alternative: Any) -> list[str]:
    """The words as they stand in the transcript, with what is between them: not every script puts spaces there."""
    transcript = alternative.transcript
    texts, position = [], 0
    for word in alternative.words:
        found = transcript.find(word.word, position)
        if found < 0:
            return [f" {each.word}" for each in alternative.words]
        texts.append(transcript[position : found + len(word.word)])
        position = found + len(word.word)
    return [*texts[:-1], texts[-1] + transcript[position:]] if texts else []


def end_of(result: Any) -> float:
    """The second at which a result ends, on the clock of its call."""
    if not result.result_end_offset and result.alternatives and result.alternatives[0].words:
        return _seconds(result.alternatives[0].words[-1].end_offset)
    return _seconds(result.result_end_offset)


def _seconds(duration: Any) -> float:
    """A duration, which the library hands out as a timedelta of any sign."""
    return max(0.0, float(duration.total_seconds()))


def translated(error: Exception) -> ProviderError:
    """What an error of Google's libraries means to us."""
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError, TransportError

    message = f"Google answered {type(error).__name__}"
    if isinstance(error, exceptions.ResourceExhausted):
        return ProviderExhaustedError(message, pause_s=_retry_delay(error))
    if isinstance(error, TransportError):
        return ProviderError(message)
    if isinstance(error, (exceptions.Unauthorized, exceptions.Forbidden, GoogleAuthError)):
        return ProviderExhaustedError(message)
    if isinstance(error, (exceptions.OutOfRange, exceptions.Conflict, exceptions.Cancelled)):
        return ProviderError(message)  # the call lasted too long, or got no audio for too long, or broke off
    if isinstance(error, exceptions.ClientError):
        return ProviderRefusedError(message)
    return ProviderError(message)


def _retry_delay(error: Any) -> float:
    delays = (detail.retry_delay for detail in error.details if hasattr(detail, "retry_delay"))
    return next((float(delay.seconds) + delay.nanos / 1e9 for delay in delays), _QUOTA_PAUSE_S)


def _speaker(label: str) -> int:
    """Labels are numbers from 1 on, or empty."""
    return max(0, int(label) - 1) if label.isdecimal() else 0
