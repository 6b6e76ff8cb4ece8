"""Telling a user something: kept, then announced; the same is kept once and announced under one event id."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.database import notifications
from common.models.events import NotificationDue
from common.models.notification import Notification
from common.notifications.notify import notify
from local.environment import PROJECT
from tests.support.stores import Stores

Announced = Callable[[], list[NotificationDue]]


@pytest.fixture
def announced(stores: Stores, uid: str) -> Iterator[Announced]:
    """What was announced since the last call."""
    assert stores.environment["PUBSUB_EMULATOR_HOST"]
    with SubscriberClient() as subscriber:
        name = subscriber.subscription_path(PROJECT, f"test-{uid}")
        topic = subscriber.topic_path(PROJECT, NotificationDue.topic)
        subscriber.create_subscription(request={"name": name, "topic": topic})

        def pull() -> list[NotificationDue]:
            answer = subscriber.pull(request={"subscription": name, "max_messages": 100}, timeout=10)
            messages = answer.received_messages
            if messages:
                acknowledged = [message.ack_id for message in messages]
                subscriber.acknowledge(request={"subscription": name, "ack_ids": acknowledged})
            return [NotificationDue.model_validate_json(message.message.data) for message in messages]

        yield pull
        subscriber.delete_subscription(request={"subscription": name})


def _kept(uid: str) -> list[Notification]:
    store = notifications.of(uid=uid)
    return store.stream(store.collection.limit(50))


def test_it_is_kept_and_announced_by_its_id(announced: Announced, uid: str) -> None:
    told = notify(uid=uid, kind="app_message", title="Coach", body="Well done", data={"x": "y"}, app_id="a1")
    assert _kept(uid) == [told]
    [event] = announced()
    assert (event.uid, event.notification_id, event.kind) == (uid, told.id, "notification")


def test_what_happens_once_is_told_once_but_announced_again_under_the_same_event(
    announced: Announced, uid: str
) -> None:
    def tell(body: str) -> Notification:
        return notify(uid=uid, kind="new_app_review", title="New", body=body, once=("review", "a1"))

    first, second = tell("Fine"), tell("Changed meanwhile")
    assert first == second
    assert _kept(uid) == [first]
    assert len({event.event_id for event in announced()}) == 1


def test_even_at_the_same_time_it_is_kept_once(uid: str, announced: Announced) -> None:
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: notify(uid=uid, kind="k", title="T", body="B", once=("x",)), range(4)))
    assert len({each.id for each in told}) == len(_kept(uid)) == 1
    assert len({event.event_id for event in announced()}) == 1


def test_without_that_every_time_is_new_and_users_and_kinds_are_apart(uid: str, announced: Announced) -> None:
    for _ in range(2):
        notify(uid=uid, kind="k", title="T", body="B")
    for kind in ("k", "l"):
        notify(uid=uid, kind=kind, title="T", body="B", once=("x",))
    notify(uid=f"{uid}-other", kind="k", title="T", body="B", once=("x",))
    assert len(_kept(uid)) == 4
    assert len({event.event_id for event in announced()}) == 5
