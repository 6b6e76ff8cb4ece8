"""Every embedder of voices, the service over a real socket, with whatever it may do wrong."""

import json
import math
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.posting import LARGEST_ANSWER
from common.speech.voice_service import VoiceService
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import Rules, VoiceEmbedder, average, centre, distance
from tests.support.voice_service import Service, voice_service
from tests.support.voices import turns_of

TIMEOUT = 0.8
CLIP = centre(turns_of("A")[1])
NUMBERS = [0.1] * 256


@pytest.fixture
def service() -> Iterator[Service]:
    with voice_service() as running:
        yield running


def client(url: str) -> VoiceService:
    return VoiceService(url, name="some model", timeout=TIMEOUT, rules=Rules(largest_distance=0.2))


@pytest.fixture(params=["statistics", "service"])
def embedder(request: pytest.FixtureRequest) -> VoiceEmbedder:
    """Each kind."""
    makers: dict[str, Callable[[], VoiceEmbedder]] = {
        "statistics": VoiceStatistics,
        "service": lambda: client(request.getfixturevalue("service").url),
    }
    return makers[request.param]()


def test_a_voice_is_known_again_and_another_is_told_apart(embedder: VoiceEmbedder) -> None:
    man, again, woman = (
        average([embedder.embed(centre(turn)) for turn in turns])
        for turns in (turns_of("A")[1:4], turns_of("A")[4:7], turns_of("B")[3:6])
    )
    assert embedder.name
    assert math.hypot(*man) == pytest.approx(1.0)
    assert len(man) == len(woman)
    assert distance(man, again) <= embedder.rules.largest_distance
    assert distance(man, woman) >= embedder.rules.largest_distance + embedder.rules.smallest_margin


def test_the_same_clip_gives_the_same_numbers(embedder: VoiceEmbedder) -> None:
    assert embedder.embed(CLIP) == embedder.embed(CLIP)


def test_the_clip_goes_as_a_wav_file_to_the_published_path(service: Service) -> None:
    client(service.url + "/").embed(CLIP)
    assert service.paths == ["/v2/embedding"]
    assert service.seconds == [pytest.approx(len(CLIP) / 32_000)]


@pytest.mark.parametrize("body", [NUMBERS, [NUMBERS], {"embedding": NUMBERS}, {"embedding": [NUMBERS], "model": "x"}])
def test_every_published_form_of_the_answer_is_understood(service: Service, body: object) -> None:
    service.answer = lambda _: (200, json.dumps(body).encode())
    assert client(service.url).embed(CLIP) == pytest.approx([1 / 16] * 256)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"{}",
        b"[]",
        b'"0.1"',
        b'{"embedding": null}',
        json.dumps(NUMBERS[:15]).encode(),
        json.dumps([0.1] * 4097).encode(),
        json.dumps([0.0] * 256).encode(),
        json.dumps(["0.1"] * 256).encode(),
        json.dumps([True] * 256).encode(),
        json.dumps([math.nan] * 256).encode(),
        json.dumps([NUMBERS, NUMBERS]).encode(),
        json.dumps([1e999] * 256).encode(),
        b" " * LARGEST_ANSWER + json.dumps(NUMBERS).encode(),
    ],
)
def test_nonsense_is_a_provider_error(service: Service, body: bytes) -> None:
    service.answer = lambda _: (200, body)
    with pytest.raises(ProviderError):
        client(service.url).embed(CLIP)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ProviderRefusedError),
        (413, ProviderRefusedError),
        (422, ProviderRefusedError),
        (401, ProviderExhaustedError),
        (402, ProviderExhaustedError),
        (429, ProviderExhaustedError),
        (404, ProviderError),
        (302, ProviderError),
        (204, ProviderError),
        (500, ProviderError),
        (503, ProviderError),
    ],
)
def test_a_status_says_whether_to_come_back(service: Service, status: int, kind: type[ProviderError]) -> None:
    service.answer = lambda _: (status, b"")
    with pytest.raises(ProviderError) as raised:
        client(service.url).embed(CLIP)
    assert type(raised.value) is kind
    assert raised.value.retryable == (kind is not ProviderRefusedError)


def test_an_answer_that_trickles_in_is_not_waited_for(service: Service) -> None:
    service.slow = 200
    started = time.monotonic()
    with pytest.raises(ProviderError):
        client(service.url).embed(CLIP)
    assert time.monotonic() - started < 3 * TIMEOUT


def test_an_answer_cut_off_is_a_provider_error(service: Service) -> None:
    service.announced = 100_000
    with pytest.raises(ProviderError):
        client(service.url).embed(CLIP)


def test_a_service_that_is_not_there_or_never_answers_is_a_provider_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ProviderError):
            client(url).embed(CLIP)
    with pytest.raises(ProviderError):
        client(url).embed(CLIP)


def test_two_at_once_do_not_disturb_each_other(service: Service) -> None:
    mine = client(service.url)
    clips = [centre(turns_of("A")[1]), centre(turns_of("B")[0])]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(mine.embed, clips))
    for clip, vector in zip(clips, found, strict=True):
        assert vector == pytest.approx(VoiceStatistics().embed(clip))
