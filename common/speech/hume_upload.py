"""Hume's Expression Measurement API: how somebody sounds, measured from a recording that is sent along.

https://dev.hume.ai/expression-measurement/reference/audio/measure
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field, FiniteFloat, ValidationError

from common.core.errors import ProviderError
from common.models.base import Shape
from common.speech.hume import NAME, Feeling
from common.speech.posting import accepted, post
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.wav import wav_head

LONGEST_S = 600
"""Seconds of a recording: a request has 25 MB at most, and with ten minutes takes 19."""
EVERY_MS = 10_000
"""A measurement covers the ten seconds before it, so these meet end to end."""
_MOST_MEASUREMENTS = 5000
_MOST_EXPRESSIONS = 100
"""Of the hundreds that are told apart; the likeliest come first."""

_Milliseconds = Annotated[int, Field(ge=0)]
_Probability = Annotated[FiniteFloat, Field(ge=0, le=1)]


class _Expression(Shape):
    name: str = Field(max_length=100)
    probability: _Probability


class _Measurement(Shape):
    audio_start_ms: _Milliseconds
    audio_end_ms: _Milliseconds
    expressions: list[_Expression]


class _Answer(Shape):
    measurements: list[_Measurement] = Field(max_length=_MOST_MEASUREMENTS)


class HumeUpload:
    """The API.

    Args:
        key: of the account.
        url: its address.
        timeout: real seconds for one recording.
    """

    name = NAME

    def __init__(self, *, key: str, url: str, timeout: float) -> None:
        self._headers = {"X-Hume-Api-Key": key, "Accept": "application/json"}
        self._url = f"{url.rstrip('/')}/v1/expression/audio/file"
        self._timeout = timeout

    def measure(self, pcm: bytes) -> tuple[Feeling, ...]:
        """What is heard in a recording, in order of time; stretches in which nothing is are left out.

        Args:
            pcm: 16 kHz mono s16le, LONGEST_S at most.

        Raises:
            ProviderRefusedError: this is not accepted.
            ProviderExhaustedError: no credit, no right, or too many requests.
            ProviderError: no server, or none that answers properly in time.
        """
        if len(pcm) > LONGEST_S * BYTES_PER_SECOND:
            raise ValueError("a recording is measured in parts of ten minutes")
        files = {
            "config": (None, json.dumps({"measurement_timer_ms": EVERY_MS}), "application/json"),
            "file": ("audio.wav", wav_head(len(pcm)) + pcm, "audio/wav"),
        }
        answer = post(self._url, provider=NAME, within_s=self._timeout, headers=self._headers, files=files)
        try:
            found = _Answer.model_validate_json(accepted(answer, provider=NAME).body).measurements
        except ValidationError as error:
            raise ProviderError(f"{NAME} answered nonsense") from error
        feelings = [_feeling(each) for each in found if each.expressions]
        return tuple(sorted(feelings, key=lambda each: (each.start, each.end)))


def _feeling(measured: _Measurement) -> Feeling:
    start = measured.audio_start_ms / 1000
    return Feeling(
        start=start,
        end=max(start, measured.audio_end_ms / 1000),
        emotions={each.name: round(each.probability, 4) for each in measured.expressions[:_MOST_EXPRESSIONS]},
    )
