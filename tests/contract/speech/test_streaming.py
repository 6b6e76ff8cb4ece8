import asyncio

import pytest

from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND, Heard, StreamingTranscriber, Utterance
from local.demo.script import read_script
from local.demo.wer import word_error_rate

SAID = " ".join(turn.text for turn in read_script()[:2])


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


def test_what_is_said_is_heard(streaming: StreamingTranscriber, speech: bytes) -> None:
    assert word_error_rate(SAID, text(asyncio.run(listen(streaming, speech[: 9 * BYTES_PER_SECOND])))) <= 0.2


def test_times_are_ordered_and_until_covers_what_was_given_and_in_the_end_everything(
    streaming: StreamingTranscriber, speech: bytes
) -> None:
    heard = asyncio.run(listen(streaming, speech))
    assert [news.until for news in heard] == sorted(news.until for news in heard)
    assert heard[-1].until == pytest.approx(len(speech) / BYTES_PER_SECOND, abs=0.05)
    settled = 0.0
    for news in heard:
        for utterance in news.utterances:
            assert settled <= utterance.start < utterance.end <= news.until
        settled = news.until
    starts = [utterance.start for utterance in utterances(heard)]
    assert starts == sorted(starts)
    assert 0.5 < starts[0] < 1.2, "the recording begins with 0.7 s of silence"


def test_the_size_of_the_pieces_changes_nothing(streaming: StreamingTranscriber, speech: bytes) -> None:
    part = speech[: 6 * BYTES_PER_SECOND]
    whole, crumbs = asyncio.run(listen(streaming, part, step=len(part))), asyncio.run(listen(streaming, part, step=641))
    assert [(u.start, u.end) for u in utterances(whole)] == [(u.start, u.end) for u in utterances(crumbs)]
    assert text(whole) == text(crumbs)


def test_silence_says_nothing_and_is_settled_as_it_passes(streaming: StreamingTranscriber) -> None:
    heard = asyncio.run(listen(streaming, bytes(5 * BYTES_PER_SECOND), step=BYTES_PER_SECOND))
    assert utterances(heard) == []
    assert heard[-1].until == pytest.approx(5.0, abs=0.05)


def test_a_stream_without_audio_ends_at_zero(streaming: StreamingTranscriber) -> None:
    assert asyncio.run(listen(streaming, b""))[-1].until == 0.0


def test_text_comes_while_the_stream_is_open(streaming: StreamingTranscriber, speech: bytes) -> None:
    async def first_words() -> str:
        stream = await streaming.open(language="en")
        await stream.send(speech[: 5 * BYTES_PER_SECOND])
        async for news in stream:
            if news.utterances:
                break
        await stream.aclose()
        return news.utterances[0].text

    assert "morning" in asyncio.run(first_words())


def test_streams_at_once_do_not_mix(streaming: StreamingTranscriber, speech: bytes) -> None:
    async def both() -> tuple[list[Heard], list[Heard], list[Heard]]:
        return await asyncio.gather(
            listen(streaming, speech[: 3 * BYTES_PER_SECOND]),
            listen(streaming, speech[3 * BYTES_PER_SECOND : 9 * BYTES_PER_SECOND]),
            listen(streaming, bytes(3 * BYTES_PER_SECOND)),
        )

    first, second, silent = asyncio.run(both())
    assert "morning" in text(first)
    assert "beach" not in text(first)
    assert "beach" in text(second)
    assert text(silent) == ""


def test_a_dropped_stream_ends_quietly_and_may_be_dropped_again(streaming: StreamingTranscriber, speech: bytes) -> None:
    async def drop() -> list[Heard]:
        stream = await streaming.open(language="en")
        await stream.send(speech)

        async def collect() -> list[Heard]:
            return [news async for news in stream]

        collecting = asyncio.create_task(collect())
        await asyncio.sleep(0.05)
        await stream.aclose()
        await stream.aclose()
        return await asyncio.wait_for(collecting, 5)

    assert utterances(asyncio.run(drop())) == []


def test_a_dropped_stream_takes_no_more(streaming: StreamingTranscriber) -> None:
    async def send_late() -> None:
        stream = await streaming.open(language="en")
        await stream.aclose()
        await stream.send(bytes(640))

    with pytest.raises(ProviderError):
        asyncio.run(send_late())


def test_a_language_that_is_not_known_is_refused_at_once(streaming: StreamingTranscriber) -> None:
    with pytest.raises(ProviderRefusedError):
        asyncio.run(streaming.open(language="fr"))


@pytest.mark.parametrize("language", ["en-US", "multi"])
def test_regional_english_and_no_particular_language_are_fine(streaming: StreamingTranscriber, language: str) -> None:
    async def open_and_drop() -> None:
        await (await streaming.open(language=language)).aclose()

    asyncio.run(open_and_drop())
