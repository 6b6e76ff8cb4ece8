"""What is known of a conversation's audio, and when its silence is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.conversations.recording import Recording
from common.conversations.silence import silence_is_over_at
from common.core import clock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from tests.support.making import NOON, a_batch, a_block, a_conversation, a_segment, at

TIMEOUT_S = 120
SLACK_S = 15.0  # three blocks


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.moment = NOON

    def set(self, seconds: float) -> None:
        self.moment = at(seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(clock, "now", lambda: standing.moment)
    return standing


def _recording(*, blocks: tuple[Any, ...] = (), batches: tuple[Any, ...] = (), **fields: Any) -> Recording:
    return Recording(conversation=a_conversation(**fields), blocks=blocks, batches=batches)


def test_without_audio_silence_counts_from_the_beginning(time: Clock) -> None:
    time.set(TIMEOUT_S - 1)
    assert silence_is_over_at(_recording()) is not None
    time.set(TIMEOUT_S)
    assert silence_is_over_at(_recording()) is None


def test_no_audio_for_the_timeout_closes_whatever_was_understood(time: Clock) -> None:
    recording = _recording(blocks=(a_block(0, 5), a_block(5, 10)))
    time.set(10 + TIMEOUT_S - 1)
    assert silence_is_over_at(recording) is not None
    time.set(10 + TIMEOUT_S)
    assert silence_is_over_at(recording) is None


def test_silent_audio_that_is_understood_closes_it(time: Clock) -> None:
    blocks = tuple(a_block(start, start + 5, covered=((0, start + 5),)) for start in range(0, 130, 5))
    recording = _recording(blocks=blocks)
    time.set(TIMEOUT_S + 10)
    assert silence_is_over_at(recording) is None


def test_audio_that_is_not_understood_yet_is_no_silence(time: Clock) -> None:
    blocks = tuple(a_block(start, start + 5) for start in range(0, 130, 5))
    time.set(TIMEOUT_S + 10)
    later = silence_is_over_at(_recording(blocks=blocks))
    assert later is not None
    assert later > clock.now()


def test_speech_postpones_the_end(time: Clock) -> None:
    blocks = tuple(a_block(start, start + 5, covered=((0, start + 5),)) for start in range(0, 200, 5))
    spoken = a_batch(95, 100, a_segment("still here", 96, 100))
    time.set(200)
    assert silence_is_over_at(_recording(blocks=blocks, batches=(spoken,))) == at(100 + TIMEOUT_S)
    time.set(100 + TIMEOUT_S)
    known = (*blocks, a_block(200, 220, covered=((0, 220),)))
    assert silence_is_over_at(_recording(blocks=known, batches=(spoken,))) is None


def test_a_batch_without_words_is_no_speech(time: Clock) -> None:
    blocks = tuple(a_block(start, start + 5, covered=((0, start + 5),)) for start in range(0, 130, 5))
    time.set(TIMEOUT_S + 10)
    assert silence_is_over_at(_recording(blocks=blocks, batches=(a_batch(0, 125),))) is None


@pytest.mark.parametrize("behind_s", [0, SLACK_S - 1, SLACK_S + 1])
def test_what_is_known_may_lag_by_three_blocks(time: Clock, behind_s: float) -> None:
    until = 125 - behind_s
    recording = _recording(blocks=(a_block(0, 125, covered=((0, until),)),))
    time.set(TIMEOUT_S)
    assert (silence_is_over_at(recording) is None) == (until >= TIMEOUT_S - SLACK_S)


def test_the_next_look_is_never_now_nor_in_the_past(time: Clock) -> None:
    recording = _recording(blocks=tuple(a_block(start, start + 5) for start in range(0, 500, 5)))
    for seconds in (0, 60, 119, 120, 300, 499):
        time.set(seconds)
        again = silence_is_over_at(recording)
        assert again is not None
        assert again >= clock.now() + timedelta(seconds=5)


def test_the_conversations_own_timeout_counts(time: Clock) -> None:
    time.set(200)
    assert silence_is_over_at(_recording(capture={"kind": "live", "timeout_s": 300})) == at(300)


def test_in_a_faster_cloud_the_timeout_passes_faster(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "scale", lambda: 60.0)
    time.set(2)
    assert silence_is_over_at(_recording()) is None


class TestWrongClocks:
    """The clock of whoever listens is put forward or back; that of the store tells."""

    BLOCKS = tuple(a_block(start, start + 5, covered=((0, start + 5),)) for start in range(0, 300, 5))

    def test_words_that_are_still_to_come_are_as_old_as_their_audio(self, time: Clock) -> None:
        ahead = a_batch(95, 100, a_segment("still here", 96, 100), heard_at=at(100 + 3600))
        time.set(200)
        assert silence_is_over_at(_recording(blocks=self.BLOCKS[:40], batches=(ahead,))) == at(100 + TIMEOUT_S)
        time.set(300)
        assert silence_is_over_at(_recording(blocks=self.BLOCKS, batches=(ahead,))) is None

    def test_so_are_words_that_are_said_to_be_old(self, time: Clock) -> None:
        behind = a_batch(290, 295, a_segment("still here", 291, 294), heard_at=at(295 - 3600))
        time.set(300)
        recording = _recording(blocks=self.BLOCKS, batches=(behind,))
        assert silence_is_over_at(recording) is None, "as far as it is believed"
        assert silence_is_over_at(recording.by_the_stores_clock()) == at(295 + TIMEOUT_S)

    def test_of_words_without_audio_the_last_audio_tells(self, time: Clock) -> None:
        told = a_batch(0, 5, a_segment("told", 1, 2), session_id="s~", told=0, heard_at=at(9000))
        time.set(20)
        recording = _recording(blocks=self.BLOCKS[:3], batches=(told,)).by_the_stores_clock()
        assert recording.last_speech_at() == at(15)


class TestHoles:
    """Stored, and not understood."""

    def test_everything_that_says_it_is_understood_counts(self) -> None:
        recording = _recording(
            blocks=(a_block(0, 10), a_block(10, 20, covered=((5, 10),)), a_block(20, 30), a_block(30, 40)),
            batches=(a_batch(10, 15), a_batch(30, 35, given_up="noise")),
            covered={"s": [Interval(start=0, end=5)]},
            capture={"kind": "live", "sessions": {"s": {"open": False, "covered": [{"start": 15, "end": 22}]}}},
        )
        assert recording.holes == {"s": [Interval(start=22, end=30), Interval(start=35, end=40)]}
        assert recording.stored == {"s": [Interval(start=0, end=40)]}

    def test_a_session_is_no_other_session(self) -> None:
        recording = _recording(blocks=(a_block(0, 10), a_block(0, 10, session_id="t", covered=((0, 10),))))
        assert recording.holes == {"s": [Interval(start=0, end=10)]}

    def test_what_is_covered_but_not_stored_is_no_hole(self) -> None:
        assert _recording(batches=(a_batch(0, 100),)).holes == {}


class TestLeftovers:
    """Words that the transcript does not contain."""

    def test_a_batch_after_the_transcript_is_one(self) -> None:
        late = a_batch(10, 20, a_segment("late", 11, 12))
        assert _recording(batches=(late,), covered={"s": [Interval(start=0, end=10)]}).leftovers == (late,)

    def test_a_batch_that_only_begins_in_the_transcript_is_one(self) -> None:
        late = a_batch(8, 20, a_segment("late", 15, 16))
        assert _recording(batches=(late,), covered={"s": [Interval(start=0, end=10)]}).leftovers == (late,)

    def test_a_short_word_is_one(self) -> None:
        late = a_batch(10.1, 10.3, a_segment("yes", 10.1, 10.3))
        assert _recording(batches=(late,), covered={"s": [Interval(start=0, end=10)]}).leftovers == (late,)

    def test_what_the_transcript_contains_or_never_was_is_none(self) -> None:
        known = a_batch(0, 10, a_segment("known", 1, 2))
        silent = a_batch(10, 20)
        assert _recording(batches=(known, silent), covered={"s": [Interval(start=0, end=10)]}).leftovers == ()


def test_understanding_reaches_as_far_as_the_newest_block_says() -> None:
    def until(*blocks: Any) -> datetime:
        return _recording(blocks=blocks).understood_until()

    assert until() == NOON
    assert until(a_block(0, 5, covered=((0, 5),))) == at(5)
    assert until(a_block(0, 5), a_block(5, 10, covered=((0, 7),))) == at(7)
    assert until(a_block(0, 5)) == at(0)
    noise = (Interval(start=2, end=10),)
    assert until(a_block(0, 5), a_block(5, 10, covered=((0, 10),), wordless=noise)) == at(10), "noise is nobody"


def test_what_a_session_that_was_killed_passed_over_is_doubted_as_far_as_its_blocks_say() -> None:
    def holes(*batches: SegmentBatch) -> list[tuple[float, float]]:
        blocks = (
            a_block(0, 100, covered=((0, 90),), wordless=(Interval(start=5, end=80),)),
            a_block(100, 200, covered=((0, 200),), wordless=(Interval(start=5, end=180),)),
        )
        return [(each.start, each.end) for each in _recording(blocks=blocks, batches=batches).holes.get("s", [])]

    assert holes() == [(5, 65)], "a first part"
    heard = a_batch(5, 65, a_segment("words", 6, 9))
    assert holes(heard) == [(65, 180)], "all of it once there are words in it"
