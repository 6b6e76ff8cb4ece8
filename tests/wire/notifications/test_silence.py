"""A user who was not heard for long is told once a day, whoever notices it and however often that is said."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from common.core import clock
from common.core.errors import LeaseHeldError
from common.core.ids import new_id
from common.database import claims, conversations, notifications, segment_batches, users
from common.database.account_deletions import DELETIONS
from common.database.claims import Claim
from common.database.clients import firestore_client
from common.models.account_deletion import AccountDeletion
from common.models.events import Due, NotificationDue, UserSilent
from common.models.notification import Notification
from common.notifications.deliver import deliver
from common.notifications.notify import notify
from common.users.due import tell
from common.users.silence import DAY_S, KIND, remark_silence
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.stores import Stores
from tests.wire.notifications.devices import have_device, sent_to

pytestmark = pytest.mark.usefixtures("stores")


def _noticed(uid: str, *, ago: timedelta = timedelta()) -> UserSilent:
    noticed_at = clock.now() - ago
    return UserSilent(uid=uid, notice_id=new_id(), since=noticed_at - timedelta(minutes=15), noticed_at=noticed_at)


def _told(uid: str) -> list[Notification]:
    store = notifications.of(uid=uid)
    return store.stream(store.collection.limit(10))


def test_a_device_is_told_what_to_look_after(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    event = _noticed(uid)
    tell(Due.model_validate_json(event.model_dump_json()))
    [notification] = _told(uid)
    deliver(NotificationDue(uid=uid, notification_id=notification.id))
    [message] = sent_to(f"a {uid}", stores)
    assert message["data"] == {"type": KIND}
    assert "heard no voice" in message["notification"]["body"]


def test_within_a_day_it_is_said_once_however_many_connections_notice_it(uid: str) -> None:
    events = [_noticed(uid) for _ in range(3)]
    outcomes = [remark_silence(event) for event in [*events, *events]]
    assert outcomes == ["told"] + ["told before"] * 5
    assert len(_told(uid)) == 1


def test_of_many_at_once_one_is_told(uid: str) -> None:
    def attempt(event: UserSilent) -> str:
        try:
            return remark_silence(event)
        except LeaseHeldError:
            return "held"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, [_noticed(uid) for _ in range(4)]))
    assert outcomes.count("told") == 1
    assert set(outcomes) <= {"told", "told before", "held"}
    assert len(_told(uid)) == 1


def test_what_a_worker_left_half_done_is_not_said_in_other_words_by_the_next(uid: str) -> None:
    first, second = _noticed(uid), _noticed(uid)
    # It told, and died before it could note that it had.
    claim = claims.acquire(uid=uid, step=KIND, subject="any", run=0, lease_seconds=0, kept_s=DAY_S)
    assert isinstance(claim, Claim)
    claims.note(claim, first.notice_id)
    notify(uid=uid, kind=KIND, title="T", body="B", once=(first.notice_id,))
    assert remark_silence(second) == "told"
    assert remark_silence(first) == "told before"
    assert len(_told(uid)) == 1


def test_the_next_day_it_is_said_again(uid: str) -> None:
    assert remark_silence(_noticed(uid)) == "told"
    [snapshot] = firestore_client().collection("users", uid, "claims").stream()
    kept_until = snapshot.get("expire_at")
    assert kept_until - clock.now() == pytest.approx(clock.duration(DAY_S), abs=timedelta(seconds=10))
    snapshot.reference.update({"expire_at": clock.now() - timedelta(seconds=1)})
    assert remark_silence(_noticed(uid)) == "told"
    assert len(_told(uid)) == 2


def test_who_does_not_want_it_or_is_leaving_is_told_nothing_and_leaves_nothing(uid: str) -> None:
    users.change(uid=uid, silence_notification_enabled=False)
    assert remark_silence(_noticed(uid)) == "not wanted"
    users.change(uid=uid, silence_notification_enabled=True)
    DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
    assert remark_silence(_noticed(uid)) == "not wanted"
    assert _told(uid) == []
    assert list(firestore_client().collection("users", uid, "claims").limit(1).stream()) == []


def test_a_silence_of_long_ago_is_no_news(uid: str) -> None:
    assert remark_silence(_noticed(uid, ago=timedelta(hours=1))) == "too late"
    assert _told(uid) == []


@pytest.mark.parametrize(("minutes_ago", "outcome"), [(5, "spoke elsewhere"), (20, "told")])
def test_who_speaks_into_another_device_is_not_silent(uid: str, minutes_ago: int, outcome: str) -> None:
    conversations.create(a_conversation(status="in_progress"), uid=uid)
    heard_at = clock.now() - timedelta(minutes=minutes_ago)
    batch = a_batch(0, 1, a_segment("Hello.", 0, 1), heard_at=heard_at)
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    assert remark_silence(_noticed(uid)) == outcome
