"""Google and Deepgram as recognisers of recordings, against servers that keep their rules and some that do not."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.cloud.speech_v2.types import cloud_speech as types

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.deepgram_recordings import DeepgramBatchTranscriber
from common.speech.google import SpeechProject
from common.speech.google_recordings import GoogleBatchTranscriber, cut_points
from common.speech.transcriber import BYTES_PER_SECOND, BatchTranscriber, Heard
from tests.support.speech_servers.deepgram_recordings import KEY, DeepgramRecordings, running_deepgram_recordings
from tests.support.speech_servers.google import GoogleSpeech, running_google_speech
from tests.support.speech_servers.tones import ear, quiet, tone

TIMEOUT = 10.0
SHORT = 0.5
SECOND = BYTES_PER_SECOND


def google_at(address: str, model: str = "chirp_2", *, timeout: float = TIMEOUT) -> GoogleBatchTranscriber:
    project = SpeechProject("earshot-local", location="us-central1", model=model, address=address)
    return GoogleBatchTranscriber(project, timeout=timeout)


def deepgram_at(url: str, *, key: str = KEY, timeout: float = TIMEOUT) -> DeepgramBatchTranscriber:
    return DeepgramBatchTranscriber(key=key, url=url, model="nova-3", timeout=timeout)


@pytest.fixture
def google_speech() -> Iterator[tuple[GoogleSpeech, GoogleBatchTranscriber]]:
    speech = GoogleSpeech(ear)
    with running_google_speech(speech) as address:
        yield speech, google_at(address)


@pytest.fixture
def deepgram_recordings() -> Iterator[tuple[DeepgramRecordings, DeepgramBatchTranscriber]]:
    recordings = DeepgramRecordings(ear)
    with running_deepgram_recordings(recordings) as url:
        yield recordings, deepgram_at(url)


@pytest.fixture(params=["google_speech", "deepgram_recordings"])
def batch(request: pytest.FixtureRequest) -> BatchTranscriber:
    """Each of them."""
    made: BatchTranscriber = request.getfixturevalue(request.param)[1]
    return made


def text(heard: Heard) -> str:
    return " ".join(utterance.text for utterance in heard.utterances)


class TestBoth:
    """What is true of either."""

    def test_what_is_said_is_heard_with_its_times(self, batch: BatchTranscriber) -> None:
        heard = batch.transcribe(quiet(0.5) + tone(1) + quiet(0.1) + tone(2) + quiet(2) + tone(3), language="en")
        assert [utterance.text for utterance in heard.utterances] == ["n1 n2", "n3"]
        assert heard.utterances[0].start == pytest.approx(0.5, abs=0.05)
        assert heard.utterances[1].end == pytest.approx(3.5, abs=0.05)
        assert heard.until == pytest.approx(3.5)

    def test_silence_and_nothing_say_nothing(self, batch: BatchTranscriber) -> None:
        assert batch.transcribe(quiet(3), language="en") == Heard((), 3.0)
        assert batch.transcribe(b"", language="multi") == Heard((), 0.0)

    def test_minutes_are_heard_once_in_order(self, batch: BatchTranscriber) -> None:
        said = b"".join(tone(number % 10, 0.5) + quiet(0.5) for number in range(360))
        heard = batch.transcribe(said, language="en")
        assert text(heard).split() == [f"n{number % 10}" for number in range(360)]
        assert heard.until == 360.0
        assert all(a.end <= b.start for a, b in zip(heard.utterances, heard.utterances[1:], strict=False))

    def test_what_is_too_long_or_in_no_language_is_refused(self, batch: BatchTranscriber) -> None:
        assert not batch.understands("tlh")
        with pytest.raises(ProviderRefusedError):
            batch.transcribe(quiet(1), language="tlh")
        with pytest.raises(ProviderRefusedError):
            batch.transcribe(bytes(361 * SECOND), language="en")

    def test_nobody_takes_longer_than_the_caller_has(self, request: pytest.FixtureRequest) -> None:
        speech, google = request.getfixturevalue("google_speech")
        recordings, deepgram = request.getfixturevalue("deepgram_recordings")

        async def sleep(_: Any, __: Any) -> Any:
            await asyncio.sleep(20)

        speech.recognizes, recordings.drips = sleep, 0.02
        for slow in (google, deepgram):
            began = time.monotonic()
            with pytest.raises(ProviderError):
                slow.transcribe(300 * tone(1, 1), language="en", within_s=1.0)
            assert time.monotonic() - began < 3.0

    def test_a_server_that_is_not_there_has_failed(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            for there in (google_at(address, timeout=SHORT), deepgram_at(f"http://{address}", timeout=SHORT)):
                with pytest.raises(ProviderError):
                    there.transcribe(quiet(1), language="en")
        for gone in (google_at(address, timeout=SHORT), deepgram_at(f"http://{address}", timeout=SHORT)):
            with pytest.raises(ProviderError) as raised:
                gone.transcribe(quiet(1), language="en")
            assert raised.value.retryable


class TestGoogle:
    """Pieces of a minute."""

    def test_a_long_recording_is_cut_where_it_is_quietest(self) -> None:
        loud = tone(1, 1)
        pcm = 45 * loud + quiet(0.5) + 44 * loud + quiet(0.4) + 20 * loud
        cuts = [cut / SECOND for cut in cut_points(pcm)]
        assert cuts == [pytest.approx(45.25, abs=0.2), pytest.approx(89.7, abs=0.2)]
        assert cut_points(quiet(55)) == []
        assert all(cut % 2 == 0 for cut in cut_points(300 * loud))

    def test_speakers_of_different_pieces_are_not_taken_for_each_other(
        self, google_speech: tuple[GoogleSpeech, GoogleBatchTranscriber]
    ) -> None:
        speech, google = google_speech

        async def two_speakers(request: Any, _: Any) -> Any:
            words = [
                types.WordInfo(
                    word=f"w{label}",
                    start_offset=timedelta(seconds=5 * label),
                    end_offset=timedelta(seconds=5 * label + 1),
                    speaker_label=str(label),
                )
                for label in (1, 2)
            ]
            length = len(request.content) / SECOND
            alternative = types.SpeechRecognitionAlternative(transcript="w1 w2", words=words)
            result = types.SpeechRecognitionResult(
                alternatives=[alternative], result_end_offset=timedelta(seconds=length)
            )
            return types.RecognizeResponse(results=[result])

        speech.recognizes = two_speakers
        heard = google.transcribe(quiet(100), language="en")
        assert [utterance.speaker for utterance in heard.utterances] == [0, 1, 2, 3]

    def test_speakers_are_asked_for_where_the_model_knows_them(
        self, google_speech: tuple[GoogleSpeech, GoogleBatchTranscriber]
    ) -> None:
        speech, google = google_speech
        google.transcribe(quiet(1), language="en")
        google_at(google._project.address, "chirp_3").transcribe(quiet(1), language="multi")
        configs = [request.config for request in speech.recordings]
        assert ["diarization_config" in config.features for config in configs] == [False, True]
        assert [list(config.language_codes) for config in configs] == [["en-US"], ["auto"]]

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (grpc.StatusCode.INVALID_ARGUMENT, ProviderRefusedError),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, ProviderExhaustedError),
            (grpc.StatusCode.PERMISSION_DENIED, ProviderExhaustedError),
            (grpc.StatusCode.UNAVAILABLE, ProviderError),
            (grpc.StatusCode.INTERNAL, ProviderError),
        ],
    )
    def test_a_status_says_whether_to_come_back(
        self,
        google_speech: tuple[GoogleSpeech, GoogleBatchTranscriber],
        code: grpc.StatusCode,
        error: type[ProviderError],
    ) -> None:
        speech, google = google_speech

        async def abort(_: Any, context: Any) -> Any:
            await context.abort(code, "no")

        speech.recognizes = abort
        with pytest.raises(ProviderError) as raised:
            google.transcribe(quiet(100), language="en")
        assert type(raised.value) is error

    def test_a_server_that_does_not_answer_in_time_has_failed(
        self, google_speech: tuple[GoogleSpeech, GoogleBatchTranscriber]
    ) -> None:
        speech, google = google_speech

        async def sleep(_: Any, __: Any) -> Any:
            await asyncio.sleep(20)

        speech.recognizes = sleep
        with pytest.raises(ProviderError):
            google_at(google._project.address, timeout=SHORT).transcribe(quiet(1), language="en")


class TestDeepgram:
    """One request."""

    def test_it_is_asked_as_the_api_wants(
        self, deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber]
    ) -> None:
        recordings, deepgram = deepgram_recordings
        deepgram.transcribe(tone(1), language="en-GB", vocabulary=["Earshot", "opus"])
        assert recordings.asked == [
            {
                "model": ["nova-3"],
                "language": ["en-GB"],
                "punctuate": ["true"],
                "smart_format": ["true"],
                "diarize": ["true"],
                "utterances": ["true"],
                "keyterm": ["Earshot", "opus"],
            }
        ]

    def test_a_key_that_is_not_accepted_is_no_fault_of_the_request(
        self, deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber]
    ) -> None:
        url = deepgram_recordings[1]._url.removesuffix("/v1/listen")
        with pytest.raises(ProviderExhaustedError) as raised:
            deepgram_at(url, key="stale").transcribe(tone(1), language="en")
        assert "stale" not in str(raised.value)

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (200, b"", ProviderError),
            (200, b"<html>", ProviderError),
            (200, b'{"results":{}}', ProviderError),
            (200, b'{"results":{"utterances":[{"transcript":"a","start":-1,"end":1}]}}', ProviderError),
            (200, b'{"results":{"utterances":[{"transcript":"a","start":NaN,"end":1}]}}', ProviderError),
            (302, b"", ProviderError),
            (400, b"{}", ProviderRefusedError),
            (402, b"{}", ProviderExhaustedError),
            (403, b"{}", ProviderExhaustedError),
            (413, b"{}", ProviderRefusedError),
            (429, b"{}", ProviderExhaustedError),
            (500, b"{}", ProviderError),
            (503, b"", ProviderError),
            (504, b"", ProviderError),
        ],
    )
    def test_an_answer_says_whether_to_come_back(
        self,
        deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber],
        status: int,
        body: bytes,
        error: type[ProviderError],
    ) -> None:
        recordings, deepgram = deepgram_recordings
        recordings.answer = (status, body, {"Retry-After": "7"})
        with pytest.raises(ProviderError) as raised:
            deepgram.transcribe(tone(1), language="en")
        assert type(raised.value) is error
        if isinstance(raised.value, ProviderExhaustedError):
            assert raised.value.pause_s == 7.0

    def test_times_beyond_the_recording_are_bounded_and_empty_utterances_are_none(
        self, deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber]
    ) -> None:
        recordings, deepgram = deepgram_recordings
        said = [
            {"transcript": " ", "start": 0, "end": 1},
            {"transcript": " far ", "start": 5, "end": 9, "speaker": 2, "words": [{"language": "fr"}, {}]},
        ]
        recordings.answer = (200, json.dumps({"results": {"utterances": said}}).encode(), {})
        (far,) = deepgram.transcribe(quiet(2), language="multi").utterances
        assert (far.text, far.start, far.end, far.speaker, far.language) == ("far", 2.0, 2.0, 2, "fr")

    def test_an_answer_for_less_than_the_recording_is_a_failure(
        self, deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber]
    ) -> None:
        recordings, deepgram = deepgram_recordings
        said = {"utterances": [{"transcript": "one", "start": 0, "end": 1}]}
        recordings.answer = (200, json.dumps({"metadata": {"duration": 1.0}, "results": said}).encode(), {})
        with pytest.raises(ProviderError, match="left audio out"):
            deepgram.transcribe(quiet(4), language="en")
        assert deepgram.transcribe(quiet(1.2), language="en").until == 1.2

    def test_an_answer_that_comes_too_late_or_is_cut_off_is_a_failure(
        self, deepgram_recordings: tuple[DeepgramRecordings, DeepgramBatchTranscriber]
    ) -> None:
        recordings, deepgram = deepgram_recordings
        recordings.promised = 10_000
        with pytest.raises(ProviderError):
            deepgram.transcribe(tone(1), language="en")
        recordings.promised, recordings.after_s = None, 10.0
        impatient = deepgram_at(deepgram._url.removesuffix("/v1/listen"), timeout=SHORT)
        with pytest.raises(ProviderError):
            impatient.transcribe(tone(1), language="en")
