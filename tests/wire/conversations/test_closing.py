"""Conversations end: by silence, by the stop button, and by the sweep where both were lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from common.conversations import finish
from common.conversations.finalize import finalize_conversation
from common.conversations.finish import finish_conversation
from common.conversations.lifecycle import MOST_RESTARTS
from common.conversations.sweep import sweep
from common.core import clock
from common.core.errors import NotFoundError
from common.core.settings import settings
from common.database import audio_blocks, cache, conversations, segment_batches
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import FinalizeConversation, TranscribeSpan
from common.speech.blocks import encode_block
from tests.support.making import a_batch, a_block, a_conversation, a_segment
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")

LONG_AGO = timedelta(hours=2)


def _live(uid: str, *, age: timedelta = timedelta(), conversation_id: str = "c1", **fields: Any) -> Conversation:
    began = clock.now() - age
    given: dict[str, Any] = {"id": conversation_id, "created_at": began, "started_at": began, **fields}
    created = conversations.create(a_conversation(**given), uid=uid)
    if age:
        reference = conversations.reference(uid=uid, conversation_id=conversation_id)
        reference.update({"updated_at": began})
    return created


def _now(uid: str, conversation_id: str = "c1") -> Conversation:
    return conversations.get(uid=uid, conversation_id=conversation_id)


def _complete(uid: str, conversation_id: str = "c1") -> None:
    conversations.reference(uid=uid, conversation_id=conversation_id).update({"status": "completed"})


class TestSilence:
    """The timer's question, asked as often as anybody likes."""

    def _ask(self, uid: str) -> None:
        finalize_conversation(FinalizeConversation(uid=uid, conversation_id="c1"))

    def test_a_silent_conversation_is_closed_once(self, uid: str) -> None:
        _live(uid, age=LONG_AGO)
        cache.remember_live(uid=uid, conversation_id="c1")
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: self._ask(uid), range(3)))
        closed = _now(uid)
        assert (closed.status, closed.run) == (ConversationStatus.PROCESSING, 1)
        assert cache.recall_live(uid=uid) is None

    def test_one_that_is_not_silent_yet_is_looked_at_again(self, uid: str, stores: Stores) -> None:
        _live(uid, capture={"kind": "live", "timeout_s": 14_400})
        self._ask(uid)
        assert _now(uid).status is ConversationStatus.IN_PROGRESS
        [task] = [task for task in stores.waiting_tasks() if uid.encode() in task.http_request.body]
        due = task.schedule_time - clock.now()
        assert timedelta(0) < due <= clock.duration(14_400)

    def test_one_in_which_words_have_just_come_is_looked_at_again_for_one_document_more(
        self, uid: str, stores: Stores
    ) -> None:
        _live(uid, age=LONG_AGO, capture={"kind": "live", "timeout_s": 600})
        heard_at = [clock.now() - clock.duration(seconds) for seconds in (900, 60, 300)]
        for number, moment in enumerate(heard_at):
            batch = a_batch(7000 + 5 * number, 7005 + 5 * number, a_segment("words", 7000, 7001), heard_at=moment)
            segment_batches.put(batch, uid=uid, conversation_id="c1")
        before = stores.firestore.usage.reads
        self._ask(uid)
        assert stores.firestore.usage.reads - before == 2, "the conversation and its newest words"
        [task] = [task for task in stores.waiting_tasks() if uid.encode() in task.http_request.body]
        due = task.schedule_time - heard_at[1] - clock.duration(600)
        assert abs(due) < timedelta(seconds=1), "the timeout counts from the newest words"
        assert _now(uid).status is ConversationStatus.IN_PROGRESS

    def test_however_much_was_said_before_the_silence_only_the_newest_words_are_read(
        self, uid: str, stores: Stores
    ) -> None:
        _live(uid, age=LONG_AGO, capture={"kind": "live", "timeout_s": 600})
        spoken_at = clock.now() - clock.duration(700)
        for number in range(12):
            batch = a_batch(number, number + 1, a_segment("words", number, number + 1), heard_at=spoken_at)
            segment_batches.put(batch, uid=uid, conversation_id="c1")
        audio_blocks.put(a_block(0, 30), encode_block([b"x"]), uid=uid, conversation_id="c1")
        before = stores.firestore.usage.reads
        self._ask(uid)
        assert stores.firestore.usage.reads - before == 2, "nobody knows yet whether the newest audio is silent"
        assert _now(uid).status is ConversationStatus.IN_PROGRESS
        heard = a_block(30, 60, covered=((0, 60),))
        audio_blocks.put(heard, encode_block([b"x"]), uid=uid, conversation_id="c1")
        self._ask(uid)
        assert _now(uid).status is ConversationStatus.PROCESSING, "now it is known to be"

    def test_what_lies_before_audio_that_was_given_up_still_counts(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, capture={"kind": "live", "timeout_s": 600})
        spoken_at, given_up_at = (clock.now() - clock.duration(seconds) for seconds in (60, 10))
        spoken = a_batch(0, 5, a_segment("words", 0, 4), heard_at=spoken_at)
        for batch in (spoken, a_batch(5, 10, given_up="noise", heard_at=given_up_at)):
            segment_batches.put(batch, uid=uid, conversation_id="c1")
        self._ask(uid)
        assert _now(uid).status is ConversationStatus.IN_PROGRESS

    def test_words_of_long_ago_hold_nothing_up(self, uid: str) -> None:
        _live(uid, age=LONG_AGO)
        long_ago = clock.now() - timedelta(hours=1)
        segment_batches.put(a_batch(0, 5, a_segment("old", 0, 1), heard_at=long_ago), uid=uid, conversation_id="c1")
        self._ask(uid)
        assert _now(uid).status is ConversationStatus.PROCESSING

    @pytest.mark.parametrize("status", ["processing", "completed", "failed"])
    def test_one_that_is_closed_stays_as_it_is(self, uid: str, status: str) -> None:
        _live(uid, age=LONG_AGO, status=status, run=1)
        self._ask(uid)
        assert (_now(uid).status.value, _now(uid).run) == (status, 1)

    def test_one_that_is_gone_is_nothing_to_worry_about(self, uid: str) -> None:
        self._ask(uid)


class TestStopButton:
    """Closes the live conversation and answers with what it became."""

    def _completing(self, uid: str) -> threading.Thread:
        """The rest of the chain."""

        def complete() -> None:
            while _now(uid).status is not ConversationStatus.PROCESSING:
                threading.Event().wait(0.01)
            _complete(uid)

        thread = threading.Thread(target=complete)
        thread.start()
        return thread

    def test_it_answers_with_the_finished_conversation(self, uid: str) -> None:
        _live(uid)
        chain = self._completing(uid)
        assert finish_conversation(uid=uid).status is ConversationStatus.COMPLETED
        chain.join()
        assert _now(uid).run == 1

    def test_pressed_twice_at_once_both_get_the_same_conversation(self, uid: str) -> None:
        _live(uid)
        chain = self._completing(uid)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: finish_conversation(uid=uid), range(4)))
        chain.join()
        assert {(answer.id, answer.status) for answer in answers} == {("c1", ConversationStatus.COMPLETED)}
        assert _now(uid).run == 1

    def test_when_the_chain_is_late_it_answers_with_what_there_is(
        self, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(finish, "settings", lambda: settings().model_copy(update={"answer_wait_s": 2.0}))
        _live(uid)
        segment_batches.put(a_batch(1, 2, a_segment("So far.", 1, 2)), uid=uid, conversation_id="c1")
        late = finish_conversation(uid=uid)
        assert late.status is ConversationStatus.PROCESSING
        assert [segment.text for segment in late.transcript_segments] == ["So far."], "nobody waits for their words"

    def test_pressed_a_moment_after_it_was_done_is_the_same_request(self, uid: str) -> None:
        _live(uid)
        chain = self._completing(uid)
        finish_conversation(uid=uid)
        chain.join()
        assert finish_conversation(uid=uid).id == "c1"

    def test_with_nothing_to_finish_there_is_nothing(self, uid: str) -> None:
        with pytest.raises(NotFoundError):
            finish_conversation(uid=uid)
        _live(uid, age=LONG_AGO, status="completed")
        with pytest.raises(NotFoundError):
            finish_conversation(uid=uid)

    def test_one_that_turned_out_to_be_empty_is_not_found(self, uid: str) -> None:
        _live(uid)

        def remove() -> None:
            while _now(uid).status is not ConversationStatus.PROCESSING:
                threading.Event().wait(0.01)
            conversations.delete(uid=uid, conversation_id="c1")

        chain = threading.Thread(target=remove)
        chain.start()
        with pytest.raises(NotFoundError):
            finish_conversation(uid=uid)
        chain.join()

    def test_an_upload_is_not_what_the_button_stops(self, uid: str) -> None:
        _live(uid, capture={"kind": "upload"})
        with pytest.raises(NotFoundError):
            finish_conversation(uid=uid)


class TestSweep:
    """Whatever is stuck moves, a bounded number of times."""

    def test_a_live_one_whose_timer_was_lost_is_closed(self, uid: str) -> None:
        _live(uid, age=LONG_AGO)
        sweep()
        assert _now(uid).status is ConversationStatus.PROCESSING

    def test_a_live_one_that_is_spoken_to_is_left(self, uid: str) -> None:
        _live(uid, age=LONG_AGO)
        spoken = a_batch(7195, 7200, a_segment("still here", 7195, 7199), heard_at=clock.now())
        audio_blocks.put(a_block(7195, 7200), encode_block([b"x"]), uid=uid, conversation_id="c1")
        segment_batches.put(spoken, uid=uid, conversation_id="c1")
        before = _now(uid)
        sweep()
        after = _now(uid)
        assert after.status is ConversationStatus.IN_PROGRESS
        assert after.updated_at is not None
        assert before.updated_at is not None
        assert after.updated_at > before.updated_at, "so that the next sweep looks at others"

    def test_an_upload_whose_spans_were_lost_has_them_planned_again(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, capture={"kind": "upload"})
        block = a_block(0, 60, session_id="upload")
        audio_blocks.put(block, encode_block([b"x"]), uid=uid, conversation_id="c1")
        sweep()
        assert _now(uid).pending_spans == ["upload:0000000000-0000060000"]

    def test_an_upload_in_which_nothing_is_left_to_hear_is_closed(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, capture={"kind": "upload"})
        block = a_block(0, 0.2, session_id="upload")
        audio_blocks.put(block, encode_block([b"x"]), uid=uid, conversation_id="c1")
        sweep()
        assert _now(uid).status is ConversationStatus.PROCESSING

    def test_a_run_without_a_sign_of_life_is_started_again(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, status="processing", run=3)
        sweep()
        assert (_now(uid).status, _now(uid).run) == (ConversationStatus.PROCESSING, 4)

    def test_a_run_that_lives_is_left(self, uid: str) -> None:
        _live(uid, status="processing", run=3)
        sweep()
        assert _now(uid).run == 3

    def test_one_that_never_comes_to_a_result_is_failed(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, status="processing", run=MOST_RESTARTS + 1, restarts=MOST_RESTARTS)
        sweep()
        assert _now(uid).status is ConversationStatus.FAILED
        assert _now(uid).restarts == 0, "tried again by itself, it has all its chances"

    def test_one_that_was_processed_often_is_not_given_up_for_that(self, uid: str) -> None:
        _live(uid, age=LONG_AGO, status="processing", run=500)
        sweep()
        assert (_now(uid).status, _now(uid).run, _now(uid).restarts) == (ConversationStatus.PROCESSING, 501, 1)

    def test_each_time_it_is_waited_longer_for_those_who_are_busy(self, uid: str) -> None:
        lease = settings().lease_seconds
        _live(uid, age=clock.duration(7 * lease), status="processing", run=3, restarts=2)
        sweep()
        assert _now(uid).run == 3, "after two restarts eight leases are waited for"
        _live(uid, conversation_id="c2", age=clock.duration(9 * lease), status="processing", run=3, restarts=2)
        sweep()
        assert conversations.get(uid=uid, conversation_id="c2").run == 4

    def test_spans_that_never_came_are_given_up_and_the_rest_goes_on(self, uid: str) -> None:
        span = TranscribeSpan(uid=uid, conversation_id="c1", run=2, session_id="s", start_ms=0, end_ms=5000)
        _live(uid, age=LONG_AGO, status="processing", run=2, pending_spans=[span.key])
        sweep()
        after = _now(uid)
        assert (after.status, after.run, after.pending_spans) == (ConversationStatus.PROCESSING, 3, [])
        [batch] = segment_batches.list_batches(uid=uid, conversation_id="c1")
        assert batch.given_up == "not transcribed in time"

    def test_a_failed_one_is_tried_again_when_it_is_due_with_what_was_given_up(self, uid: str) -> None:
        due = clock.now() - timedelta(seconds=1)
        failure = {"step": "s", "reason": "r", "retry_at": due, "retries": 1}
        _live(uid, status="failed", run=1, failure=failure)
        segment_batches.put(a_batch(0, 5, given_up="noise"), uid=uid, conversation_id="c1")
        kept = a_batch(5, 10)
        segment_batches.put(kept, uid=uid, conversation_id="c1")
        sweep()
        after = _now(uid)
        assert (after.status, after.run) == (ConversationStatus.PROCESSING, 2)
        assert after.failure is not None
        assert (after.failure.retry_at, after.failure.retries) == (None, 1)
        assert segment_batches.list_batches(uid=uid, conversation_id="c1") == [kept]
        sweep()
        assert _now(uid).run == 2

    def test_one_that_is_not_due_waits(self, uid: str) -> None:
        failure = {"step": "s", "reason": "r", "retry_at": clock.now() + timedelta(hours=1)}
        _live(uid, status="failed", run=1, failure=failure)
        sweep()
        assert _now(uid).status is ConversationStatus.FAILED

    def test_one_that_cannot_be_read_does_not_hold_up_the_others(self, uid: str) -> None:
        for number in range(3):
            age = LONG_AGO + timedelta(hours=3 - number)  # the broken ones come first
            _live(uid, age=age, conversation_id=f"c{number}")
        conversations.reference(uid=uid, conversation_id="c0").update({"created_at": "long ago, they say"})
        conversations.reference(uid=uid, conversation_id="c1").collection("segments").document("s").set({"x": 1})
        sweep()
        assert _now(uid, "c2").status is ConversationStatus.PROCESSING

    def test_it_says_how_many_it_moved(self, uid: str) -> None:
        sweep()
        _live(uid, age=LONG_AGO)
        _live(uid, age=LONG_AGO, conversation_id="c2", status="processing", run=1)
        moved = sweep()
        assert moved["silent"] >= 1
        assert moved["stalled"] >= 1
