"""What providers do beyond the port, each in its own protocol; their servers fail a test that breaks it."""

import asyncio
import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from common.core.errors import ProviderError
from common.speech.deepgram import DeepgramStreamingTranscriber
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support.speech_servers.ears import said_in, speech_of
from tests.support.speech_servers.providers import TURNS, Served
from tests.support.speech_servers.serving import KEY

SPEECH = b"".join(speech_of(turn) for turn in TURNS)
VOCABULARY = ["Earshot", "  ", "Kaffee-Klatsch ", "Earshot", *(f"Wort{number}" for number in range(500))]


async def listen(served: Served, pcm: bytes = SPEECH, *, language: str = "en", step: int = 3200) -> list[Heard]:
    stream = await served.transcriber.open(language=language, vocabulary=VOCABULARY)

    async def send() -> None:
        for start in range(0, len(pcm), step):
            await stream.send(pcm[start : start + step])
            await asyncio.sleep(0)
        await stream.finish()

    async def hear() -> list[Heard]:
        return [news async for news in stream]

    try:
        _, heard = await asyncio.gather(send(), hear())
    finally:
        await stream.aclose()
    return heard


def utterances(heard: list[Heard]) -> list[Utterance]:
    return [utterance for news in heard for utterance in news.utterances]


def test_every_word_is_heard_once_where_it_was_said_by_whom_it_was_said(served: Served) -> None:
    said = utterances(asyncio.run(listen(served)))
    assert " ".join(utterance.text for utterance in said) == " ".join(said_in(turn) for turn in TURNS)
    assert {utterance.speaker for utterance in said if utterance.start < 3} == {0}
    assert {utterance.speaker for utterance in said if 3 <= utterance.start < 9} == {1}
    assert {utterance.speaker for utterance in said if utterance.start >= 10} == {0}
    assert said[0].start == pytest.approx(0.7)
    assert said[-1].end == pytest.approx(12.0)


def test_an_utterance_has_one_speaker_and_no_longer_pause(served: Served) -> None:
    said = utterances(asyncio.run(listen(served)))
    assert not [each.text for each in said if "word10." in each.text and "word11" in each.text], "1.5 s lie between"
    assert not [each.text for each in said if "word14" in each.text and "word16" in each.text]


def test_words_that_come_in_pieces_are_told_whole_and_sentences_with_their_full_stop(served: Served) -> None:
    texts = [utterance.text for utterance in utterances(asyncio.run(listen(served)))]
    words = {word for turn in TURNS for word in said_in(turn).split()}
    assert {word for text in texts for word in text.split()} == words


def test_what_seems_to_be_said_comes_before_what_is_said_and_is_gone_in_the_end(served: Served) -> None:
    heard = asyncio.run(listen(served))
    first_seen = next(at for at, news in enumerate(heard) if any("word1" in each.text for each in news.interim))
    first_told = next(at for at, news in enumerate(heard) if any("word1" in each.text for each in news.utterances))
    assert first_seen < first_told
    for news in heard:
        assert all(each.end >= news.until for each in news.interim), "what is settled is no longer provisional"
    assert heard[-1].interim == ()


def test_until_is_what_is_settled_and_no_more(served: Served) -> None:
    said = {utterance.text: utterance for utterance in utterances(asyncio.run(listen(served)))}
    told: set[str] = set()
    for news in asyncio.run(listen(served)):
        told |= {utterance.text for utterance in news.utterances}
        untold = [utterance for text, utterance in said.items() if text not in told]
        assert all(utterance.start >= news.until - 1e-6 for utterance in untold)


def test_words_before_a_pause_are_heard_without_audio_after_it(served: Served) -> None:
    async def pause() -> list[Utterance]:
        stream = await served.transcriber.open(language="en")
        await stream.send(speech_of(((1, 0.4), (2, 0.4), (3, 0.4))))
        await stream.keep_alive()
        async for news in stream:
            if news.utterances:
                await stream.aclose()
                return list(news.utterances)
        raise AssertionError("nothing was heard")

    assert [each.text for each in asyncio.run(asyncio.wait_for(pause(), 5))] == ["word1 word2 word3"]


@pytest.mark.parametrize("served", ["deepgram", "soniox"], indirect=True)
def test_a_stream_that_is_kept_outlives_the_time_without_audio_and_one_that_is_not_is_ended(served: Served) -> None:
    served.server.idle_s = 0.3

    async def wait(*, keep: bool) -> list[Heard]:
        stream = await served.transcriber.open(language="en")
        try:
            await stream.send(speech_of(TURNS[0]))
            for _ in range(6):
                await asyncio.sleep(0.1)
                if keep:
                    await stream.keep_alive()
            await stream.finish()
            return [news async for news in stream]
        finally:
            await stream.aclose()

    assert asyncio.run(wait(keep=True))[-1].until == pytest.approx(3.0)
    with pytest.raises(ProviderError):
        asyncio.run(wait(keep=False))


def test_unusual_words_are_given_once_and_in_bounds(served: Served) -> None:
    asyncio.run(listen(served, speech_of(TURNS[0])))
    match served.name:
        case "deepgram":
            terms = parse_qs(urlsplit(served.server.requests[0].path).query)["keyterm"]
        case "soniox":
            terms = json.loads(served.server.sessions[0].texts[0])["context"]["terms"]
        case _:
            vocabulary = json.loads(served.server.sessions[0].texts[0])["transcription_config"]["additional_vocab"]
            terms = [word["content"] for word in vocabulary]
    assert terms[:3] == ["Earshot", "Kaffee-Klatsch", "Wort0"]
    assert len(terms) == len(set(terms)) == 100


def test_older_models_of_deepgram_are_told_keywords() -> None:
    served = DeepgramStreamingTranscriber(key=KEY, url="http://127.0.0.1:1", model="nova-2", timeout=1)
    with pytest.raises(ProviderError, match="cannot be reached"):
        asyncio.run(served.open(language="en", vocabulary=["Earshot"]))


def test_a_language_is_asked_for_by_the_providers_own_name(served: Served) -> None:
    asyncio.run(listen(served, speech_of(TURNS[0]), language="de-AT"))
    match served.name:
        case "deepgram":
            assert parse_qs(urlsplit(served.server.requests[0].path).query)["language"] == ["de"]
        case "soniox":
            config = json.loads(served.server.sessions[0].texts[0])
            assert (config["language_hints"], config["language_hints_strict"]) == (["de"], True)
        case _:
            assert json.loads(served.server.sessions[0].texts[0])["transcription_config"]["language"] == "de"


def test_a_key_is_in_no_log_and_no_error(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.run(listen(served, speech_of(TURNS[0])))
    served.server.key = "another"
    with pytest.raises(ProviderError) as raised:
        asyncio.run(listen(served, bytes(BYTES_PER_SECOND)))
    error: BaseException | None = raised.value
    while error is not None:
        assert KEY not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__
    said = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")]
    assert not [line for line in said if KEY in line]


def test_audio_is_held_back_while_the_provider_is_behind(served: Served) -> None:
    """60 s are given at once; the server must never have more than the window and a piece before it."""

    async def hurry() -> float:
        stream = await served.transcriber.open(language="en")
        ahead = 0.0
        reached = 0.0

        async def send() -> None:
            nonlocal ahead
            for second in range(60):
                await stream.send(bytes(BYTES_PER_SECOND))
                ahead = max(ahead, second + 1 - reached)
            await stream.finish()

        sending = asyncio.create_task(send())
        async for news in stream:
            reached = news.until
        await sending
        await stream.aclose()
        return ahead

    assert asyncio.run(hurry()) < 30.0


def test_audio_that_is_taken_at_once_is_heard_as_all_else_is(served: Served) -> None:
    async def offer() -> list[Heard]:
        stream = await served.transcriber.open(language="en")
        for start in range(0, len(SPEECH), 640):
            if not stream.offer(SPEECH[start : start + 640]):
                await stream.send(SPEECH[start : start + 640])
            await asyncio.sleep(0)
        await stream.finish()
        heard = [news async for news in stream]
        await stream.aclose()
        return heard

    heard = asyncio.run(offer())
    assert " ".join(each.text for each in utterances(heard)) == " ".join(said_in(turn) for turn in TURNS)
    assert heard[-1].until == pytest.approx(len(SPEECH) / BYTES_PER_SECOND)


def test_what_cannot_be_taken_at_once_is_not_taken_at_all(served: Served) -> None:
    async def offers() -> None:
        stream = await served.transcriber.open(language="en")
        assert stream.offer(bytes(640))
        assert not stream.offer(b""), "which means the end to some"
        assert not stream.offer(bytes(641)), "half a sample"
        assert not stream.offer(bytes(BYTES_PER_SECOND)), "more than a message holds"
        await stream.send(bytes(641))
        assert not stream.offer(bytes(640)), "half a sample waits for its other half"
        await stream.send(bytes(1))
        assert stream.offer(bytes(640))
        given = 0.0
        while stream.offer(bytes(8000)):
            given += 0.25
            assert given < 30.0, "there is an end to what is given before it is taken in"
        await stream.aclose()
        assert not stream.offer(bytes(640))

    asyncio.run(offers())
