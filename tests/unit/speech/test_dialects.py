"""What messages mean that a test server with one language does not send."""

import json
from typing import Any

import pytest

from common.core.errors import ProviderError
from common.speech.deepgram import DeepgramDialect
from common.speech.dialects import News
from common.speech.progress import Progress
from common.speech.soniox import SonioxDialect
from common.speech.speechmatics import SpeechmaticsDialect
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance


def results(start: float, end: float, *words: str, transcript: str) -> str:
    each = (end - start) / max(1, len(words))
    timed = [
        {"word": word, "start": start + at * each, "end": start + (at + 1) * each} for at, word in enumerate(words)
    ]
    channel = {"alternatives": [{"transcript": transcript, "words": timed}]}
    return json.dumps(
        {"type": "Results", "start": start, "duration": end - start, "is_final": True, "channel": channel}
    )


def heard(news: News | None) -> tuple[list[str], float]:
    assert news is not None
    return [utterance.text for utterance in news.utterances], news.until


def test_deepgram_is_read_as_its_transcript_is_written() -> None:
    dialect = DeepgramDialect()
    assert heard(dialect.hear(results(0, 2, "はい", "そう", transcript="はいそう"))) == (["はいそう"], 2)
    assert heard(dialect.hear(results(2, 4, "so", "so", transcript="so so"))) == (["so so"], 4)


def test_what_deepgram_leaves_out_is_not_settled_until_it_comes() -> None:
    dialect = DeepgramDialect()
    assert heard(dialect.hear(results(2, 4, "b", transcript="b"))) == ([], 0)
    assert heard(dialect.hear(results(0, 2, "a", transcript="a"))) == (["a b"], 4)


def test_what_deepgram_never_settles_is_bounded() -> None:
    dialect = DeepgramDialect()
    early = [results(start, start + 1, transcript="") for start in range(1, 1000)]
    with pytest.raises(ProviderError):
        list(map(dialect.hear, early))


def token(text: str, start_ms: int, end_ms: int, **more: Any) -> dict[str, Any]:
    return {"text": text, "start_ms": start_ms, "end_ms": end_ms, "is_final": True, **more}


def soniox(*tokens: dict[str, Any], final_ms: int) -> str:
    return json.dumps({"tokens": tokens, "final_audio_proc_ms": final_ms, "total_audio_proc_ms": final_ms})


def test_soniox_is_settled_up_to_the_word_that_is_not_complete() -> None:
    dialect = SonioxDialect(model="m", language=None, vocabulary=())
    assert heard(dialect.hear(soniox(token(" mor", 500, 700), final_ms=700))) == ([], 0.5)
    news = dialect.hear(soniox(token("ning", 700, 900), {"text": "<end>", "is_final": True}, final_ms=1500))
    assert heard(news) == (["morning"], 1.5)


def test_soniox_is_told_no_language_where_any_may_be_spoken() -> None:
    assert "language_hints" not in json.loads(SonioxDialect(model="m", language=None, vocabulary=()).opening())


def transcript(end: float, *said: tuple[str, str, str | None]) -> str:
    each = [
        {
            "type": "punctuation" if attaches else "word",
            "start_time": at,
            "end_time": at + (0 if attaches else 1),
            "alternatives": [{"content": content, "confidence": 1.0, "speaker": speaker}],
        }
        | ({"attaches_to": attaches} if attaches else {})
        for at, (content, speaker, attaches) in enumerate(said)
    ]
    return json.dumps({"message": "AddTranscript", "metadata": {"start_time": 0, "end_time": end}, "results": each})


def test_marks_of_speechmatics_belong_to_the_word_that_they_are_attached_to() -> None:
    dialect = SpeechmaticsDialect(model="m", language="es", vocabulary=())
    dialect.hear(transcript(2.5, ("¿", "S2", "next"), ("qué", "S2", None), ("?", "UU", "previous")))
    news = dialect.hear('{"message": "EndOfUtterance", "metadata": {}}')
    assert news is not None
    assert [(each.text, each.speaker) for each in news.utterances] == [("¿qué?", 1)]


def test_a_mark_after_a_word_that_was_told_already_is_no_utterance() -> None:
    dialect = SpeechmaticsDialect(model="m", language="en", vocabulary=())
    assert heard(dialect.hear(transcript(4, (".", "S1", "previous")))) == ([], 4)


def test_speechmatics_says_how_its_words_are_parted() -> None:
    dialect = SpeechmaticsDialect(model="m", language="ja", vocabulary=())
    dialect.hear('{"message": "RecognitionStarted", "language_pack_info": {"word_delimiter": ""}}')
    dialect.hear(transcript(2, ("はい", "S1", None), ("そう", "S1", None)))
    assert heard(dialect.hear('{"message": "EndOfUtterance", "metadata": {}}')) == (["はいそう"], 2)


def progress(seconds: float) -> Progress:
    made = Progress("it", unsettled_s=45.0)
    made.sent_bytes = round(seconds * BYTES_PER_SECOND)
    return made


def test_nothing_is_news_that_is_known() -> None:
    made = progress(10)
    interim = (Utterance("a", 1, 2),)
    assert made.take(News(until=1.0, interim=interim)) == Heard((), 1.0, interim)
    assert made.take(News(until=1.0, interim=interim, reached=5.0)) is None
    assert made.take(News(until=0.5)) is None
    assert made.take(News(interim=())) == Heard((), 1.0)


def test_a_provider_that_goes_on_and_settles_nothing_has_failed() -> None:
    made = progress(100)
    made.take(News(reached=45.0))
    with pytest.raises(ProviderError, match="settles nothing"):
        made.take(News(reached=46.0))


def test_what_is_told_on_request_counts_once_it_reaches_the_end() -> None:
    made = progress(10)
    made.take(News((Utterance("a", 1, 2),), until=2.0))
    made.ask()
    assert made.take(News((Utterance("b", 5, 6),), until=6.0)) is None
    assert made.take(News((Utterance("c", 7, 8),), until=8.0)) == Heard((Utterance("b", 5, 6),), 6.0)
    last = (Utterance("c", 7, 8), Utterance("d", 9, 10))
    assert made.take(News((Utterance("d", 9, 10),), until=10.0)) == Heard(last, 10.0)


def test_what_is_told_on_request_counts_when_more_was_heard() -> None:
    made = progress(10)
    made.ask()
    assert made.take(News((Utterance("a", 5, 6),), until=6.0)) is None
    interim = (Utterance("b", 6, 7),)
    assert made.take(News(reached=7.0, interim=interim)) == Heard((Utterance("a", 5, 6),), 6.0, interim)


def test_what_is_told_on_request_does_not_count_where_the_provider_had_stopped_to_listen() -> None:
    made = progress(10)
    made.ask()
    assert made.take(News((Utterance("hal", 5, 6),), until=6.0)) is None
    with pytest.raises(ProviderError, match="left audio out"):
        made.take(News(reached=6.0, finished=True))
    assert made.until == 0.0
