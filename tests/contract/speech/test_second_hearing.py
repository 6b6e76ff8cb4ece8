"""WhisperX behind fal's queue and Hume's batch API, against a server that keeps their rules and one that does not."""

import time
from collections.abc import Callable, Iterator

import pytest

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.fal import FalQueue, Progress
from common.speech.hume import Feeling, Hume, JobState
from common.speech.hume_upload import HumeUpload
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.whisperx import WhisperX, whisper_code
from tests.support.speech_servers.second_hearing import (
    FAL_KEY,
    HUME_KEY,
    MODEL,
    SecondHearing,
    a_chunk,
    a_prediction,
    second_hearing,
)

AUDIO = "https://somewhere.example/a.mp3"


@pytest.fixture
def service() -> SecondHearing:
    return SecondHearing()


@pytest.fixture
def url(service: SecondHearing) -> Iterator[str]:
    with second_hearing(service) as address:
        yield address


def whisperx(url: str, *, key: str = FAL_KEY, timeout: float = 5.0) -> WhisperX:
    return WhisperX(FalQueue(key=key, url=url, model=MODEL, timeout=timeout))


def hume(url: str, *, key: str = HUME_KEY, timeout: float = 5.0) -> Hume:
    return Hume(key=key, url=url, timeout=timeout)


def submit(url: str, **options: float) -> str:
    return whisperx(url, **options).submit(AUDIO, language="de-AT", speakers=3)  # type: ignore[arg-type]


def start(url: str, **options: float) -> str:
    return hume(url, **options).submit(AUDIO, callback_url="https://us.example/back")  # type: ignore[arg-type]


def test_a_recording_is_handed_in_looked_at_and_fetched(service: SecondHearing, url: str) -> None:
    service.looks = 2
    service.chunks = [
        a_chunk(" Second. ", 3.5, None, "SPEAKER_01"),
        a_chunk(" First. ", 0.0, 2.5),
        a_chunk("   ", 2.5, 3.0),
        a_chunk("Third.", 5.0, 4.0, None),
    ]
    model = whisperx(url)
    request_id = submit(url)
    assert service.asked == [
        {
            "audio_url": AUDIO,
            "task": "transcribe",
            "chunk_level": "segment",
            "version": "3",
            "diarize": True,
            "language": "de",
            "num_speakers": 3,
        }
    ]
    assert [model.progress(request_id) for _ in range(3)] == [Progress.RUNNING, Progress.WAITING, Progress.DONE]
    said = model.utterances(request_id)
    assert [(each.text, each.start, each.speaker) for each in said] == [
        ("First.", 0.0, 0),
        ("Second.", 3.5, 1),
        ("Third.", 5.0, 0),
    ]
    assert all(each.end > each.start and each.language == "en" for each in said)


def test_a_time_that_is_missing_is_that_of_the_neighbour(service: SecondHearing, url: str) -> None:
    service.chunks = [a_chunk("One.", 1.0, None), a_chunk("Two.", 4.0, 6.0), a_chunk("Three.", None, 9.0)]
    service.chunks.append(a_chunk("Four.", 12.0, None))
    said = whisperx(url).utterances("request-1")
    assert [(each.start, each.end) for each in said] == [(1.0, 4.0), (4.0, 6.0), (6.0, 9.0), (12.0, 42.0)]
    service.chunks = [a_chunk("One.", None, None), a_chunk("Two.", None, None)]
    with pytest.raises(ProviderError):
        whisperx(url).utterances("request-1")


def test_what_is_not_known_is_not_said(service: SecondHearing, url: str) -> None:
    whisperx(url).submit(AUDIO, language=None, speakers=None)
    assert not service.asked[0].keys() & {"language", "num_speakers"}


def test_a_request_can_be_canceled_also_when_it_is_not_there(service: SecondHearing, url: str) -> None:
    whisperx(url).cancel("request-1")
    assert service.canceled == ["request-1"]
    service.instead["cancel"] = [(400, b'{"status": "ALREADY_COMPLETED"}', {}), (404, b"{}", {})]
    whisperx(url).cancel("request-1")
    whisperx(url).cancel("request-1")


def test_a_recording_that_cannot_be_loaded_is_refused(service: SecondHearing, url: str) -> None:
    service.fails = True
    with pytest.raises(ProviderRefusedError):
        whisperx(url).utterances("request-1")


def test_emotions_are_asked_for_and_fetched(service: SecondHearing, url: str) -> None:
    service.looks = 1
    service.predictions = [a_prediction(4.0, 6.0, Joy=0.25, Doubt=0.5), a_prediction(0.5, 2.0, Calmness=0.123456)]
    job_id = start(url)
    assert service.asked[0]["urls"] == [AUDIO]
    assert service.asked[0]["callback_url"] == "https://us.example/back"
    assert list(service.asked[0]["models"]) == ["prosody"]
    assert [hume(url).state(job_id) for _ in range(2)] == [JobState.RUNNING, JobState.DONE]
    first, second = hume(url).feelings(job_id)
    assert (first.start, first.end, first.emotions) == (0.5, 2.0, {"Calmness": 0.1235})
    assert second.emotions == {"Joy": 0.25, "Doubt": 0.5}


def test_what_could_not_be_measured_is_refused(service: SecondHearing, url: str) -> None:
    service.instead["predictions"] = [(200, b'[{"source": {"type": "url"}, "error": "no"}]', {})]
    with pytest.raises(ProviderRefusedError):
        hume(url).feelings("job-1")


def measure(url: str, *, timeout: float = 5.0) -> tuple[Feeling, ...]:
    return HumeUpload(key=HUME_KEY, url=url, timeout=timeout).measure(bytes(2 * BYTES_PER_SECOND))


def test_a_recording_that_is_sent_along_is_measured_at_once(service: SecondHearing, url: str) -> None:
    service.predictions = [a_prediction(1.0, 2.0, joy=0.25), a_prediction(0.0, 1.0, doubt=0.123456), a_prediction(2, 2)]
    first, second = measure(url)
    assert (first.start, first.end, first.emotions) == (0.0, 1.0, {"doubt": 0.1235})
    assert (second.start, second.emotions) == (1.0, {"joy": 0.25})
    assert service.seconds == [2.0]
    assert service.asked == [{"measurement_timer_ms": 10_000}]
    with pytest.raises(ValueError, match="ten minutes"):
        HumeUpload(key=HUME_KEY, url=url, timeout=5.0).measure(bytes(601 * BYTES_PER_SECOND))
    with pytest.raises(ProviderExhaustedError):
        HumeUpload(key="wrong", url=url, timeout=5.0).measure(bytes(BYTES_PER_SECOND))


CALLS: dict[str, Callable[..., object]] = {
    "submit": submit,
    "status": lambda url, **options: whisperx(url, **options).progress("r"),
    "result": lambda url, **options: whisperx(url, **options).utterances("r"),
    "start": start,
    "job": lambda url, **options: hume(url, **options).state("j"),
    "predictions": lambda url, **options: hume(url, **options).feelings("j"),
    "upload": measure,
}


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize(
    ("status", "error"),
    [(429, ProviderExhaustedError), (402, ProviderExhaustedError), (404, ProviderRefusedError), (500, ProviderError)],
)
def test_a_status_says_what_it_means(
    service: SecondHearing, url: str, kind: str, status: int, error: type[ProviderError]
) -> None:
    service.instead[kind] = [(status, b"{}", {"Retry-After": "7"})]
    with pytest.raises(ProviderError) as raised:
        CALLS[kind](url)
    assert type(raised.value) is error
    if isinstance(raised.value, ProviderExhaustedError):
        assert raised.value.pause_s == 7


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1]",
        b'{"status": "PERHAPS", "request_id": 7, "job_id": "../..", "state": {"status": "?"}, "chunks": [{"text": 1}]}',
        b'{"chunks": [{"text": "a", "timestamp": [-1, 2]}], "request_id": "a/b?c"}',
        b'{"chunks": [{"text": "a", "timestamp": [NaN, 2]}], "job_id": ""}',
        b'{"chunks": [{"text": "%s", "timestamp": [0, 2]}]}' % (b"a" * 20_001),
    ],
)
def test_nonsense_is_an_error_that_may_pass(service: SecondHearing, url: str, kind: str, body: bytes) -> None:
    service.instead[kind] = [(200, body, {})]
    with pytest.raises(ProviderError) as raised:
        CALLS[kind](url)
    assert raised.value.retryable


@pytest.mark.parametrize("kind", ["submit", "job", "upload"])
def test_who_is_too_slow_or_not_there_is_an_error_in_time(service: SecondHearing, url: str, kind: str) -> None:
    service.slow_s = 5.0
    began = time.monotonic()
    with pytest.raises(ProviderError):
        CALLS[kind](url, timeout=0.2)
    assert time.monotonic() - began < 3
    with pytest.raises(ProviderError):
        CALLS[kind]("http://127.0.0.1:9", timeout=1.0)


@pytest.mark.parametrize("kind", ["submit", "job"])
def test_a_key_that_is_not_accepted_is_said_so(url: str, kind: str) -> None:
    with pytest.raises(ProviderExhaustedError):
        CALLS[kind](url, key="wrong")


@pytest.mark.parametrize(
    ("language", "code"),
    [("en", "en"), ("pt-BR", "pt"), ("nb", "no"), ("fil", "tl"), ("multi", None), (None, None), ("zh_Hant", "zh")],
)
def test_languages_are_called_as_whisper_does(language: str | None, code: str | None) -> None:
    assert whisper_code(language) == code
