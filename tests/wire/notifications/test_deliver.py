"""What is due reaches every device once, through the stores, the function and FCM."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.cloud.pubsub_v1.types import PubsubMessage

from common.core import clock
from common.core.errors import EarshotError, LeaseHeldError, ProviderError
from common.core.settings import settings
from common.database import fcm_tokens, notifications
from common.database.account_deletions import DELETIONS
from common.database.clients import firestore_client
from common.models.account_deletion import AccountDeletion
from common.models.events import Due, NotificationDue
from common.models.notification import Notification
from common.notifications import providers
from common.notifications.deliver import deliver
from common.notifications.notify import notify
from local.fcm.errors import FcmError
from tests.support.stores import Stores, free_port
from tests.wire.notifications.devices import have_device, sent_to

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture
def refuse(stores: Stores) -> Iterator[Callable[..., None]]:
    """Has FCM refuse the next messages to a token."""

    def refuse(token: str, *codes: str) -> None:
        stores.fcm.refusals[token] = deque(FcmError(code) for code in codes)

    yield refuse
    stores.fcm.refusals.clear()


def _told(uid: str, **fields: str) -> NotificationDue:
    notification = notify(**{"uid": uid, "kind": "announcement", "title": "Hello", "body": "You", **fields})  # type: ignore[arg-type]
    return NotificationDue(uid=uid, notification_id=notification.id)


def test_every_device_is_told(stores: Stores, uid: str) -> None:
    for device in ("a", "b"):
        have_device(f"{device} {uid}", uid=uid)
    have_device(f"c {uid}", uid=f"{uid}-2")
    deliver(_told(uid))
    for device in ("a", "b"):
        [message] = sent_to(f"{device} {uid}", stores)
        assert message["notification"] == {"title": "Hello", "body": "You"}
        assert message["data"] == {"type": "announcement"}
    assert sent_to(f"c {uid}", stores) == []


def test_a_redelivery_tells_nobody_again(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    for _ in range(3):
        deliver(due)
    assert len(sent_to(f"a {uid}", stores)) == 1


def test_two_deliveries_at_once_tell_once(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)

    def attempt(_: int) -> str:
        try:
            deliver(due)
        except LeaseHeldError:
            return "held"
        except EarshotError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))
    assert "done" in outcomes
    assert set(outcomes) <= {"done", "held"}
    deliver(due)
    assert len(sent_to(f"a {uid}", stores)) == 1


def test_who_was_not_reached_is_told_later_and_who_was_is_not_told_again(
    stores: Stores, uid: str, refuse: Callable[..., None]
) -> None:
    for device in ("a", "b"):
        have_device(f"{device} {uid}", uid=uid)
    refuse(f"b {uid}", *["UNAVAILABLE"] * 3)
    due = _told(uid)
    with pytest.raises(ProviderError):
        deliver(due)
    assert [len(sent_to(f"{device} {uid}", stores)) for device in ("a", "b")] == [1, 0]
    deliver(due)
    assert [len(sent_to(f"{device} {uid}", stores)) for device in ("a", "b")] == [1, 1]


def test_a_dead_token_is_forgotten_and_holds_up_nobody(stores: Stores, uid: str, refuse: Callable[..., None]) -> None:
    for device in ("a", "b"):
        have_device(f"{device} {uid}", uid=uid)
    refuse(f"a {uid}", "UNREGISTERED")
    deliver(_told(uid))
    assert [device.token for device in fcm_tokens.list_all(uid=uid)] == [f"b {uid}"]
    assert len(sent_to(f"b {uid}", stores)) == 1


@pytest.mark.parametrize("code", ["THIRD_PARTY_AUTH_ERROR", "SENDER_ID_MISMATCH"])
def test_a_message_that_fcm_refuses_costs_no_device_and_is_not_tried_again(
    stores: Stores, uid: str, refuse: Callable[..., None], code: str
) -> None:
    have_device(f"a {code} {uid}", uid=uid)
    refuse(f"a {code} {uid}", code)
    due = _told(uid)
    for _ in range(2):
        deliver(due)
    assert len(fcm_tokens.list_all(uid=uid)) == 1
    assert sent_to(f"a {code} {uid}", stores) == []


def test_a_token_that_the_device_has_got_meanwhile_stays(uid: str) -> None:
    have_device("old", uid=uid, device_id="ios_1")
    [dead] = fcm_tokens.list_all(uid=uid)
    have_device(f"new {uid}", uid=uid, device_id="ios_1")
    fcm_tokens.forget(dead, uid=uid)
    assert [device.token for device in fcm_tokens.list_all(uid=uid)] == [f"new {uid}"]


def test_a_device_that_changed_hands_is_told_what_its_new_user_is_told(stores: Stores, uid: str) -> None:
    have_device(f"phone {uid}", uid=uid)
    have_device(f"phone {uid}", uid=f"{uid}-2")
    deliver(_told(uid, body="for the old user"))
    deliver(_told(f"{uid}-2", body="for the new one"))
    assert [message["notification"]["body"] for message in sent_to(f"phone {uid}", stores)] == ["for the new one"]


def test_two_users_who_register_one_device_at_once_do_not_both_have_it(uid: str) -> None:
    users = [f"{uid}-{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda user: have_device(f"phone {uid}", uid=user), users))
    assert sum(len(fcm_tokens.list_all(uid=user)) for user in users) == 1


def test_without_devices_there_is_nothing_to_do(uid: str) -> None:
    deliver(_told(uid))


def test_whoever_has_left_is_told_nothing_and_leaves_nothing(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    notifications.of(uid=uid).delete(due.notification_id)
    deliver(due)
    assert sent_to(f"a {uid}", stores) == []
    assert list(firestore_client().collection("users", uid, "claims").limit(1).stream()) == []


def test_whoever_is_leaving_is_told_nothing(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
    deliver(due)
    assert sent_to(f"a {uid}", stores) == []


def test_while_fcm_is_away_it_is_tried_again(stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    with monkeypatch.context() as away:
        away.setenv("FCM_URL", f"http://127.0.0.1:{free_port()}")
        _reread()
        with pytest.raises(ProviderError):
            deliver(due)
    _reread()
    deliver(due)
    assert len(sent_to(f"a {uid}", stores)) == 1


def test_where_pushes_are_off_nothing_leaves_and_what_is_due_is_done(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_device(f"a {uid}", uid=uid)
    with monkeypatch.context() as off:
        off.setenv("PUSH", "off")
        _reread()
        deliver(_told(uid))
    _reread()
    assert sent_to(f"a {uid}", stores) == []


def _reread() -> None:
    settings.cache_clear()
    providers.pusher.cache_clear()


def test_what_is_known_to_be_told_is_noted_with_the_notification(uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    deliver(due)
    stored: Notification = notifications.of(uid=uid).get(due.notification_id)
    assert len(stored.told) == 1
    assert uid not in stored.told[0]
    assert stored.expire_at is not None


def test_both_kinds_of_what_is_due_are_read_from_the_topic(uid: str) -> None:
    due = _told(uid)
    message = PubsubMessage(data=due.model_dump_json().encode())
    assert Due.model_validate_json(message.data).root == due


def test_after_a_crash_a_device_may_be_told_twice_under_the_same_key(stores: Stores, uid: str) -> None:
    have_device(f"a {uid}", uid=uid)
    due = _told(uid)
    deliver(due)
    # As if the process had ended between FCM's answer and its own note of it.
    firestore_client().recursive_delete(firestore_client().collection("users", uid, "claims"))
    notifications.of(uid=uid).reference(due.notification_id).update({"told": []})
    deliver(due)
    first, second = sent_to(f"a {uid}", stores)
    for message in (first, second):
        del message["name"], message["sent_at"]
    assert first == second
    assert first["android"]["notification"]["tag"]
