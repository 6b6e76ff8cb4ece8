"""What comes late about a user who has left since leaves no trace of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cloudevents.http import CloudEvent
from flask import Flask, Request, request

from common.core import clock
from common.core.errors import RetryableError
from common.database import conversations, segment_batches, tasks
from common.database.account_deletions import DELETIONS
from common.database.clients import firestore_client
from common.entry.matters import Matter, do_each_time, do_once
from common.entry.triggers import on_task, on_timer
from common.models.account_deletion import AccountDeletion, DeletionState
from common.models.events import FinalizeConversation, MergeConversations, Message, RefreshPersona
from tests.support.making import a_batch, a_conversation
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")


def _hours(number: float) -> timedelta:
    return clock.duration(number * 3600)


def _event(ago: timedelta) -> CloudEvent:
    at = (clock.now() - ago).isoformat()
    return CloudEvent({"type": "t", "source": "s", "id": "1", "time": at}, {})


def _perform(uid: str, *, ago: timedelta) -> list[str]:
    """What was done, of an event of so long ago."""
    done: list[str] = []

    def work() -> str:
        done.append("done")
        return "done"

    event = _event(ago)
    do_once(Matter(step="note", uid=uid, subject="c1", run=1), event=event, work=work, give_up=done.append)
    return done


def _left(uid: str) -> int:
    return len(list(firestore_client().collection("users", uid, "claims").limit(2).stream()))


def _deleted(uid: str, *, ago: timedelta, state: DeletionState = DeletionState.DONE) -> None:
    finished = clock.now() - ago if state is DeletionState.DONE else None
    DELETIONS.create(AccountDeletion(id=uid, requested_at=clock.now() - ago, state=state, finished_at=finished))


def test_of_who_has_left_since_nothing_is_done_and_nothing_is_left(uid: str) -> None:
    _deleted(uid, ago=_hours(1))
    assert (_perform(uid, ago=_hours(2)), _left(uid)) == ([], 0)


@pytest.mark.parametrize("there", [False, True])
def test_what_an_attempt_has_left_below_a_conversation_that_is_gone_goes(uid: str, *, there: bool) -> None:
    segment_batches.put(a_batch(0, 2), uid=uid, conversation_id="c1")
    if there:  # it is another one's by now, or they have come back with it
        conversations.create(a_conversation(), uid=uid)
    _deleted(uid, ago=_hours(1))
    event = _event(_hours(2))
    matter = Matter(step="note", uid=uid, subject="c1", run=1, conversation_id="c1")
    do_once(matter, event=event, work=lambda: "done", give_up=lambda _: None)
    below = list(firestore_client().document("users", uid, "conversations", "c1").collections())
    assert [each.id for each in below] == (["segments"] if there else [])


def test_who_has_come_back_is_served(uid: str) -> None:
    _deleted(uid, ago=_hours(2))
    assert (_perform(uid, ago=_hours(1)), _left(uid)) == (["done"], 1)


@pytest.mark.parametrize("state", [DeletionState.RUNNING, DeletionState.SETTLING])
def test_of_who_is_leaving_nothing_comes_back(uid: str, state: DeletionState) -> None:
    _deleted(uid, ago=_hours(1), state=state)
    assert (_perform(uid, ago=_hours(2)), _left(uid)) == ([], 0)


@pytest.mark.parametrize("state", [None, DeletionState.SETTLING])
def test_what_is_late_of_others_is_done(uid: str, state: DeletionState | None) -> None:
    if state is not None:
        _deleted(uid, ago=_hours(2), state=state)  # what this leaves the next look finds
    assert (_perform(uid, ago=_hours(1)), _left(uid)) == (["done"], 1)


def test_a_follower_that_fails_notes_nothing_of_who_has_left(uid: str) -> None:
    def fail() -> None:
        raise RetryableError("not now")

    _deleted(uid, ago=_hours(1))
    do_each_time(Matter(step="follow", uid=uid, subject="c1"), event=_event(_hours(2)), work=fail)
    assert list(firestore_client().collection("users", uid, "failures").limit(1).stream()) == []
    with pytest.raises(RetryableError):
        do_each_time(Matter(step="follow", uid=uid, subject="c1"), event=_event(_hours(0.5)), work=fail)


def _hand_over(task: Message, function: Callable[[Request], Any], *, ago: timedelta | None) -> None:
    """A task that was asked for so long ago; None: it does not say."""
    asked = {tasks.ASKED_AT: (clock.now() - ago).isoformat()} if ago is not None else {}
    with Flask("test").test_request_context(method="POST", data=task.model_dump_json(), headers=asked):
        assert function(request)[1] == 200


@pytest.mark.parametrize(("ago", "served"), [(2.0, False), (0.5, True), (None, True)])
def test_a_task_is_as_old_as_its_asking_however_often_it_was_tried(
    uid: str, ago: float | None, *, served: bool
) -> None:
    done: list[str] = []
    _deleted(uid, ago=_hours(1))
    timer = on_timer(FinalizeConversation, step="test")(lambda task: done.append(task.uid))
    task = FinalizeConversation(uid=uid, conversation_id="c1")
    _hand_over(task, timer, ago=None if ago is None else _hours(ago))
    assert done == ([uid] if served else [])


@pytest.mark.parametrize(("ago", "served"), [(2.0, False), (0.5, True)])
def test_a_claimed_task_of_who_has_left_leaves_no_claim(uid: str, ago: float, *, served: bool) -> None:
    _deleted(uid, ago=_hours(1))
    work = on_task(MergeConversations, step="test", give_up=lambda _, __: None)(lambda _: "done")
    task = MergeConversations(uid=uid, conversation_id="c1", run=1, source_ids=("a", "b"), reprocess=True)
    _hand_over(task, work, ago=_hours(ago))
    assert _left(uid) == int(served)


def test_a_task_says_when_it_was_asked_for(stores: Stores, uid: str) -> None:
    before = clock.now()
    tasks.schedule_persona(RefreshPersona(uid=uid))
    [waiting] = [each for each in stores.waiting_tasks() if uid.encode() in each.http_request.body]
    asked_at = datetime.fromisoformat(waiting.http_request.headers[tasks.ASKED_AT])
    assert before <= asked_at <= clock.now()
