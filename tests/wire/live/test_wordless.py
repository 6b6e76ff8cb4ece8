"""A recogniser that makes nothing of voices is not believed: what it passed over is a hole, to be heard again."""

from typing import Any

import pytest

from common.conversations import recording
from common.conversations.live import preparing
from common.database import conversations, segment_batches
from common.models.conversation import Conversation, Interval
from common.speech.gate import Gate, Passage, Silence
from common.speech.silero import Voice, model_session
from tests.support.making import a_batch, a_segment
from tests.support.voices import noise, silence
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM
from tests.wire.live.test_recognition import HERS, HIS
from tests.wire.live.turns import PAUSE, Connoisseur, Turn, frames

TURNS = [*HIS[:3], *HERS[:3]]


@pytest.fixture(autouse=True)
def _gated(configure: Configure) -> None:
    configure(voice_gate="true")


def _hears(monkeypatch: pytest.MonkeyPatch, *heard: bytes) -> None:
    provider = Connoisseur([Turn(0, pcm, "So I heard.") for pcm in heard])
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [provider])


def _said(device: Connect, uid: str, *pieces: bytes, query: str = PCM, around_s: float = 1) -> Conversation:
    """The conversation, once its connection has left it."""
    app = device(query)
    for frame in frames(silence(around_s), *pieces, silence(around_s)):
        app.send(frame)
    app.until_event("audio_stored")
    app.close()
    [conversation_id] = kept.ids(uid)
    return kept.left_by_all(uid, conversation_id)


def _talk(*turns: bytes) -> list[bytes]:
    return [each for turn in turns for each in (turn, PAUSE)]


def _seconds(intervals: list[Interval]) -> float:
    return sum(each.end - each.start for each in intervals)


def test_of_one_that_is_deaf_everything_is_heard_again(
    device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hears(monkeypatch)
    left = _said(device, uid, *_talk(*TURNS))
    [hole] = kept.holes(uid, left.id)
    spoken_s = sum(len(each) / 32_000 for each in _talk(*TURNS))
    assert hole.start < 1.3
    assert hole.end > 1 + spoken_s - 0.7 - 0.3
    assert segment_batches.list_batches(uid=uid, conversation_id=left.id) == []


def test_an_instance_that_is_killed_has_told_what_one_that_is_deaf_passed_over(
    device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = Connoisseur([], settles=True)
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [deaf])
    app = device(PCM)
    for frame in frames(silence(1), *_talk(*TURNS), silence(11)):
        app.send(frame)
    said_s = 1 + sum(len(each) / 32_000 for each in _talk(*TURNS))
    conversation_id = app.until_stored(said_s + 9)
    first = kept.holes(uid, conversation_id)[0]  # as whoever comes later sees it: the connection never leaves
    app.close()
    assert first.start < 1.3
    assert first.end > said_s - 0.7 - 0.3


def test_one_that_hears_is_believed(device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _hears(monkeypatch, *TURNS)
    left = _said(device, uid, *_talk(*TURNS))
    assert kept.holes(uid, left.id) == []
    assert len(segment_batches.list_batches(uid=uid, conversation_id=left.id)) > 0


def test_noise_is_believed_to_be_noise(device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _hears(monkeypatch)
    left = _said(device, uid, noise(10))
    assert kept.holes(uid, left.id) == []


def test_what_is_passed_over_beside_words_is_heard_again_and_the_words_are_not(
    device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hears(monkeypatch, HIS[0], HIS[2])
    left = _said(device, uid, *_talk(HIS[0], HERS[0], HERS[1], HERS[2], HIS[2]))
    batches = segment_batches.list_batches(uid=uid, conversation_id=left.id)
    holes = kept.holes(uid, left.id)
    passed_over_s = sum(len(each) / 32_000 for each in _talk(*HERS[:3]))
    assert _seconds(holes) == pytest.approx(passed_over_s, abs=2.5)
    for batch in batches:
        assert not any(
            hole.start < each.end - 0.1 and each.start + 0.1 < hole.end for each in batch.segments for hole in holes
        )
    assert [each.text for batch in batches for each in batch.segments] == ["So I heard.", "So I heard."]


class TestWithoutGate:
    """Everything is sent to the recogniser; who claims that voices are silence is not believed for that either."""

    UNGATED = f"{PCM}&vad_gate=disabled"

    def test_of_one_that_is_deaf_everything_is_heard_again(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _hears(monkeypatch)
        left = _said(device, uid, *_talk(*TURNS), query=self.UNGATED)
        spoken_s = sum(len(each) / 32_000 for each in _talk(*TURNS))
        assert _seconds(kept.holes(uid, left.id)) > spoken_s - 1.5

    def test_one_that_hears_is_believed(self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        _hears(monkeypatch, *TURNS)
        left = _said(device, uid, *_talk(*TURNS), query=self.UNGATED)
        assert kept.holes(uid, left.id) == []
        assert len(segment_batches.list_batches(uid=uid, conversation_id=left.id)) > 0

    def test_steady_noise_is_believed_to_be_noise(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _hears(monkeypatch)
        left = _said(device, uid, noise(10), query=self.UNGATED, around_s=0)
        assert kept.holes(uid, left.id) == []

    def test_a_voice_model_that_cannot_be_loaded_is_done_without(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> Gate:
            raise RuntimeError("not the published model")

        monkeypatch.setattr(preparing, "new_gate", broken)
        _hears(monkeypatch, *TURNS[:2])
        left = _said(device, uid, *_talk(*TURNS[:2]))
        assert kept.holes(uid, left.id) == []
        batches = segment_batches.list_batches(uid=uid, conversation_id=left.id)
        assert [each.text for batch in batches for each in batch.segments] == ["So I heard.", "So I heard."]

    def test_one_that_breaks_in_the_middle_as_well(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Broken(Gate):
            def feed(self, begin: float, pcm: bytes) -> list[Passage | Silence]:
                if begin > 4:
                    raise RuntimeError("out of memory")
                return super().feed(begin, pcm)

        monkeypatch.setattr(preparing, "new_gate", lambda: Broken(Voice(model_session())))
        _hears(monkeypatch, *TURNS)
        left = _said(device, uid, *_talk(*TURNS))
        batches = segment_batches.list_batches(uid=uid, conversation_id=left.id)
        heard = [each for batch in batches for each in batch.segments]
        assert len(heard) >= len(TURNS) - 2, "the turn in which it broke is heard from the stored audio"
        spoken_s = sum(len(each) / 32_000 for each in _talk(*TURNS))
        stored = kept.blocks(uid, left.id)
        assert max(block.end for block in stored) == pytest.approx(spoken_s + 2, abs=0.1)
        holes = kept.holes(uid, left.id)
        assert all(hole.start >= 1 and hole.end < 12 for hole in holes)


class TestProbe:
    """Much of it is heard again only if there are words in the first of it."""

    @pytest.fixture
    def doubted(self, uid: str, device: Connect, monkeypatch: pytest.MonkeyPatch) -> Conversation:
        monkeypatch.setattr(recording, "PROBE_S", 5.0)
        _hears(monkeypatch)
        return _said(device, uid, *_talk(*TURNS))

    def test_only_the_first_seconds_are(self, uid: str, doubted: Conversation) -> None:
        assert _seconds(kept.holes(uid, doubted.id)) == pytest.approx(5.0, abs=0.4)

    @pytest.mark.parametrize(("words", "all_of_it"), [((), False), ((a_segment("there it is", 2, 3),), True)])
    def test_all_of_it_where_they_have_words(
        self, uid: str, doubted: Conversation, words: tuple[Any, ...], *, all_of_it: bool
    ) -> None:
        [hole] = kept.holes(uid, doubted.id)
        [session] = doubted.capture.sessions
        heard = a_batch(hole.start, hole.end, *words, session_id=session, unheard=not words)
        segment_batches.put(heard, uid=uid, conversation_id=doubted.id)
        known = recording.load(conversations.get(uid=uid, conversation_id=doubted.id), uid=uid)
        left = _seconds(known.holes.get(session, []))
        assert (left > 8) is all_of_it
        assert bool(known.unheard) is not all_of_it
