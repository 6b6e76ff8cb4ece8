"""Speechmatics as a provider of live recognition: its Realtime API over a WebSocket.

https://docs.speechmatics.com/api-ref/realtime-transcription-websocket
"""

import json
from collections import deque
from collections.abc import Sequence

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.dialects import Dialect, News
from common.speech.keyed import KeyedService
from common.speech.speechmatics_messages import Added, Error, Kind, Result, Started, Transcript
from common.speech.tags import bounded_terms, listed, tags
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE, TranscriptionStream
from common.speech.words import HeldWords, Word

_OWN_CODES = {"zh": "cmn", "zh-HK": "yue"}
LANGUAGES = tags(
    "ar ba be bg bn ca cmn cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu ia id it ja ko lt lv mn mr ms mt",
    "nl no pl pt ro ru sk sl sv sw ta th tl tr ug uk ur vi yue",
    *_OWN_CODES,
)
"""One at a time (docs.speechmatics.com/speech-to-text/languages); detection is for recordings only."""
_LONGEST_S = 48 * 3600.0
_TERMS, _TERM_BYTES = 100, 4000
_MAX_DELAY_S = 2.0
_SILENCE_S = 0.8
_REPEATED_S = 0.25
_PAUSE_S = 10.0
"""What is asked for where there are too many streams at once."""
_EXHAUSTED = frozenset({"not_authorised", "insufficient_funds", "not_allowed", "quota_exceeded", "timelimit_exceeded"})
_REFUSED = frozenset(
    {"invalid_message", "invalid_model", "invalid_config", "invalid_audio_type", "invalid_output_format"}
)
_CODES = {
    4001: "not_authorised",
    4003: "not_allowed",
    4004: "invalid_model",
    4005: "quota_exceeded",
    4006: "timelimit_exceeded",
}


def understands(language: str) -> bool:
    """Whether there is a language pack for `language`; there is none for whatever is spoken."""
    return listed(language, LANGUAGES) is not None


class SpeechmaticsStreamingTranscriber(KeyedService):
    """Live recognition by Speechmatics (wss://eu.rt.speechmatics.com), or by its containers on one's own machines.

    The model is an operating point, `enhanced` or `standard`; with many unusual words to listen for it may take 15 s to
    begin.
    """

    name = "speechmatics"
    longest_s: float | None = _LONGEST_S
    path = "/v2"

    def understands(self, language: str) -> bool:
        """See the function of this name."""
        return understands(language)

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> TranscriptionStream:
        """Start a stream, and wait until it is accepted.

        Raises:
            ProviderRefusedError: a language it does not know, or a request it does not accept.
            ProviderExhaustedError: no credit, no right, or too many streams.
            ProviderError: no server, or none that answers in time.
        """
        tag = listed(language, LANGUAGES)
        if tag is None:
            raise ProviderRefusedError("Speechmatics does not know the language")
        dialect = SpeechmaticsDialect(model=self.model, language=_OWN_CODES.get(tag, tag), vocabulary=vocabulary)
        return await self.stream(dialect)


class SpeechmaticsDialect(Dialect):
    """What is spoken on one stream.

    Punctuation may come after the word that it belongs to, so words are kept until a sentence or a turn is over.
    """

    provider = "Speechmatics"

    def __init__(self, *, model: str, language: str, vocabulary: Sequence[str]) -> None:
        self._config = {
            "language": language,
            "operating_point": model,
            "diarization": "speaker",
            "enable_partials": True,
            "max_delay": _MAX_DELAY_S,
            "conversation_config": {"end_of_utterance_silence_trigger": _SILENCE_S},
            "additional_vocab": [
                {"content": term} for term in bounded_terms(vocabulary, most=_TERMS, bytes_in_all=_TERM_BYTES)
            ],
        }
        self.ready = False
        self._delimiter = " "
        self._held = HeldWords()
        self._final = 0.0
        self._given_bytes = self._given = 0
        self._waiting: deque[tuple[int, int]] = deque()
        self._added_bytes = 0
        self._flushed = True

    def opening(self) -> str:
        """What is to be recognised."""
        audio = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE}
        return json.dumps({"message": "StartRecognition", "audio_format": audio, "transcription_config": self._config})

    def audio(self, pcm: bytes) -> bytes:
        """PCM as it is; each piece has a number, and is acknowledged."""
        self._given += 1
        self._given_bytes += len(pcm)
        self._waiting.append((self._given, self._given_bytes))
        self._flushed = False
        return pcm

    def keep_alive(self) -> Sequence[str]:
        """Pings are enough; but the first one of a pause has the words before it made final."""
        flush = () if self._flushed else ('{"message": "ForceEndOfUtterance"}',)
        self._flushed = True
        return flush

    def finish(self) -> str:
        """What is answered with the last words and `EndOfTranscript`."""
        return json.dumps({"message": "EndOfStream", "last_seq_no": self._given})

    def hear(self, message: str | bytes) -> News | None:
        """Words, acknowledgements, the end, or an error."""
        match Kind.model_validate_json(message).message:
            case "AddTranscript":
                return self._finals(Transcript.model_validate_json(message))
            case "AddPartialTranscript":
                return self._partials(Transcript.model_validate_json(message))
            case "EndOfUtterance":
                return News(self._held.flush(), until=self._final, interim=())
            case "AudioAdded":
                self._added(Added.model_validate_json(message).seq_no)
            case "RecognitionStarted":
                self._delimiter = Started.model_validate_json(message).language_pack_info.word_delimiter
                self.ready = True
            case "EndOfTranscript":
                return News(self._held.flush(), reached=self._added_bytes / BYTES_PER_SECOND, finished=True)
            case "Error":
                raise _failure(Error.model_validate_json(message).type)
        return None

    def closed(self, code: int | None) -> ProviderError:
        """Its own codes are those of its errors."""
        return _failure(_CODES[code]) if code in _CODES else super().closed(code)

    def _finals(self, said: Transcript) -> News:
        stretch = said.metadata
        words = self._words(said.results)
        if stretch.start_time < self._final - _REPEATED_S:
            words = [word for word in words if word.middle >= self._final]
        self._final = max(self._final, stretch.end_time)
        complete = self._held.add(words, until=self._final)
        until = self._final if self._held.begin is None else min(self._final, self._held.begin)
        return News(complete, until=until, reached=self._final, interim=self._held.before(()))

    def _partials(self, said: Transcript) -> News:
        words = [word for word in self._words(said.results) if word.middle >= self._final]
        return News(reached=said.metadata.end_time, interim=self._held.before(words))

    def _words(self, results: Sequence[Result]) -> list[Word]:
        words: list[Word] = []
        joins = False
        for result in results:
            if not result.alternatives:
                continue
            best = result.alternatives[0]
            belongs_before = result.attaches_to in {"previous", "both"}
            if belongs_before and not words and self._held.begin is None:
                continue  # its word was told already
            text = best.content if belongs_before or joins else self._delimiter + best.content
            joins = result.attaches_to in {"next", "both"}
            speaker = _speaker(best.speaker)
            if speaker is None or belongs_before:
                speaker = words[-1].speaker if words else self._held.speaker
            words.append(Word(text, result.start_time, result.end_time, speaker, best.language))
        return words

    def _added(self, seq_no: int) -> None:
        while self._waiting and self._waiting[0][0] <= seq_no:
            self._added_bytes = self._waiting.popleft()[1]


def _speaker(label: str | None) -> int | None:
    """S1, S2, …; UU is for somebody unknown."""
    digits = (label or "").removeprefix("S")
    return max(0, int(digits) - 1) if digits.isascii() and digits.isdigit() else None


def _failure(kind: str) -> ProviderError:
    if kind in _EXHAUSTED:
        pause_s = _PAUSE_S if kind == "quota_exceeded" else None
        return ProviderExhaustedError(f"Speechmatics answered {kind}", pause_s=pause_s)
    if kind in _REFUSED:
        return ProviderRefusedError(f"Speechmatics answered {kind}")
    return ProviderError("Speechmatics failed")
