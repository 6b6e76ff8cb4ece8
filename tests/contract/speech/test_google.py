"""Google's adapters against a server that keeps Google's rules, and against some that do not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import grpc
import pytest
from google.cloud.speech_v2.types import cloud_speech as types

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech import google_streaming
from common.speech.google import SpeechProject
from common.speech.google_streaming import GoogleStreamingTranscriber
from common.speech.transcriber import BYTES_PER_SECOND, Heard, TranscriptionStream, Utterance
from tests.support.speech_servers.google import GoogleSpeech, running_google_speech
from tests.support.speech_servers.tones import ear, quiet, tone

TIMEOUT = 3.0
SECOND = BYTES_PER_SECOND


def project(address: str, model: str = "chirp_2") -> SpeechProject:
    return SpeechProject("earshot-local", location="us-central1", model=model, address=address)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is near."""
    monkeypatch.setattr(google_streaming, "_VERDICT_SECONDS", 0.1)


@pytest.fixture
def speech() -> GoogleSpeech:
    return GoogleSpeech(ear)


@pytest.fixture
def address(speech: GoogleSpeech) -> Iterator[str]:
    with running_google_speech(speech) as where:
        yield where


@pytest.fixture
def google(address: str) -> GoogleStreamingTranscriber:
    return GoogleStreamingTranscriber(project(address), timeout=TIMEOUT)


async def collect(stream: TranscriptionStream) -> list[Heard]:
    return [heard async for heard in stream]


async def listen(google: GoogleStreamingTranscriber, *pieces: bytes, vocabulary: Sequence[str] = ()) -> list[Heard]:
    stream = await google.open(language="en", vocabulary=vocabulary)
    try:
        hearing = asyncio.create_task(collect(stream))
        for piece in pieces:
            await stream.send(piece)
        await stream.finish()
        return await asyncio.wait_for(hearing, 10)
    finally:
        await stream.aclose()


def run(google: GoogleStreamingTranscriber, *pieces: bytes, vocabulary: Sequence[str] = ()) -> list[Heard]:
    return asyncio.run(listen(google, *pieces, vocabulary=vocabulary))


def words(heard: list[Heard]) -> str:
    return " ".join(utterance.text for news in heard for utterance in news.utterances)


class TestHearing:
    """A stream to a server that behaves."""

    def test_everything_said_is_heard_once_in_order_with_its_times(self, google: GoogleStreamingTranscriber) -> None:
        pcm = b"".join([quiet(0.5), tone(1), quiet(0.1), tone(2), quiet(1.5), tone(3), quiet(0.2)])
        heard = run(google, pcm)
        assert words(heard) == "n1 n2 n3"
        first, second = (utterance for news in heard for utterance in news.utterances)
        assert first.start == pytest.approx(0.5, abs=0.1)
        assert first.end == pytest.approx(1.2, abs=0.1)
        assert second.start == pytest.approx(2.7, abs=0.1)
        assert first.language == "en-us"
        assert [news.until for news in heard] == sorted(news.until for news in heard)
        assert heard[-1] == Heard((), len(pcm) / SECOND)

    def test_silence_says_nothing_and_is_settled_in_the_end(self, google: GoogleStreamingTranscriber) -> None:
        assert run(google, quiet(2.0)) == [Heard((), 2.0), Heard((), 2.0)]

    def test_a_stream_without_audio_ends_at_zero(self, google: GoogleStreamingTranscriber) -> None:
        assert run(google) == [Heard((), 0.0)]

    def test_what_seems_to_be_said_comes_before_it_is_certain(self, google: GoogleStreamingTranscriber) -> None:
        heard = run(google, *[tone(n % 9) + quiet(0.1) for n in range(12)])
        interim = [news.interim[0] for news in heard if news.interim]
        assert interim[0].text.startswith("n0 n1")
        assert interim[0].start == 0.0
        assert words(heard) == " ".join(f"n{n % 9}" for n in range(12))

    def test_many_streams_at_once_do_not_mix(self, google: GoogleStreamingTranscriber) -> None:
        async def all_of_them() -> list[list[Heard]]:
            return await asyncio.gather(*(listen(google, tone(n), quiet(0.2)) for n in range(8)))

        assert [words(heard) for heard in asyncio.run(all_of_them())] == [f"n{n}" for n in range(8)]

    def test_it_is_asked_as_the_api_wants(self, google: GoogleStreamingTranscriber, speech: GoogleSpeech) -> None:
        run(google, tone(1), vocabulary=["Earshot", " ", "Earshot", "opus"])
        request = speech.configs[0]
        assert request.recognizer == "projects/earshot-local/locations/us-central1/recognizers/_"
        config = request.streaming_config.config
        assert (config.model, list(config.language_codes)) == ("chirp_2", ["en-US"])
        hints = config.adaptation.phrase_sets[0].inline_phrase_set
        assert [phrase.value for phrase in hints.phrases] == ["Earshot", "opus"]
        assert request.streaming_config.streaming_features.interim_results

    def test_languages_are_those_of_the_model(self, address: str) -> None:
        chirp_2 = GoogleStreamingTranscriber(project(address), timeout=TIMEOUT)
        chirp_3 = GoogleStreamingTranscriber(project(address, "chirp_3"), timeout=TIMEOUT)
        assert [chirp_2.understands(tag) for tag in ("en-NZ", "multi", "zh-TW", "fi", "tlh")] == [True] * 3 + [
            False
        ] * 2
        assert chirp_3.understands("fi")
        with pytest.raises(ProviderRefusedError):
            asyncio.run(chirp_2.open(language="fi"))


class TestCalls:
    """A stream is a sequence of calls, because one must not be left without audio."""

    def test_when_nobody_speaks_all_is_told_and_the_next_word_begins_another_call(
        self, google: GoogleStreamingTranscriber, speech: GoogleSpeech
    ) -> None:
        speech.quiet_s = 0.4

        async def pause() -> list[Heard]:
            stream = await google.open(language="en")
            hearing = stream.__aiter__()
            await stream.send(quiet(0.5) + tone(1))
            await stream.keep_alive()
            heard = [await anext(hearing) for _ in range(2)]
            assert words(heard) == "n1"
            assert heard[-1].until == pytest.approx(0.8)
            for _ in range(4):  # longer than a call may be without audio
                await asyncio.sleep(0.15)
                await stream.keep_alive()
            await stream.send(tone(2) + quiet(0.2))
            await stream.finish()
            heard += [news async for news in hearing]
            await stream.aclose()
            return heard

        heard = asyncio.run(pause())
        assert words(heard) == "n1 n2"
        assert heard[-1].until == pytest.approx(1.3)
        assert next(u.start for news in heard for u in news.utterances if u.text == "n2") == pytest.approx(
            0.8, abs=0.05
        )
        assert speech.calls == 2

    def test_silence_in_which_the_server_says_nothing_is_settled_as_it_passes(
        self, google: GoogleStreamingTranscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(google_streaming, "_UNANSWERED_S", 0.3)
        monkeypatch.setattr(google_streaming, "_LOOK_SECONDS", 0.05)

        async def silence() -> float:
            stream = await google.open(language="en")
            hearing = asyncio.create_task(collect(stream))
            for _ in range(12):
                await stream.send(quiet(0.1))
                await asyncio.sleep(0.05)
            await stream.aclose()
            return (await hearing)[0].until

        assert 0.2 < asyncio.run(silence()) < 1.0

    def test_when_no_audio_comes_at_all_what_was_said_is_told_without_being_asked_for(
        self, google: GoogleStreamingTranscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(google_streaming, "_IDLE_S", 0.2)
        monkeypatch.setattr(google_streaming, "_LOOK_SECONDS", 0.05)

        async def stop() -> str:
            stream = await google.open(language="en")
            await stream.send(tone(1))
            async for news in stream:
                if news.utterances:
                    break
            await stream.aclose()
            return news.utterances[0].text

        assert asyncio.run(asyncio.wait_for(stop(), 5)) == "n1"

    def test_a_word_that_is_being_said_is_not_cut_for_want_of_an_answer(
        self, google: GoogleStreamingTranscriber, monkeypatch: pytest.MonkeyPatch, speech: GoogleSpeech
    ) -> None:
        monkeypatch.setattr(google_streaming, "_UNANSWERED_S", 0.2)
        monkeypatch.setattr(google_streaming, "_LOOK_SECONDS", 0.05)
        speech.ear = lambda pcm: ear(pcm) if len(pcm) > SECOND else []

        async def speak() -> list[Heard]:
            stream = await google.open(language="en")
            hearing = asyncio.create_task(collect(stream))
            for _ in range(10):
                await stream.send(tone(1, 0.12))
                await asyncio.sleep(0.05)
            await stream.finish()
            return await hearing

        asyncio.run(speak())
        assert speech.calls == 1


Method = Callable[[AsyncIterator[Any], Any], AsyncIterator[Any]]


def final(text: str, *, until: float, spoken: Sequence[tuple[str, float, float, str]] = ()) -> Any:
    infos = [
        types.WordInfo(
            word=word, start_offset=timedelta(seconds=a), end_offset=timedelta(seconds=b), speaker_label=label
        )
        for word, a, b, label in spoken
    ]
    alternative = types.SpeechRecognitionAlternative(transcript=text, words=infos)
    result = types.StreamingRecognitionResult(
        alternatives=[alternative], is_final=True, result_end_offset=timedelta(seconds=until)
    )
    return types.StreamingRecognizeResponse(results=[result])


def interim(text: str, *, until: float) -> Any:
    alternative = types.SpeechRecognitionAlternative(transcript=text)
    result = types.StreamingRecognitionResult(alternatives=[alternative], result_end_offset=timedelta(seconds=until))
    return types.StreamingRecognizeResponse(results=[result])


def says(*responses: Any) -> Method:
    """Reads everything, then answers so."""

    async def method(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[Any]:
        async for _request in requests:
            pass
        for response in responses:
            yield response

    return method


def aborts(code: grpc.StatusCode, *, after: int = 1) -> Method:
    """Reads some requests, then breaks off."""

    async def method(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        for _ in range(after):
            await anext(requests)
        if after > 1:
            yield final(" so far", until=0.1)
        await context.abort(code, "no")

    return method


class TestOddAnswers:
    """What cannot be meant is made the best of."""

    @pytest.fixture
    def hear(self, google: GoogleStreamingTranscriber, speech: GoogleSpeech) -> Callable[..., list[Utterance]]:
        def hear(*responses: Any) -> list[Utterance]:
            speech.streams = says(*responses)
            heard = run(google, quiet(4.0))
            assert [news.until for news in heard] == sorted(news.until for news in heard)
            assert heard[-1].until == 4.0
            utterances = [utterance for news in heard for utterance in news.utterances]
            for before, after in pairwise(utterances):
                assert before.start <= before.end <= after.end
            assert all(utterance.end <= 4.0 for utterance in utterances)
            return utterances

        return hear

    def test_words_without_times_last_as_long_as_the_result(self, hear: Callable[..., list[Utterance]]) -> None:
        said = hear(final(" one", until=1.5), final(" two", until=2.5, spoken=[("two", 0, 0, "")]))
        assert [(u.text, u.start, u.end) for u in said] == [("one", 0.0, 1.5), ("two", 1.5, 2.5)]

    def test_a_result_without_an_end_ends_with_its_last_word(self, hear: Callable[..., list[Utterance]]) -> None:
        assert [(u.start, u.end) for u in hear(final(" one", until=0, spoken=[("one", 0.5, 1.0, "")]))] == [(0.5, 1.0)]

    def test_times_beyond_the_audio_or_backwards_are_bounded(self, hear: Callable[..., list[Utterance]]) -> None:
        hear(
            final(" far", until=99, spoken=[("far", 50, 60, "")]),
            final(" back", until=1, spoken=[("back", 2, 1, "")]),
            final(" minus", until=-3, spoken=[("minus", -2, -1, "")]),
        )

    def test_empty_results_are_no_utterances(self, hear: Callable[..., list[Utterance]]) -> None:
        assert hear(final("", until=1), types.StreamingRecognizeResponse(), final("  ", until=2)) == []

    def test_speakers_are_told_apart(self, hear: Callable[..., list[Utterance]]) -> None:
        said = hear(final("Yes. No!", until=2, spoken=[("Yes.", 0, 0.5, "1"), ("No!", 0.6, 1, "2")]))
        assert [(u.text, u.speaker) for u in said] == [("Yes.", 0), ("No!", 1)]

    def test_a_script_without_spaces_gets_none(self, hear: Callable[..., list[Utterance]]) -> None:
        said = hear(final("你好。", until=2, spoken=[("你", 0, 0.5, ""), ("好", 0.5, 1, "")]))
        assert [u.text for u in said] == ["你好。"]


class TestFailures:
    """Whatever goes wrong is a ProviderError of the right kind, in time."""

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (grpc.StatusCode.INVALID_ARGUMENT, ProviderRefusedError),
            (grpc.StatusCode.NOT_FOUND, ProviderRefusedError),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, ProviderExhaustedError),
            (grpc.StatusCode.PERMISSION_DENIED, ProviderExhaustedError),
            (grpc.StatusCode.UNAUTHENTICATED, ProviderExhaustedError),
            (grpc.StatusCode.UNAVAILABLE, ProviderError),
            (grpc.StatusCode.INTERNAL, ProviderError),
            (grpc.StatusCode.OUT_OF_RANGE, ProviderError),
            (grpc.StatusCode.ABORTED, ProviderError),
            (grpc.StatusCode.DEADLINE_EXCEEDED, ProviderError),
            (grpc.StatusCode.CANCELLED, ProviderError),
            (grpc.StatusCode.UNKNOWN, ProviderError),
        ],
    )
    def test_a_status_says_whether_to_come_back(
        self,
        google: GoogleStreamingTranscriber,
        speech: GoogleSpeech,
        code: grpc.StatusCode,
        error: type[ProviderError],
    ) -> None:
        speech.streams = aborts(code)
        with pytest.raises(ProviderError) as raised:
            run(google, quiet(1.0))
        assert type(raised.value) is error

    def test_a_refusal_after_answers_is_not_about_the_request(
        self, google: GoogleStreamingTranscriber, speech: GoogleSpeech
    ) -> None:
        speech.streams = aborts(grpc.StatusCode.INVALID_ARGUMENT, after=2)
        with pytest.raises(ProviderError) as raised:
            run(google, quiet(0.2), quiet(0.2))
        assert type(raised.value) is ProviderError

    def test_a_server_that_ends_what_was_not_finished_has_failed(
        self, google: GoogleStreamingTranscriber, speech: GoogleSpeech
    ) -> None:
        async def method(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[Any]:
            await anext(requests)
            yield final(" that is all", until=0.1)

        speech.streams = method

        async def listen_on() -> None:
            stream = await google.open(language="en")
            await stream.send(quiet(0.5))
            try:
                await asyncio.wait_for(collect(stream), 5)
            finally:
                await stream.aclose()

        with pytest.raises(ProviderError):
            asyncio.run(listen_on())

    def test_a_server_that_never_ends_what_was_finished_has_failed(self, address: str, speech: GoogleSpeech) -> None:
        async def method(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[Any]:
            async for _request in requests:
                pass
            await asyncio.sleep(30)
            yield final(" late", until=0.1)

        speech.streams = method
        with pytest.raises(ProviderError, match="silent"):
            run(GoogleStreamingTranscriber(project(address), timeout=0.3), quiet(0.5))

    def test_a_server_that_never_makes_final_what_it_supposed_has_failed(
        self, google: GoogleStreamingTranscriber, speech: GoogleSpeech
    ) -> None:
        speech.streams = says(final(" one", until=1.0), interim(" two", until=2.0))
        with pytest.raises(ProviderError, match="left words out"):
            run(google, quiet(2.0))
        speech.streams = says(interim(" two", until=2.0), final("", until=2.0))
        assert words(run(google, quiet(2.0))) == ""

    def test_a_server_that_takes_no_audio_has_failed(self, address: str, speech: GoogleSpeech) -> None:
        async def method(requests: AsyncIterator[Any], _: Any) -> AsyncIterator[Any]:
            await anext(requests)
            await asyncio.sleep(30)
            yield final(" late", until=0.1)

        speech.streams = method

        async def send_on() -> None:
            stream = await GoogleStreamingTranscriber(project(address), timeout=0.5).open(language="en")
            try:
                for _ in range(600):
                    await stream.send(quiet(1.0))
            finally:
                await stream.aclose()

        with pytest.raises(ProviderError, match="no more audio"):
            asyncio.run(send_on())

    def test_a_server_that_is_not_there_has_failed(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            silent = GoogleStreamingTranscriber(project(f"127.0.0.1:{port}"), timeout=0.5)
            with pytest.raises(ProviderError):
                asyncio.run(silent.open(language="en"))
        with pytest.raises(ProviderError):
            asyncio.run(silent.open(language="en"))

    def test_a_dropped_stream_ends_quietly_and_takes_no_more(self, google: GoogleStreamingTranscriber) -> None:
        async def drop() -> list[Heard]:
            stream = await google.open(language="en")
            hearing = asyncio.create_task(collect(stream))
            await stream.send(quiet(0.1))
            await asyncio.sleep(0.05)
            await stream.aclose()
            await stream.aclose()
            with pytest.raises(ProviderError):
                await stream.send(quiet(0.1))
            return await asyncio.wait_for(hearing, 2)

        assert asyncio.run(drop()) == []

    def test_nothing_goes_on_after_a_stream_is_dropped(self, google: GoogleStreamingTranscriber) -> None:
        async def drop() -> set[str]:
            stream = await google.open(language="en")
            await stream.send(tone(1))
            await stream.aclose()
            await asyncio.sleep(0.1)
            return {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]

        assert asyncio.run(drop()) == set()
