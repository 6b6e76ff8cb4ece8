"""Who hears: chosen by language, wish and health, told what matters, and replaced in the middle of a word."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from common.conversations.live import captions, choosing, preparing
from common.core.errors import ProviderRefusedError
from common.database import clients, segment_batches, users
from common.models.conversation import Interval
from common.models.user import TranscriptionPreferences
from common.speech import circuits
from common.speech.providers import configured_streaming
from common.speech.transcriber import BYTES_PER_SECOND, StreamingTranscriber
from tests.support.speech_servers.ears import speech_of
from tests.support.speech_servers.providers import Served, serving
from tests.support.speech_servers.serving import Fault as ServerFault
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.recogniser import Fault, Recogniser

_FRAME = BYTES_PER_SECOND // 50


@contextmanager
def _served(monkeypatch: pytest.MonkeyPatch, *names: str) -> Iterator[tuple[Served, Served]]:
    """Two providers with their servers, who alone are there to hear, the first one first."""
    with ExitStack() as running:
        first, second = (running.enter_context(serving(name)) for name in names)
        chosen: list[StreamingTranscriber] = [first.transcriber, second.transcriber]
        monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: chosen)
        monkeypatch.setattr(captions, "SILENT_S", 2.0)
        yield first, second


@pytest.fixture(autouse=True)
def _no_grudges(stores: object) -> None:
    """What providers did in another test is forgotten."""
    assert stores
    if (redis := clients.redis_client()) is not None:
        redis.flushall()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> tuple[Recogniser, Recogniser]:
    """Two providers, the first one preferred."""
    made = Recogniser("one"), Recogniser("two")
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: list(made))
    return made


def _ended(app: Device, uid: str) -> str:
    app.close()
    [conversation_id] = kept.ids(uid)
    kept.left_by_all(uid, conversation_id)
    return conversation_id


def _words(uid: str, conversation_id: str) -> list[str]:
    """The transcript's words in their order."""
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    segments = sorted((each for batch in batches for each in batch.segments), key=lambda each: each.start)
    return [word for segment in segments for word in segment.text.split()]


class TestChoice:
    """What a client asks for."""

    def test_a_language_that_nobody_understands_is_1008_and_named(
        self, device: Connect, uid: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()  # the real choice, of a real provider
        configure(streaming_transcribers="deepgram", deepgram_api_key="k", voice_gate="false")
        configured_streaming.cache_clear()
        assert device(f"{PCM}&language=tlh").closed() == (1008, "unsupported language: tlh")
        code, reason = device(f"{PCM}&language={'%C3%BC' * 35}").closed()
        assert code == 1008
        assert reason.startswith("unsupported language: üüü")
        assert kept.ids(uid) == []
        configured_streaming.cache_clear()

    def test_the_recogniser_is_told_the_language_and_unusual_words(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        wanted = TranscriptionPreferences(single_language_mode=False, vocabulary=["Zugspitze", "Kaffee-Klatsch"])
        users.change(uid=uid, language="de", transcription_preferences=wanted)
        app = device(f"{PCM}&language=auto")
        app.say(1)
        app.until_heard(1)
        assert recogniser.asked == [("multi", ("Omi", "Zugspitze", "Kaffee-Klatsch"))]

    def test_who_speaks_one_language_only_is_heard_in_it_whatever_the_client_says(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        users.change(
            uid=uid, language="de", transcription_preferences=TranscriptionPreferences(single_language_mode=True)
        )
        app = device(f"{PCM}&language=multi")
        app.say(1)
        app.until_heard(1)
        assert recogniser.asked == [("de", ("Omi",))]

    @pytest.mark.parametrize(
        ("wish", "name"),
        [("", "one"), ("&stt_service=two", "two"), ("&stt_service=two-v3", "two"), ("&stt_service=x", "one")],
    )
    def test_the_provider_that_the_client_would_like_is_asked_first(
        self, device: Connect, two: tuple[Recogniser, Recogniser], wish: str, name: str
    ) -> None:
        app = device(PCM + wish)
        app.say(1)
        app.until_heard(1)
        assert [each["stt_provider"] for each in app.segments] == [name]
        assert [bool(each.streams) for each in two] == [each.name == name for each in two]


class TestTakingOver:
    """One provider fails in the middle; the other hears the rest, and nothing twice."""

    @pytest.mark.parametrize("fault", [Fault("refuses"), Fault("breaks", after_s=3), Fault("breaks", after_s=0)])
    def test_no_word_is_missing_or_there_twice(
        self, device: Connect, uid: str, two: tuple[Recogniser, Recogniser], fault: Fault
    ) -> None:
        two[0].faults.append(fault)
        app = device()
        app.say(*range(1, 9))
        app.until_heard(*range(1, 9))
        assert app.heard == list(range(1, 9))
        assert {each["stt_provider"] for each in app.segments} <= {"one", "two"}
        assert [
            event["provider"] for event in app.events("service_status") if event["status"] == "stt_interrupted"
        ] == ["one"]
        conversation_id = _ended(app, uid)
        assert kept.words(uid, conversation_id) == list(range(1, 9))
        assert kept.holes(uid, conversation_id) == []

    def test_one_that_falls_silent_is_replaced_with_what_it_did_not_hear(
        self, device: Connect, uid: str, two: tuple[Recogniser, Recogniser], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(captions, "SILENT_S", 0.5)
        two[0].faults.append(Fault("stalls", after_s=2))
        app = device()
        app.say(*range(1, 7))
        app.until_heard(*range(1, 7))
        conversation_id = _ended(app, uid)
        assert kept.words(uid, conversation_id) == list(range(1, 7))

    def test_one_after_the_other_fails_and_still_nothing_is_missing(
        self, device: Connect, uid: str, two: tuple[Recogniser, Recogniser]
    ) -> None:
        for each in two:
            each.faults.extend([Fault("breaks", after_s=2), Fault("refuses"), Fault("breaks", after_s=1)])
        app = device()
        for number in range(1, 21):
            app.say(number)
            app.quiet(0.02)
        app.until_heard(*range(1, 21), within_s=12)
        conversation_id = _ended(app, uid)
        assert kept.words(uid, conversation_id) == list(range(1, 21))
        assert kept.holes(uid, conversation_id) == []
        assert app.statuses[-1] == "ready", "in the end somebody hears"


class TestPublished:
    """The same with the protocols that two providers publish."""

    @pytest.fixture
    def served(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, Served]]:
        monkeypatch.setattr(choosing, "_FIRST_REST_S", 60.0)  # three seconds at the pace of these stores
        with _served(monkeypatch, "deepgram", "soniox") as both:
            yield both

    @pytest.mark.parametrize(
        "fault",
        [
            ServerFault("closes", after_s=4),
            ServerFault("cuts", after_s=5.3),
            ServerFault("errs", after_s=4, error="broken"),
            ServerFault("halts", after_s=4.5),
            ServerFault("refuses", status=402),
        ],
        ids=lambda fault: fault.kind,
    )
    def test_a_word_that_one_did_not_hear_to_its_end_the_other_hears_whole(
        self, device: Connect, uid: str, served: tuple[Served, Served], fault: ServerFault
    ) -> None:
        first, second = served
        first.server.faults.append(fault)
        app = device()
        numbers = [number for number in range(1, 25) if number % 5]
        for number in numbers:
            app.say(number, seconds=0.7)
            app.quiet(0.01)
        app.say(0, seconds=2)

        def shown() -> bool:
            return f"word{numbers[-1]}" in " ".join(each["text"] for each in app.segments)

        app.until(shown, what="the last word", within_s=12)
        conversation_id = _ended(app, uid)
        assert _words(uid, conversation_id) == [f"word{number}" for number in numbers]
        assert kept.holes(uid, conversation_id) == []
        assert len(second.server.sessions) == 1
        assert [
            event["provider"] for event in app.events("service_status") if event["status"] == "stt_interrupted"
        ] == ["deepgram"]


class TestBreakingAgainAndAgain:
    """Two providers over real sockets, of which now the one and then the other breaks while somebody talks on."""

    @pytest.fixture
    def served(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, Served]]:
        monkeypatch.setattr(circuits, "FAILURES", 1000)  # nobody is left alone for as long as the test takes
        with _served(monkeypatch, "deepgram", "speechmatics") as both:
            yield both

    @pytest.mark.parametrize("seed", range(3))
    def test_every_word_is_there_once(
        self, device: Connect, uid: str, served: tuple[Served, Served], seed: int
    ) -> None:
        drawn = random.Random(seed)  # noqa: S311 - a test repeats itself
        for each in served:
            each.server.faults += [_some_fault(drawn) for _ in range(3)]
        app = device()
        numbers = [number for number in range(1, 40) if number % 5]
        speech = speech_of((number, drawn.choice([0.3, 0.5, 0.8])) for number in [*numbers, *[0] * 4])
        for frame, at in enumerate(range(0, len(speech), _FRAME)):
            app.send(speech[at : at + _FRAME])
            if frame % 5 == 0:
                app.quiet(0.02)

        def shown() -> bool:
            return f"word{numbers[-1]}" in " ".join(each["text"] for each in app.segments)

        app.until(shown, what="the last word", within_s=20)
        conversation_id = _ended(app, uid)
        assert _words(uid, conversation_id) == [f"word{number}" for number in numbers]
        assert kept.holes(uid, conversation_id) == []
        broken = [event for event in app.events("service_status") if event["status"] == "stt_interrupted"]
        assert len(broken) >= 3, "they did break"


def _some_fault(drawn: random.Random) -> ServerFault:
    kind = drawn.choice(["closes", "cuts", "cuts", "errs", "halts", "refuses", "deaf"])
    after_s = 0.0 if kind == "refuses" else drawn.uniform(0.1, 5.0)
    error = "broken" if kind == "errs" else ""
    return ServerFault(kind, after_s=after_s, error=error)  # type: ignore[arg-type]  # one of them


class TestNone:
    """No provider is configured at all."""

    def test_what_is_said_is_stored_and_the_client_told(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def none(_: str) -> list[StreamingTranscriber]:
            raise ProviderRefusedError("no speech provider")

        monkeypatch.setattr(preparing, "streaming_transcribers", none)
        app = device()
        app.say(1, 2, 3)
        app.until_stored(3)
        assert app.statuses[-2:] == ["stt_failed", "ready"]
        conversation_id = _ended(app, uid)
        assert kept.said(uid, conversation_id) == [1, 2, 3]
        assert kept.holes(uid, conversation_id) == [Interval(start=0, end=3)]
