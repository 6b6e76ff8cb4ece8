"""Every transition from every state."""

from datetime import timedelta
from typing import Any

import pytest

from common.conversations import lifecycle
from common.core import clock
from common.core.errors import ConflictError
from common.models.conversation import Conversation, ConversationStatus, Failure, Interval, Merging, Relevance
from common.models.structured import Structured
from tests.support.making import NOON, a_conversation, a_segment, at

STATUSES = list(ConversationStatus)
KEEP = Relevance(verdict="keep", decided_by="rule", reason="content")
DISCARD = Relevance(verdict="discard", decided_by="rule", reason="filler_only")


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def _complete(conversation: Conversation, **changed: Any) -> Conversation | None:
    given: dict[str, Any] = {
        "run": 1,
        "structured": Structured(title="Ours"),
        "segments": [a_segment("Hi", 0, 60)],
        "covered": {"s": [Interval(start=0, end=60)]},
        "unheard": {},
        "audio_files": [],
        "relevance": KEEP,
        "retry_at": None,
    }
    return lifecycle.complete(conversation, **{**given, **changed})


@pytest.mark.parametrize("status", [status for status in STATUSES if status is not ConversationStatus.MERGING])
def test_processing_is_entered_from_everywhere_and_counts_up(status: ConversationStatus) -> None:
    entered = lifecycle.begin_processing(a_conversation(status=status, run=4, pending_spans=["s:0-1"]))
    assert (entered.status, entered.run, entered.pending_spans) == (ConversationStatus.PROCESSING, 5, [])


def test_a_conversation_that_is_being_merged_is_left_alone() -> None:
    with pytest.raises(ConflictError):
        lifecycle.begin_processing(a_conversation(status="merging"))


@pytest.mark.parametrize("status", STATUSES)
def test_only_the_current_run_of_a_processing_conversation_completes(status: ConversationStatus) -> None:
    done = _complete(a_conversation(status=status, run=1))
    assert (done is not None) == (status is ConversationStatus.PROCESSING)
    assert _complete(a_conversation(status=status, run=2)) is None


@pytest.mark.parametrize("status", STATUSES)
def test_only_the_current_run_of_a_processing_conversation_fails(status: ConversationStatus) -> None:
    failed = lifecycle.fail(a_conversation(status=status, run=1), run=1, step="s", reason="r")
    assert (failed is not None) == (status is ConversationStatus.PROCESSING)
    assert lifecycle.fail(a_conversation(status=status, run=2), run=1, step="s", reason="r") is None


@pytest.mark.parametrize("status", STATUSES)
def test_spans_are_awaited_only_before_the_end(status: ConversationStatus) -> None:
    waiting = lifecycle.await_spans(a_conversation(status=status, run=1), run=1, spans=["s:0-1"])
    assert (waiting is not None) == (not status.terminal)
    assert lifecycle.await_spans(a_conversation(status=status, run=2), run=1, spans=["s:0-1"]) is None


def test_the_last_span_begins_a_new_run_and_no_other_does() -> None:
    waiting = a_conversation(status="processing", run=1, pending_spans=["s:0-1", "s:1-2"])
    one_less = lifecycle.settle_span(waiting, span="s:0-1")
    assert one_less is not None
    assert (one_less.run, one_less.pending_spans) == (1, ["s:1-2"])
    last = lifecycle.settle_span(one_less, span="s:1-2")
    assert last is not None
    assert (last.run, last.status, last.pending_spans) == (2, ConversationStatus.PROCESSING, [])
    assert lifecycle.settle_span(last, span="s:1-2") is None, "settled twice, begun once"


class TestCompleting:
    """What a run's result does to the document."""

    def test_the_result_is_in_it(self) -> None:
        done = _complete(a_conversation(status="processing", run=1, failure=Failure(step="s", reason="r")))
        assert done is not None
        assert (done.status, done.structured.title) == (ConversationStatus.COMPLETED, "Ours")
        assert done.finished_at == at(60)
        assert (done.discarded, done.relevance, done.failure) == (False, KEEP, None)

    def test_a_title_of_the_users_own_stays(self) -> None:
        done = _complete(a_conversation(status="processing", run=1, user_title="Mine"))
        assert done is not None
        assert done.structured.title == "Mine"

    def test_without_words_the_end_stays_where_it_was(self) -> None:
        done = _complete(a_conversation(status="processing", run=1, finished_at=at(5)), segments=[])
        assert done is not None
        assert done.finished_at == at(5)

    def test_a_discarded_one_may_come_back(self) -> None:
        done = _complete(a_conversation(status="processing", run=1), relevance=DISCARD)
        assert done is not None
        assert done.discarded
        again = _complete(lifecycle.begin_processing(done), run=2)
        assert again is not None
        assert not again.discarded

    def test_audio_nobody_understood_is_noted_for_a_retry(self) -> None:
        done = _complete(a_conversation(status="processing", run=1), retry_at=at(600))
        assert done is not None
        assert done.failure is not None
        assert (done.failure.retry_at, done.failure.retries) == (at(600), 1)


def test_failures_are_retried_ever_later_and_not_for_ever() -> None:
    conversation = a_conversation(status="processing", run=1)
    waits = []
    for _ in range(len(lifecycle.RETRY_AFTER_S)):
        failed = lifecycle.fail(conversation, run=conversation.run, step="s", reason="r")
        assert failed is not None
        assert failed.failure is not None
        assert failed.failure.retry_at is not None
        waits.append(failed.failure.retry_at - NOON)
        conversation = lifecycle.begin_processing(failed)
    assert waits == sorted(waits)
    assert waits == [timedelta(seconds=seconds) for seconds in lifecycle.RETRY_AFTER_S]
    last = lifecycle.fail(conversation, run=conversation.run, step="s", reason="r")
    assert last is not None
    assert last.failure is not None
    assert last.failure.retry_at is None


def test_a_decision_leaves_what_it_was_given_alone() -> None:
    before = a_conversation(status="processing", run=1)
    copy = before.model_copy(deep=True)
    lifecycle.begin_processing(before)
    _complete(before)
    lifecycle.fail(before, run=1, step="s", reason="r")
    lifecycle.await_spans(before, run=1, spans=["s:0-1"])
    assert before == copy


class TestMerging:
    """Only what is completed waits for a merge, and only for one."""

    @pytest.mark.parametrize("status", [status for status in STATUSES if status is not ConversationStatus.COMPLETED])
    def test_what_is_not_completed_is_not_merged(self, status: ConversationStatus) -> None:
        with pytest.raises(ConflictError):
            lifecycle.begin_merging(a_conversation(status=status), Merging(into="m", conversation_ids=["c1", "c2"]))

    def test_put_back_it_is_as_before(self) -> None:
        before = a_conversation(status="completed", run=3)
        waiting = lifecycle.begin_merging(before, Merging(into="m", conversation_ids=["c1", "c2"]))
        assert (waiting.status, waiting.run) == (ConversationStatus.MERGING, 3)
        assert lifecycle.end_merging(waiting, into="another") is None
        assert lifecycle.end_merging(waiting, into="m") == before

    def test_one_that_does_not_say_what_it_waits_for_is_put_back_too(self) -> None:
        back = lifecycle.end_merging(a_conversation(status="merging"), into="c1")
        assert back is not None
        assert back.status is ConversationStatus.COMPLETED

    @pytest.mark.parametrize("status", [status for status in STATUSES if status is not ConversationStatus.MERGING])
    def test_what_does_not_wait_is_left_alone(self, status: ConversationStatus) -> None:
        assert lifecycle.end_merging(a_conversation(status=status), into="m") is None


@pytest.mark.parametrize("kind", ["external", "merged"])
def test_what_its_owner_made_says_itself_when_it_ended(kind: str) -> None:
    given = a_conversation(status="processing", run=1, finished_at=at(500), capture={"kind": kind})
    done = _complete(given)
    assert done is not None
    assert done.finished_at == at(500)
