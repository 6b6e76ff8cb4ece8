import asyncio

import pytest

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND, Heard, StreamingTranscriber, Utterance
from local.demo.wer import word_error_rate
from tests.support.speech_servers.providers import Provider


async def listen(transcriber: StreamingTranscriber, pcm: bytes, *, step: int = 3200) -> list[Heard]:
    stream = await transcriber.open(language="en")

    async def send() -> None:
        for start in range(0, len(pcm), step):
            await stream.send(pcm[start : start + step])
        await stream.finish()

    sending = asyncio.create_task(send())
    heard = [news async for news in stream]
    await sending
    await stream.aclose()
    return heard


def utterances(heard: list[Heard]) -> list[Utterance]:
    return [utterance for news in heard for utterance in news.utterances]


def text(heard: list[Heard]) -> str:
    return " ".join(utterance.text for utterance in utterances(heard))


def test_what_is_said_is_heard(provider: Provider) -> None:
    heard = asyncio.run(listen(provider.transcriber, provider.speech[: 9 * BYTES_PER_SECOND]))
    assert word_error_rate(" ".join(provider.said), text(heard)) <= provider.wrong


def test_times_are_ordered_and_until_covers_what_was_given_and_in_the_end_everything(provider: Provider) -> None:
    heard = asyncio.run(listen(provider.transcriber, provider.speech))
    assert [news.until for news in heard] == sorted(news.until for news in heard)
    assert heard[-1].until == pytest.approx(len(provider.speech) / BYTES_PER_SECOND, abs=0.05)
    settled = 0.0
    for news in heard:
        for utterance in news.utterances:
            assert settled <= utterance.start < utterance.end <= news.until
        settled = news.until
    starts = [utterance.start for utterance in utterances(heard)]
    assert starts == sorted(starts)
    assert 0.5 < starts[0] < 1.2, "the recording begins with 0.7 s of silence"


def test_the_size_of_the_pieces_changes_nothing(provider: Provider) -> None:
    part = provider.speech[: 6 * BYTES_PER_SECOND]
    whole = asyncio.run(listen(provider.transcriber, part, step=len(part)))
    crumbs = asyncio.run(listen(provider.transcriber, part, step=641))
    assert [(u.start, u.end) for u in utterances(whole)] == [(u.start, u.end) for u in utterances(crumbs)]
    assert text(whole) == text(crumbs)


def test_silence_says_nothing_and_is_settled_as_it_passes(provider: Provider) -> None:
    heard = asyncio.run(listen(provider.transcriber, bytes(5 * BYTES_PER_SECOND), step=BYTES_PER_SECOND))
    assert utterances(heard) == []
    assert heard[-1].until == pytest.approx(5.0, abs=0.05)


def test_a_stream_without_audio_ends_at_zero(provider: Provider) -> None:
    assert asyncio.run(listen(provider.transcriber, b""))[-1].until == 0.0


def test_text_comes_while_the_stream_is_open(provider: Provider) -> None:
    async def first_words() -> str:
        stream = await provider.transcriber.open(language="en")
        await stream.send(provider.speech[: 5 * BYTES_PER_SECOND])
        async for news in stream:
            if news.utterances:
                break
        await stream.aclose()
        return news.utterances[0].text

    assert asyncio.run(first_words()).split()[0].lower() in provider.said[0].lower()


def test_streams_at_once_do_not_mix(provider: Provider) -> None:
    async def both() -> tuple[list[Heard], list[Heard], list[Heard]]:
        return await asyncio.gather(
            listen(provider.transcriber, provider.turn(0)),
            listen(provider.transcriber, provider.turn(1)),
            listen(provider.transcriber, bytes(3 * BYTES_PER_SECOND)),
        )

    first, second, silent = asyncio.run(both())
    assert word_error_rate(provider.said[0], text(first)) <= 2 * provider.wrong
    assert word_error_rate(provider.said[1], text(second)) <= 2 * provider.wrong
    assert text(silent) == ""


def test_a_dropped_stream_ends_quietly_and_may_be_dropped_again(provider: Provider) -> None:
    async def drop() -> list[Heard]:
        stream = await provider.transcriber.open(language="en")
        await stream.send(provider.speech)

        async def collect() -> list[Heard]:
            return [news async for news in stream]

        collecting = asyncio.create_task(collect())
        await asyncio.sleep(0.05)
        await stream.aclose()
        await stream.aclose()
        return await asyncio.wait_for(collecting, 5)

    assert all(news.until < 12.0 for news in asyncio.run(drop())), "nobody has heard the end"


def test_a_dropped_stream_takes_no_more(provider: Provider) -> None:
    async def send_late() -> None:
        stream = await provider.transcriber.open(language="en")
        await stream.aclose()
        await stream.send(bytes(640))

    with pytest.raises(ProviderError):
        asyncio.run(send_late())


def test_a_language_that_is_not_known_is_refused_at_once(provider: Provider) -> None:
    assert not provider.transcriber.understands("tlh")
    with pytest.raises(ProviderRefusedError):
        asyncio.run(provider.transcriber.open(language="tlh"))


@pytest.mark.parametrize("language", ["en", "en-US", "EN_us", "multi"])
def test_regional_english_and_whatever_is_spoken_are_fine_where_they_are_understood(
    provider: Provider, language: str
) -> None:
    async def open_and_drop() -> None:
        await (await provider.transcriber.open(language=language)).aclose()

    if provider.transcriber.understands(language):
        asyncio.run(open_and_drop())
    else:
        assert (provider.transcriber.name, language) == ("speechmatics", "multi")


def test_a_stream_is_kept_without_audio_and_goes_on(provider: Provider) -> None:
    async def pause() -> list[Heard]:
        stream = await provider.transcriber.open(language="en")
        await stream.keep_alive()
        await stream.send(provider.turn(0))
        await stream.keep_alive()
        await stream.keep_alive()
        await stream.send(provider.turn(1))
        await stream.finish()
        heard = [news async for news in stream]
        await stream.aclose()
        return heard

    heard = asyncio.run(pause())
    assert heard[-1].until == pytest.approx(9.0, abs=0.05)
    assert word_error_rate(" ".join(provider.said), text(heard)) <= provider.wrong


def test_an_end_that_is_said_twice_is_one(provider: Provider) -> None:
    async def end_twice() -> list[Heard]:
        stream = await provider.transcriber.open(language="en")
        await stream.send(provider.turn(0))
        await stream.finish()
        await stream.finish()
        heard = [news async for news in stream]
        await stream.aclose()
        return heard

    assert asyncio.run(end_twice())[-1].until == pytest.approx(3.0, abs=0.05)
