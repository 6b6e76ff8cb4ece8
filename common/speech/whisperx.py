"""WhisperX at fal: a whole recording is transcribed and its speakers are told apart, in minutes.

https://fal.ai/docs/model-api-reference/audio-api/whisper
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, FiniteFloat, ValidationError

from common.core.errors import ProviderError
from common.core.languages import primary_subtag
from common.models.base import Shape
from common.speech.transcriber import Utterance

if TYPE_CHECKING:
    from common.speech.fal import FalQueue, Progress

NAME = "fal_whisperx"
_SPEAKER_NUMBER = re.compile(r"(\d{1,3})$")
_OTHERWISE_CALLED = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "jv": "jw"}
_CODE = re.compile(r"[a-z]{2}")
_MOST_CHUNKS = 20_000
_MOST_CHARACTERS = 20_000
"""Of a piece, which is half a minute at most."""
_SHORTEST_S = 0.01
_WINDOW_S = 30.0
"""What Whisper hears at once: a piece that does not say when it ends does so within it."""

_Seconds = Annotated[FiniteFloat, Field(ge=0)]


class _Chunk(Shape):
    text: str = Field(max_length=_MOST_CHARACTERS)
    timestamp: tuple[_Seconds | None, _Seconds | None]
    speaker: str | None = None


class _Result(Shape):
    chunks: list[_Chunk] = Field(max_length=_MOST_CHUNKS)
    inferred_languages: list[str] = Field(default_factory=list)


class WhisperX:
    """The model behind fal's queue."""

    name = NAME

    def __init__(self, queue: FalQueue) -> None:
        self._queue = queue

    def submit(self, audio_url: str, *, language: str | None, speakers: int | None) -> str:
        """Hand a recording in; the id of the request. Raises as the queue does.

        Args:
            audio_url: where it can be fetched from, for as long as it may take.
            language: spoken language, a BCP-47 tag, if that is known.
            speakers: how many there are, if that is known.
        """
        arguments: dict[str, Any] = {
            "audio_url": audio_url,
            "task": "transcribe",
            "chunk_level": "segment",
            "version": "3",
            "diarize": True,
        }
        if (code := whisper_code(language)) is not None:
            arguments["language"] = code
        if speakers is not None:
            arguments["num_speakers"] = speakers
        return self._queue.submit(arguments)

    def progress(self, request_id: str) -> Progress:
        """How far it is. Raises as the queue does."""
        return self._queue.progress(request_id)

    def cancel(self, request_id: str) -> None:
        """Have it not done."""
        self._queue.cancel(request_id)

    def utterances(self, request_id: str) -> tuple[Utterance, ...]:
        """What was understood, in order of time, in seconds of the recording.

        Raises:
            ProviderError: as the queue does, or it is nonsense: no piece says when it was said, say.
        """
        try:
            result = _Result.model_validate_json(self._queue.result(request_id))
        except ValidationError as error:
            raise ProviderError(f"{NAME} answered nonsense") from error
        language = result.inferred_languages[0] if len(result.inferred_languages) == 1 else None
        chunks = [chunk for chunk in result.chunks if chunk.text.strip()]
        if chunks and all(chunk.timestamp[0] is None for chunk in chunks):
            raise ProviderError(f"{NAME} answered nonsense")
        said: list[Utterance] = []
        for chunk, after in zip_longest(chunks, chunks[1:]):
            since = said[-1].end if said else 0.0
            said.append(_utterance(chunk, language, since=since, until=after.timestamp[0] if after else None))
        return tuple(sorted(said, key=lambda each: (each.start, each.end)))


def whisper_code(language: str | None) -> str | None:
    """What Whisper calls a language, a BCP-47 tag; None where it shall find out itself."""
    if language is None:
        return None
    first = primary_subtag(language)
    code = _OTHERWISE_CALLED.get(first, first)
    return code if _CODE.fullmatch(code) else None


def _utterance(chunk: _Chunk, language: str | None, *, since: float, until: float | None) -> Utterance:
    """A piece with its times; one that is missing is that of the neighbour, `since` before it or `until` after it."""
    start, end = chunk.timestamp
    if start is None:
        start = since
    if end is None:
        end = until if until is not None and until > start else start + _WINDOW_S
    number = _SPEAKER_NUMBER.search(chunk.speaker or "")
    return Utterance(
        text=chunk.text.strip(),
        start=start,
        end=max(start + _SHORTEST_S, end),
        speaker=int(number.group(1)) if number else 0,
        language=language,
    )
