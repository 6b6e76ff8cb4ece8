"""The recogniser fails in every way: that costs captions for a while, never words, and nothing is claimed falsely."""

import pytest

from common.conversations.live import choosing, pending
from common.models.conversation import Interval
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import Device
from tests.wire.live.recogniser import Fault, Recogniser


def _end(app: Device, uid: str) -> str:
    """Disconnect; returns the conversation once everything has been said about it."""
    app.close()
    [conversation_id] = kept.ids(uid)
    kept.left_by_all(uid, conversation_id)
    return conversation_id


def _interruptions(app: Device) -> list[str]:
    return [event["provider"] for event in app.events("service_status") if event["status"] == "stt_interrupted"]


class TestBroken:
    """A stream ends with an error."""

    def test_one_that_cannot_be_reached_gets_everything_once_it_can(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        recogniser.faults.extend([Fault("refuses"), Fault("refuses")])
        app = device()
        app.say(1, 2, 3)
        app.until_heard(1, 2, 3)
        conversation_id = _end(app, uid)
        assert _interruptions(app) == ["numbers", "numbers"]
        assert kept.holes(uid, conversation_id) == []
        assert kept.words(uid, conversation_id) == [1, 2, 3]
        assert kept.said(uid, conversation_id) == [1, 2, 3]

    def test_what_a_broken_stream_did_not_settle_the_next_one_hears(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        recogniser.faults.append(Fault("breaks", after_s=2))
        app = device()
        app.say(1, 2, 3)
        app.until(lambda: _interruptions(app), what="interrupted")
        app.say(4, 5)
        app.until_heard(1, 2, 3, 4, 5)
        conversation_id = _end(app, uid)
        assert kept.words(uid, conversation_id) == [1, 2, 3, 4, 5]
        assert kept.said(uid, conversation_id) == [1, 2, 3, 4, 5]
        assert kept.holes(uid, conversation_id) == []
        shown = [(segment["text"], segment["start"], segment["end"]) for segment in app.segments]
        # A new stream numbers voices anew, and these numbers are no voice that is known again.
        assert shown == [("1 2", 0, 2), ("3 4 5", 2, 5)], "times go on as if nothing had happened"
        assert all(stream.closed for stream in recogniser.streams)

    def test_one_that_breaks_again_and_again_is_tried_again_and_again(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        recogniser.faults.extend([Fault("breaks", after_s=1)] * 4)
        app = device()
        for number in range(1, 5):
            app.say(2 * number - 1, 2 * number)
            app.until(lambda expected=number: len(_interruptions(app)) == expected, what="interrupted")  # type: ignore[misc]
        app.say(9)
        app.until_heard(*range(1, 10))
        conversation_id = _end(app, uid)
        assert kept.said(uid, conversation_id) == list(range(1, 10))
        assert kept.words(uid, conversation_id) == list(range(1, 10))
        assert kept.holes(uid, conversation_id) == []

    def test_one_that_is_never_there_costs_no_audio(
        self, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=0.5)
        recogniser.faults.extend([Fault("refuses")] * 10_000)
        app = device()
        app.say(*range(1, 13))
        app.until_stored(12)
        conversation_id = _end(app, uid)
        assert kept.said(uid, conversation_id) == list(range(1, 13))
        assert kept.holes(uid, conversation_id) == [Interval(start=0, end=12)]

    def test_what_waited_too_long_for_it_is_a_hole(
        self, device: Connect, uid: str, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pending, "KEPT_S", 3.0)
        monkeypatch.setattr(choosing, "_FIRST_REST_S", 20.0)
        recogniser.faults.append(Fault("refuses"))
        app = device()
        app.say(*range(1, 9))
        app.until_heard(7, 8)
        conversation_id = _end(app, uid)
        assert set(kept.words(uid, conversation_id)) == {7, 8}
        [hole] = kept.holes(uid, conversation_id)
        assert hole.start == 0
        assert hole.end == pytest.approx(6, abs=0.11), "what was cut where audio was dropped is heard again, as a whole"
        assert kept.said(uid, conversation_id) == list(range(1, 9))


class TestStuck:
    """A stream goes on without an answer."""

    def test_one_that_stalls_leaves_a_hole_and_holds_up_nobody(
        self, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=0.5)
        recogniser.faults.append(Fault("stalls", after_s=2))
        app = device()
        app.say(*range(1, 8))
        app.until_stored(7)
        conversation_id = _end(app, uid)
        assert kept.said(uid, conversation_id) == list(range(1, 8))
        assert kept.words(uid, conversation_id) == [1, 2]
        assert kept.holes(uid, conversation_id) == [Interval(start=2, end=7)]

    def test_one_that_never_finishes_is_left_with_what_it_had_settled(
        self, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=0.5)
        recogniser.faults.append(Fault("never finishes"))
        app = device()
        app.say(1, 2)
        app.say(3, seconds=0.5)
        app.until_heard(1, 2)
        conversation_id = _end(app, uid)
        assert kept.words(uid, conversation_id) == [1, 2]
        assert kept.holes(uid, conversation_id) == [Interval(start=2, end=2.5)]

    def test_the_last_words_are_waited_for(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        app.say(3, seconds=0.5)
        conversation_id = _end_of(app, uid)
        assert kept.words(uid, conversation_id) == [1, 2, 3]
        assert kept.holes(uid, conversation_id) == []


def _end_of(app: Device, uid: str) -> str:
    app.until_stored(2)
    return _end(app, uid)


class TestDisorder:
    """A stream tells the later of two words first, and takes back how far it has heard."""

    def test_no_word_is_lost_or_doubled(self, device: Connect, uid: str, recogniser: Recogniser) -> None:
        recogniser.faults.append(Fault("disorder", after_s=1))
        app = device()
        app.say(1, 2, 3, 4)
        app.until_heard(1, 4)
        conversation_id = _end(app, uid)
        assert app.heard == [1, 2, 3, 4]
        assert kept.words(uid, conversation_id) == [1, 2, 3, 4]
        assert kept.holes(uid, conversation_id) == []


class TestClaims:
    """What a block says of the past is true when it is written."""

    def test_a_block_claims_nothing_that_was_not_heard(
        self, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=0.5)
        recogniser.faults.append(Fault("stalls", after_s=2))
        app = device()
        app.say(1, 2, 3)
        app.until_heard(1, 2)
        app.until_stored(3)
        app.say(*range(4, 10))
        app.until_stored(9)
        conversation_id = _end(app, uid)
        blocks = kept.blocks(uid, conversation_id)
        claimed = [interval for block in blocks for interval in block.covered]
        assert max(interval.end for interval in claimed) == 2
        left = kept.left_by_all(uid, conversation_id)
        assert [session.covered for session in left.capture.sessions.values()] == [[Interval(start=0, end=2)]]
        kept.soon(lambda: kept.words(uid, conversation_id) == [1, 2], within_s=2, what="the words of what is claimed")
