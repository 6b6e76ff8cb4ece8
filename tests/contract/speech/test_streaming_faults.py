"""Whatever a provider does wrong: no word is lost or told twice, an error comes soon and says whether to come back."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import pytest

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND, Heard, StreamingTranscriber, Utterance
from tests.support.speech_servers.ears import said_in, speech_of
from tests.support.speech_servers.providers import SERVERS, TURNS, Served
from tests.support.speech_servers.serving import Fault

SPEECH = b"".join(speech_of(turn) for turn in TURNS)
SAID = " ".join(said_in(turn) for turn in TURNS)
PATIENCE_S = 0.5


@dataclass
class Life:
    """What became of a stream."""

    heard: list[Heard] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    seconds: float = 0.0


async def live(served: Served, *, pcm: bytes = SPEECH, patience_s: float = PATIENCE_S) -> Life:
    """A stream's whole life, as captions have it: one task sends, one hears."""
    life = Life()
    began = time.monotonic()
    try:
        await _live(served.patient_for(patience_s), pcm, life.heard)
    except* ProviderError as group:
        life.errors += group.exceptions
    life.seconds = time.monotonic() - began
    return life


async def _live(transcriber: StreamingTranscriber, pcm: bytes, heard: list[Heard]) -> None:
    stream = await transcriber.open(language="en")

    async def send() -> None:
        for start in range(0, len(pcm), 3200):
            await stream.send(pcm[start : start + 3200])
            await asyncio.sleep(0)
        await stream.finish()

    async def hear() -> None:
        async for news in stream:
            heard.append(news)  # noqa: PERF401 - what came before a failure counts

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send())
            tasks.create_task(hear())
    finally:
        await stream.aclose()


def failing(served: Served, fault: Fault, *, pcm: bytes = SPEECH) -> tuple[list[BaseException], list[Heard], float]:
    """The errors of a life with a fault, what was heard by then, and how many seconds it took."""
    served.server.faults.append(fault)
    life = asyncio.run(asyncio.wait_for(live(served, pcm=pcm), 20))
    assert life.errors, "nothing went wrong"
    return life.errors, life.heard, life.seconds


def said_by(heard: list[Heard]) -> list[Utterance]:
    return [utterance for news in heard for utterance in news.utterances]


def assert_nothing_settled_is_missing(heard: list[Heard]) -> None:
    """What was told is the beginning of what was said, up to what is called settled."""
    text = " ".join(utterance.text for utterance in said_by(heard))
    assert SAID.startswith(text)
    until = heard[-1].until if heard else 0.0
    untold = SAID[len(text) :].split()
    if untold:
        at = next(start for word, start in _starts() if word == untold[0])
        assert until <= at + 1e-6


def _starts() -> list[tuple[str, float]]:
    starts, at = [], 0.0
    for turn in TURNS:
        for value, seconds in turn:
            if value:
                starts.append((said_in([(value, seconds)]), at))
            at += seconds
    return starts


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefusedError),
        (401, ProviderExhaustedError),
        (402, ProviderExhaustedError),
        (403, ProviderExhaustedError),
        (404, ProviderRefusedError),
        (408, ProviderError),
        (429, ProviderExhaustedError),
        (500, ProviderError),
        (503, ProviderError),
    ],
)
def test_a_refused_handshake_says_whether_to_come_back(served: Served, status: int, error: type[ProviderError]) -> None:
    errors, _, _ = failing(served, Fault("refuses", status=status))
    assert [type(each) for each in errors] == [error]


@pytest.mark.parametrize(("header", "pause_s"), [("7", 7.0), ("soon", None), (None, None), ("inf", None), ("-1", 0.0)])
def test_how_long_a_provider_wants_to_be_left_alone_is_told(
    served: Served, header: str | None, pause_s: float | None
) -> None:
    (error,), _, _ = failing(served, Fault("refuses", status=429, retry_after=header))
    assert isinstance(error, ProviderExhaustedError)
    assert error.pause_s == pause_s


def test_a_wrong_key_is_an_exhausted_provider(served: Served) -> None:
    served.server.key = "another"
    errors, heard, _ = failing(served, Fault("slow"))
    assert {type(each) for each in errors} == {ProviderExhaustedError}
    assert heard == []


@pytest.mark.parametrize(
    ("served", "said", "error"),
    [
        ("deepgram", "SOMETHING", ProviderError),
        ("soniox", "400", ProviderRefusedError),
        ("soniox", "402", ProviderExhaustedError),
        ("soniox", "408", ProviderError),
        ("soniox", "429", ProviderExhaustedError),
        ("soniox", "500", ProviderError),
        ("soniox", "503", ProviderError),
        ("speechmatics", "quota_exceeded", ProviderExhaustedError),
        ("speechmatics", "timelimit_exceeded", ProviderExhaustedError),
        ("speechmatics", "insufficient_funds", ProviderExhaustedError),
        ("speechmatics", "not_allowed", ProviderExhaustedError),
        ("speechmatics", "invalid_config", ProviderRefusedError),
        ("speechmatics", "job_error", ProviderError),
        ("speechmatics", "session_timeout", ProviderError),
        ("speechmatics", "something_new", ProviderError),
    ],
    indirect=["served"],
)
def test_an_error_in_the_middle_says_whether_to_come_back(
    served: Served, said: str, error: type[ProviderError]
) -> None:
    errors, heard, _ = failing(served, Fault("errs", after_s=5.0, error=said))
    assert {type(each) for each in errors} == {error}
    assert "none of your business" not in str(errors[0])
    assert_nothing_settled_is_missing(heard)


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 4005])
@pytest.mark.parametrize("after_s", [0.0, 5.0])
def test_a_stream_closed_before_its_end_is_an_error_and_nothing_settled_is_missing(
    served: Served, code: int, after_s: float
) -> None:
    errors, heard, _ = failing(served, Fault("closes", after_s=after_s, code=code))
    kinds = {type(each) for each in errors}
    if (served.name, code) == ("deepgram", 1008):
        assert kinds == {ProviderRefusedError}, "audio that it cannot decode"
    elif (served.name, code) == ("speechmatics", 4005):
        assert kinds == {ProviderExhaustedError}
        assert isinstance(errors[0], ProviderExhaustedError)
        assert errors[0].pause_s == 10.0
    else:
        assert kinds == {ProviderError}
    assert_nothing_settled_is_missing(heard)


def test_a_connection_cut_without_a_word_is_an_error(served: Served) -> None:
    errors, heard, _ = failing(served, Fault("cuts", after_s=5.0))
    assert {type(each) for each in errors} == {ProviderError}
    assert_nothing_settled_is_missing(heard)


def test_a_socket_that_is_only_half_open_is_noticed_soon(served: Served) -> None:
    errors, heard, seconds = failing(served, Fault("halts", after_s=5.0))
    assert {type(each) for each in errors} == {ProviderError}
    assert seconds < 8 * PATIENCE_S
    assert_nothing_settled_is_missing(heard)


def test_a_server_that_hears_nothing_more_is_noticed_though_it_answers_pings(served: Served) -> None:
    errors, heard, _ = failing(served, Fault("deaf", after_s=2.0), pcm=4 * SPEECH)
    assert {type(each) for each in errors} == {ProviderError}
    assert_nothing_settled_is_missing(heard)


@pytest.mark.parametrize("served", ["deepgram", "soniox"], indirect=True)  # who say how much they have heard
def test_a_word_in_the_middle_of_which_a_server_stops_hearing_is_not_told_when_it_is_asked_for_all(
    served: Served,
) -> None:
    begin, middle, sent = 3.5, 3.8, 5.5
    pcm = SPEECH[: round(sent * BYTES_PER_SECOND)]
    errors, heard, _ = failing(served, Fault("deaf", after_s=middle), pcm=pcm)
    assert {type(each) for each in errors} == {ProviderError}
    assert max([news.until for news in heard], default=0.0) <= begin + 1e-6
    assert_nothing_settled_is_missing(heard)


@pytest.mark.parametrize("text", ["hello", "{", "[]", '{"type": "Results"}', '{"message": "AddTranscript"}', "\x00"])
def test_nonsense_is_an_error(served: Served, text: str) -> None:
    if served.name == "soniox" and text.startswith('{"'):
        text = '{"tokens": [{}]}'
    errors, heard, _ = failing(served, Fault("babbles", after_s=5.0, text=text))
    assert {type(each) for each in errors} == {ProviderError}
    assert_nothing_settled_is_missing(heard)


@pytest.mark.parametrize(
    ("served", "text"),
    [
        ("deepgram", '{"type": "SpeechStarted"}'),
        ("soniox", '{"tokens": []}'),
        ("speechmatics", '{"message": "Warning", "type": "x"}'),
    ],
    indirect=["served"],
)
def test_a_message_that_means_nothing_to_us_is_passed_over(served: Served, text: str) -> None:
    errors, _, _ = failing(served, Fault("babbles", after_s=5.0, text=text))
    assert [str(each).endswith("is silent") for each in errors] == [True]


def test_an_end_that_is_not_answered_is_an_error(served: Served) -> None:
    errors, heard, seconds = failing(served, Fault("unending"))
    assert [str(each).endswith("is silent") for each in errors] == [True]
    assert seconds < 8 * PATIENCE_S
    assert_nothing_settled_is_missing(heard)


def test_an_end_that_leaves_audio_out_is_an_error(served: Served) -> None:
    errors, _, _ = failing(served, Fault("forgets", after_s=5.0))
    assert [str(each).endswith("left audio out") for each in errors] == [True]


@pytest.mark.parametrize("heard_s", [9.0, 10.0, 10.6, 11.1, 11.45, 11.55, 11.65, 12.0])
def test_an_end_that_leaves_words_out_is_an_error_wherever_it_is(served: Served, heard_s: float) -> None:
    served.server.faults.append(Fault("forgets", after_s=heard_s))
    life = asyncio.run(asyncio.wait_for(live(served), 20))
    if not life.errors:
        assert " ".join(utterance.text for utterance in said_by(life.heard)) == SAID
    assert_nothing_settled_is_missing(life.heard)


def test_an_end_that_makes_nothing_final_of_what_was_supposed_is_an_error(served: Served) -> None:
    left_out = 0
    for tenths in range(50, 120):
        served.server.faults.append(Fault("swallows"))
        life = asyncio.run(asyncio.wait_for(live(served, pcm=SPEECH[: tenths * BYTES_PER_SECOND // 10]), 20))
        left_out += any(str(each).endswith("left words out") for each in life.errors)
        supposed = {word for news in life.heard for each in news.interim for word in each.text.split()}
        told = {word for each in said_by(life.heard) for word in each.text.split()}
        assert life.errors or supposed <= told
        assert_nothing_settled_is_missing(life.heard[:-1])
    assert left_out


@pytest.mark.parametrize(
    ("served", "kind"),
    [
        *((name, "repeats") for name in SERVERS),
        ("deepgram", "rewrites"),  # a token of Soniox that is final never changes
        ("speechmatics", "rewrites"),
        ("deepgram", "disorders"),  # the results of the others have no place but their order
    ],
    indirect=["served"],
)
def test_results_that_come_again_or_in_disorder_are_heard_once_and_in_order(
    served: Served, kind: Literal["repeats", "rewrites", "disorders"]
) -> None:
    served.server.faults.append(Fault(kind))
    life = asyncio.run(live(served, patience_s=10.0))
    heard = life.heard
    assert life.errors == []
    assert " ".join(utterance.text for utterance in said_by(heard)) == SAID
    assert [news.until for news in heard] == sorted(news.until for news in heard)
    assert_nothing_settled_is_missing(heard)


def test_a_slow_server_is_waited_for_as_long_as_it_makes_progress(served: Served) -> None:
    served.server.faults.append(Fault("slow", seconds=0.1))
    life = asyncio.run(live(served, patience_s=1.0))
    assert life.seconds > 1.1, "longer than anything but progress is waited for"
    assert life.errors == []
    assert " ".join(utterance.text for utterance in said_by(life.heard)) == SAID


def test_a_language_that_the_server_lacks_is_refused(served: Served) -> None:
    async def use() -> None:
        stream = await served.patient_for(PATIENCE_S).open(language="ru")
        try:
            await stream.send(bytes(BYTES_PER_SECOND))
            async for _ in stream:
                pass
        finally:
            await stream.aclose()

    with pytest.raises(ProviderRefusedError):
        asyncio.run(use())
    served.server.violations.clear()  # that it was asked for


@pytest.mark.parametrize("kind", ["halts", "cuts", "closes", "babbles", "slow"])
def test_a_stream_can_be_dropped_in_whatever_state_its_socket_is(
    served: Served, kind: Literal["halts", "cuts", "closes", "babbles", "slow"]
) -> None:
    async def drop() -> float:
        stream = await served.transcriber.open(language="en")
        with suppress(ProviderError):
            await stream.send(SPEECH)
        began = time.monotonic()
        await stream.aclose()
        await stream.aclose()
        return time.monotonic() - began

    # Before anything is heard, Speechmatics would not begin.
    served.server.faults.append(Fault(kind, after_s=0.3, text="{"))
    assert asyncio.run(drop()) < 3.0


@pytest.mark.parametrize("served", ["speechmatics"], indirect=True)
def test_a_server_whose_socket_opens_but_that_does_not_begin_is_given_up(served: Served) -> None:
    errors, _, seconds = failing(served, Fault("halts"))
    assert {type(each) for each in errors} == {ProviderError}
    assert seconds < 8 * PATIENCE_S
