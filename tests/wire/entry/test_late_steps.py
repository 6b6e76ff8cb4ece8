"""What comes late about a user who has left since leaves no trace of them."""

from datetime import timedelta

import pytest
from cloudevents.http import CloudEvent

from common.core import clock
from common.database.account_deletions import DELETIONS
from common.database.clients import firestore_client
from common.entry.matters import Matter, do_once
from common.models.account_deletion import AccountDeletion, DeletionState

pytestmark = pytest.mark.usefixtures("stores")


def _hours(number: float) -> timedelta:
    return clock.duration(number * 3600)


def _perform(uid: str, *, ago: timedelta) -> list[str]:
    """What was done, of an event of so long ago."""
    done: list[str] = []

    def work() -> str:
        done.append("done")
        return "done"

    at = (clock.now() - ago).isoformat()
    event = CloudEvent({"type": "t", "source": "s", "id": "1", "time": at}, {})
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


def test_who_has_come_back_is_served(uid: str) -> None:
    _deleted(uid, ago=_hours(2))
    assert (_perform(uid, ago=_hours(1)), _left(uid)) == (["done"], 1)


@pytest.mark.parametrize("state", [None, DeletionState.SETTLING])
def test_what_is_late_of_others_is_done(uid: str, state: DeletionState | None) -> None:
    if state is not None:
        _deleted(uid, ago=_hours(1), state=state)  # what this leaves the next look finds
    assert (_perform(uid, ago=_hours(2)), _left(uid)) == (["done"], 1)
