"""Which conversation the audio goes to, and what a client hears about its end."""

import time
from datetime import timedelta

import pytest

from common.conversations import lifecycle
from common.conversations.finalize import finalize_conversation
from common.conversations.purge import purge_conversation
from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import account_deletions, audio_blocks, conversations
from common.database.account_deletions import DELETIONS
from common.models.account_deletion import AccountDeletion
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import FinalizeConversation
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import FRAME_S, PCM, Device
from tests.wire.live.outage import Outage
from tests.wire.live.recogniser import Fault, Recogniser

LOUD = 700
"""A number that is no silence."""


def close(uid: str, conversation_id: str) -> Conversation:
    """The stop button, as the REST API presses it."""
    closed = conversations.change(uid=uid, conversation_id=conversation_id, decide=lifecycle.begin_processing)
    assert closed is not None
    return closed


def structure(uid: str, conversation_id: str) -> str:
    """What the platform does once a conversation is `processing`."""
    run = conversations.get(uid=uid, conversation_id=conversation_id).run
    return structure_conversation(uid=uid, conversation_id=conversation_id, run=run)


def memory_ids(app: Device, kind: str) -> list[str]:
    return [event["memory"]["id"] for event in app.events(kind)]


class TestResuming:
    """A lost connection is no new conversation."""

    def test_the_same_conversation_goes_on_later_in_its_time(self, device: Connect, uid: str) -> None:
        before = device()
        before.say(1, 2, 3)
        conversation_id = before.until_stored(3)
        before.close()
        kept.left_by_all(uid, conversation_id)
        again = device()
        again.say(4, 5)
        again.until_heard(4, 5)
        again.until_stored(5)
        again.close()
        kept.left_by_all(uid, conversation_id)
        assert kept.ids(uid) == [conversation_id]
        assert sorted(kept.audio(uid, conversation_id).values()) == [[1, 2, 3], [4, 5]], "each in a session of its own"
        assert again.segments[0]["start"] >= 3, "what is stored stays before what comes"
        assert kept.words(uid, conversation_id) == [1, 2, 3, 4, 5]

    def test_the_pause_between_two_connections_is_in_the_times(self, device: Connect, uid: str) -> None:
        before = device()
        before.say(1)
        conversation_id = before.until_stored(1)
        before.close()
        started_at = conversations.get(uid=uid, conversation_id=conversation_id).started_at
        assert started_at is not None
        conversations.reference(uid=uid, conversation_id=conversation_id).update(
            {"started_at": started_at - timedelta(seconds=60)}
        )
        again = device()
        again.say(2)
        again.until_heard(2)
        assert 60 <= again.segments[0]["start"] <= 70

    def test_after_the_silence_a_new_one_begins_and_the_old_one_is_closed(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=10)
        before = device()
        before.say(1)
        conversation_id = before.until_stored(1)
        before.close()
        time.sleep(1.0)  # twice the timeout, at the pace of these stores
        again = device()
        again.say(2)
        other = again.until_stored(1)
        assert kept.ids(uid) == [conversation_id, other]
        closed = conversations.get(uid=uid, conversation_id=conversation_id)
        assert (closed.status, closed.run) == (ConversationStatus.PROCESSING, 1)
        assert (kept.said(uid, conversation_id), kept.said(uid, other)) == ([1], [2])

    def test_another_source_is_another_conversation(self, device: Connect, uid: str) -> None:
        necklace = device(f"{PCM}&source=omi")
        necklace.say(1)
        first = necklace.until_stored(1)
        necklace.close()
        desktop = device(f"{PCM}&source=desktop")
        desktop.say(2)
        second = desktop.until_stored(1)
        assert first != second
        assert (kept.said(uid, first), kept.said(uid, second)) == ([1], [2])

    @pytest.mark.parametrize("status", ["processing", "completed", "failed"])
    def test_a_conversation_that_is_closed_is_never_gone_on_with(self, device: Connect, uid: str, status: str) -> None:
        before = device()
        before.say(1)
        conversation_id = before.until_stored(1)
        before.close()
        kept.left_by_all(uid, conversation_id)
        conversations.reference(uid=uid, conversation_id=conversation_id).update({"status": status, "run": 1})
        again = device()
        again.say(2)
        assert again.until_stored(1) != conversation_id

    def test_the_silence_timer_closes_what_nobody_adds_to_and_not_what_goes_on(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=20)
        app = device()
        app.say(1)
        conversation_id = app.until_stored(1)
        task = FinalizeConversation(uid=uid, conversation_id=conversation_id)
        for number in range(2, 7):
            app.say(number)
            app.quiet(0.3)
            finalize_conversation(task)
        assert conversations.get(uid=uid, conversation_id=conversation_id).status is ConversationStatus.IN_PROGRESS
        app.quiet(1.3)
        finalize_conversation(task)
        started = app.until_event("memory_processing_started")
        assert started["memory"]["id"] == conversation_id


@pytest.mark.usefixtures("first_words", "counting")
class TestClosing:
    """Closed by somebody else while the device goes on talking."""

    def test_the_client_is_told_and_what_it_says_next_is_a_new_conversation(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2, 3)
        app.until_heard(1, 2, 3)
        first = app.until_stored(3)
        close(uid, first)
        started = app.until_event("memory_processing_started")
        assert started["memory"]["id"] == first
        assert started["memory"]["status"] == "processing"
        assert started["messages"] == []
        assert "capture" not in started["memory"]
        app.say(4, 5)
        app.until_heard(1, 2, 3, 4, 5)
        second = app.until_stored(2, after=[first])
        assert kept.ids(uid) == [first, second]
        kept.left_by_all(uid, first)
        assert (kept.said(uid, first), kept.said(uid, second)) == ([1, 2, 3], [4, 5])
        assert (kept.words(uid, first), kept.words(uid, second)) == ([1, 2, 3], [4, 5])
        assert structure(uid, first) == "completed"
        created = app.until_event("memory_created")
        assert created["memory"]["id"] == first
        assert [segment["text"] for segment in created["memory"]["transcript_segments"]] == ["1 2 3"]
        app.quiet(0.3)
        assert memory_ids(app, "memory_created") == [first], "once, and nothing about the one that goes on"
        assert memory_ids(app, "memory_processing_started") == [first]

    def test_whether_the_account_is_being_deleted_is_asked_where_a_conversation_has_gone_alone(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        under_way = account_deletions.under_way

        def count(of: str) -> bool:
            asked.append(of)
            return under_way(of)

        app = device()
        app.say(1, 2)
        app.until_heard(1, 2)
        first = app.until_stored(2)
        monkeypatch.setattr(account_deletions, "under_way", count)
        close(uid, first)
        kept.left_by_all(uid, first)
        assert structure(uid, first) == "completed"
        app.until_event("memory_created")
        app.quiet(0.3)
        assert asked == []
        app.say(3)
        app.until_heard(1, 2, 3)
        conversations.delete(uid=uid, conversation_id=app.until_stored(1, after=[first]))
        kept.soon(lambda: asked == [uid], within_s=3, what="it is asked")

    def test_what_has_begun_is_told_with_its_words(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        app.until_heard(1, 2)
        close(uid, app.until_stored(2))
        started = app.until_event("memory_processing_started")
        assert [segment["text"] for segment in started["memory"]["transcript_segments"]] == ["1 2"]

    def test_the_times_of_the_new_one_begin_anew(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2, 3)
        close(uid, app.until_stored(3))
        app.until_event("memory_processing_started")
        app.say(4)
        app.until_heard(4)
        [segment] = [segment for segment in app.segments if segment["text"] == "4"]
        assert (segment["start"], segment["end"]) == (0, 1)

    def test_words_of_the_last_moment_belong_to_the_one_that_was_closed(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2, 3)
        app.say(4, seconds=0.5)
        first = app.until_stored(3.5)
        assert 4 not in app.heard, "half a second is not heard before its stream ends"
        close(uid, first)
        app.until_heard(4)
        left = kept.left_by_all(uid, first)
        assert kept.words(uid, first) == [1, 2, 3, 4]
        assert kept.holes(uid, first) == []
        [session] = left.capture.sessions.values()
        assert session.covered[-1].end == pytest.approx(3.5)

    @pytest.mark.parametrize(("said_s", "in_the_first_s"), [(1.0, 1.0), (4.0, 2.5)])
    def test_a_word_that_is_being_said_stays_whole_unless_it_is_endless(
        self, device: Connect, uid: str, said_s: float, in_the_first_s: float
    ) -> None:
        app = device()
        app.say(1, 2)
        first = app.until_stored(2)
        for tenth in range(round(said_s / FRAME_S)):
            app.say(LOUD, seconds=FRAME_S)
            if tenth == 3:
                close(uid, first)
            time.sleep(FRAME_S)
        app.say(0, 5)
        app.until_stored(1, after=[first])
        kept.left_by_all(uid, first)
        [tenths] = kept.tenths(uid, first).values()
        assert tenths.count(LOUD) * FRAME_S == pytest.approx(in_the_first_s, abs=0.4 if said_s > in_the_first_s else 0)
        assert 5 not in tenths

    def test_a_device_that_leaves_at_once_leaves_nothing_open(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2, 3)
        app.say(4, seconds=0.5)
        first = app.until_stored(3.5)
        close(uid, first)
        app.close()
        kept.left_by_all(uid, first)
        assert kept.words(uid, first) == [1, 2, 3, 4]
        assert kept.holes(uid, first) == []

    def test_of_one_without_a_word_nothing_is_told(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(0, 0)
        first = app.until_stored(2)
        close(uid, first)
        kept.left_by_all(uid, first)
        assert structure(uid, first) == "empty"
        purge_conversation(uid=uid, conversation_id=first)
        app.say(5)
        app.until_heard(5)
        app.quiet(0.2)
        assert app.events("memory_processing_started") == []
        assert app.events("memory_created") == []
        assert kept.remains(uid, first) == []

    def test_three_in_a_row_are_each_told_once_and_in_order(self, device: Connect, uid: str) -> None:
        app = device()
        closed: list[str] = []
        for number in (1, 2, 3):
            app.say(number)
            app.until_heard(number)
            conversation_id = app.until_stored(1, after=closed)
            close(uid, conversation_id)
            closed.append(conversation_id)
            app.until(lambda: memory_ids(app, "memory_processing_started") == closed, what="told")
            kept.left_by_all(uid, conversation_id)
            structure(uid, conversation_id)
        app.until(lambda: len(app.events("memory_created")) == 3, what="all created")
        assert memory_ids(app, "memory_created") == closed
        assert kept.ids(uid) == closed

    def test_a_failed_one_is_told_too(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        app.until_heard(1)
        first = app.until_stored(1)
        run = close(uid, first).run
        app.until_event("memory_processing_started")
        conversations.change(
            uid=uid,
            conversation_id=first,
            decide=lambda current: lifecycle.fail(current, run=run, step="structure_conversation", reason="away"),
        )
        assert app.until_event("memory_created")["memory"]["status"] == "failed"


class TestNotUnderstoodYet:
    """It is closed before anything of it is understood."""

    def test_the_client_is_told_once_what_was_said_last_is_known(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(5, seconds=0.5)
        first = app.until_stored(0.5)
        close(uid, first)
        assert app.until_event("memory_processing_started")["memory"]["id"] == first
        app.quiet(0.5)
        assert memory_ids(app, "memory_processing_started") == [first]

    def test_or_that_nobody_has_understood_it(
        self, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=0.3)
        recogniser.faults.append(Fault("stalls"))
        app = device()
        app.say(5, seconds=0.5)
        first = app.until_stored(0.5)
        close(uid, first)
        assert app.until_event("memory_processing_started")["memory"]["id"] == first

    def test_of_silence_nothing_is_said(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(0, 0)
        first = app.until_stored(2)
        close(uid, first)
        app.quiet(3.0)
        assert memory_ids(app, "memory_processing_started") == []


class TestDeleting:
    """The document is deleted while the device talks."""

    def test_what_is_said_next_is_a_new_conversation_and_of_the_old_nothing_is_left(
        self, device: Connect, uid: str
    ) -> None:
        app = device()
        app.say(1, 2, 3)
        app.say(4, seconds=0.5)
        app.until_heard(1, 2, 3)
        first = app.until_stored(3.5)
        conversations.delete(uid=uid, conversation_id=first)
        purge_conversation(uid=uid, conversation_id=first)

        def goes_on() -> bool:
            app.say(9)
            app.quiet(0.05)
            return any(event["conversation_id"] != first for event in app.events("audio_stored"))

        kept.soon(goes_on, within_s=5, what="a new conversation")
        app.close()
        [second] = kept.ids(uid)
        kept.left_by_all(uid, second)
        assert second != first
        assert set(kept.said(uid, second)) == {9}
        kept.soon(lambda: kept.remains(uid, first) == [], within_s=3, what="nothing left of what was deleted")
        assert app.events("memory_created") == []

    def test_audio_that_was_not_stored_yet_leaves_nothing_either(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser
    ) -> None:
        outage = Outage(monkeypatch, audio_blocks, "put", calls=10**9)
        app = device()
        app.say(1, 2, 3)
        app.until_heard(1, 2, 3)
        app.say(4, seconds=0.5)
        kept.soon(lambda: recogniser.given_s == 3.5, within_s=3, what="everything received")
        [first] = kept.ids(uid)
        conversations.delete(uid=uid, conversation_id=first)
        purge_conversation(uid=uid, conversation_id=first)
        outage.over()
        app.until_stored(3.5)
        app.say(9)
        app.until_heard(9)
        app.close()
        [second] = kept.ids(uid)
        kept.left_by_all(uid, second)
        assert kept.said(uid, second) == [9]
        kept.soon(lambda: kept.remains(uid, first) == [], within_s=3, what="nothing left of what was deleted")

    def test_with_the_whole_account_the_client_is_sent_away(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        first = app.until_stored(2)
        DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
        conversations.delete(uid=uid, conversation_id=first)
        purge_conversation(uid=uid, conversation_id=first)
        assert app.closed() == (4005, "the account is being deleted")
        assert device().closed()[0] == 4005, "nor may it come back"
        kept.soon(lambda: kept.remains(uid, first) == [], within_s=3, what="nothing left of what was deleted")

    def test_deleted_by_somebody_before_the_device_comes_back(self, device: Connect, uid: str) -> None:
        before = device()
        before.say(1)
        first = before.until_stored(1)
        before.close()
        kept.left_by_all(uid, first)
        conversations.delete(uid=uid, conversation_id=first)
        purge_conversation(uid=uid, conversation_id=first)
        again = device()
        again.say(2)
        assert again.until_stored(1) != first
        assert kept.remains(uid, first) == []
