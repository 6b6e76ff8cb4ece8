"""Hume's batch API: how somebody sounds, measured from their speech, utterance by utterance.

Hume itself ended it on 2026-06-15 (docs/decisions/0029; its successor is spoken in `hume_upload`); another server may
speak it.
https://dev.hume.ai/reference/expression-measurement-api/batch
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from common.core.errors import ProviderError, ProviderRefusedError
from common.models.base import Shape
from common.speech.posting import Answer, accepted, send

NAME = "hume"
_JOB_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
_MOST_UTTERANCES = 5000
_MOST_EMOTIONS = 100

_Seconds = Annotated[FiniteFloat, Field(ge=0)]


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "QUEUED"
    RUNNING = "IN_PROGRESS"
    DONE = "COMPLETED"
    FAILED = "FAILED"


class Feeling(Shape):
    """How a stretch of speech sounds: seconds of the recording, and how much of each emotion, of 1."""

    start: float
    end: float
    emotions: dict[str, float]


class _Accepted(Shape):
    job_id: str


class _State(Shape):
    status: JobState


class _Details(Shape):
    state: _State


class _Emotion(Shape):
    name: str = Field(max_length=100)
    score: FiniteFloat


class _Time(Shape):
    begin: _Seconds
    end: _Seconds


class _Prediction(Shape):
    time: _Time
    emotions: list[_Emotion] = Field(max_length=_MOST_EMOTIONS)


class _Group(Shape):
    predictions: list[_Prediction]


class _Prosody(Shape):
    grouped_predictions: list[_Group] = Field(default_factory=list)


class _Models(Shape):
    prosody: _Prosody | None = None


class _File(Shape):
    models: _Models


class _Results(Shape):
    predictions: list[_File] = Field(default_factory=list)


class _Source(Shape):
    results: _Results | None = None
    error: str | None = None


_PREDICTIONS = TypeAdapter(list[_Source], config=ConfigDict(defer_build=True))


class Hume:
    """The batch API.

    Args:
        key: of the account.
        url: its address.
        timeout: real seconds for one request.
    """

    name = NAME

    def __init__(self, *, key: str, url: str, timeout: float) -> None:
        self._headers = {"X-Hume-Api-Key": key, "Accept": "application/json"}
        self._jobs_url = f"{url.rstrip('/')}/v0/batch/jobs"
        self._timeout = timeout

    def submit(self, audio_url: str, *, callback_url: str | None) -> str:
        """Hand a recording in; the id of the job.

        Args:
            audio_url: where it can be fetched from, for as long as it may take.
            callback_url: who is told when it is done.

        Raises:
            ProviderRefusedError: this is not accepted.
            ProviderExhaustedError: no credit, no right, or too many requests.
            ProviderError: no server, or none that answers properly in time.
        """
        job: dict[str, Any] = {"urls": [audio_url], "models": {"prosody": {"granularity": "utterance"}}}
        if callback_url is not None:
            job["callback_url"] = callback_url
        answer = self._ask("POST", self._jobs_url, json=job)
        try:
            job_id = _Accepted.model_validate_json(answer.body).job_id
        except ValidationError as error:
            raise ProviderError(f"{NAME} answered nonsense") from error
        if not _JOB_ID.fullmatch(job_id):
            raise ProviderError(f"{NAME} answered nonsense")
        return job_id

    def state(self, job_id: str) -> JobState:
        """How far it is; raises as `submit` does."""
        try:
            return _Details.model_validate_json(self._ask("GET", f"{self._jobs_url}/{job_id}").body).state.status
        except ValidationError as error:
            raise ProviderError(f"{NAME} answered nonsense") from error

    def feelings(self, job_id: str) -> tuple[Feeling, ...]:
        """What was measured, in order of time, of a job that is done.

        Raises:
            ProviderRefusedError: the recording could not be measured.
            ProviderError: as `submit` does.
        """
        body = self._ask("GET", f"{self._jobs_url}/{job_id}/predictions").body
        try:
            sources = _PREDICTIONS.validate_json(body)
        except ValidationError as error:
            raise ProviderError(f"{NAME} answered nonsense") from error
        if any(source.error for source in sources):
            raise ProviderRefusedError(f"{NAME} could not measure the recording")
        found = [
            _feeling(prediction)
            for source in sources
            for file in (source.results.predictions if source.results else ())
            for group in (file.models.prosody.grouped_predictions if file.models.prosody else ())
            for prediction in group.predictions
        ]
        return tuple(sorted(found, key=lambda each: (each.start, each.end))[:_MOST_UTTERANCES])

    def _ask(self, method: str, url: str, **request: Any) -> Answer:
        answer = send(method, url, provider=NAME, within_s=self._timeout, headers=self._headers, **request)
        return accepted(answer, provider=NAME)


def _feeling(prediction: _Prediction) -> Feeling:
    return Feeling(
        start=prediction.time.begin,
        end=max(prediction.time.begin, prediction.time.end),
        emotions={each.name: round(each.score, 4) for each in prediction.emotions},
    )
