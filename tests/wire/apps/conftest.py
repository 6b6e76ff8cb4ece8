"""What realtime apps and users' own addresses are told, as it is announced."""

from collections.abc import Callable, Iterator

import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.core import clock
from common.database.topics import publish
from common.models.events import SegmentsReady
from local.environment import PROJECT
from tests.support.stores import Stores

Announced = Callable[[], list[SegmentsReady]]
_LAST = "nothing after this"


@pytest.fixture
def announced(stores: Stores, uid: str) -> Iterator[Announced]:
    """What was announced about the test's user since the last call."""
    assert stores.environment["PUBSUB_EMULATOR_HOST"]
    with SubscriberClient() as subscriber:
        name = subscriber.subscription_path(PROJECT, f"test-{uid}")
        topic = subscriber.topic_path(PROJECT, SegmentsReady.topic)
        subscriber.create_subscription(request={"name": name, "topic": topic})

        def pull() -> list[SegmentsReady]:
            marker = SegmentsReady(uid=uid, conversation_id=_LAST, happened_at=clock.now())
            publish(marker)
            found: list[SegmentsReady] = []
            while marker not in found:
                answer = subscriber.pull(request={"subscription": name, "max_messages": 100}, timeout=10)
                acknowledged = [message.ack_id for message in answer.received_messages]
                subscriber.acknowledge(request={"subscription": name, "ack_ids": acknowledged})
                found += [SegmentsReady.model_validate_json(each.message.data) for each in answer.received_messages]
            return [event for event in found if event.uid == uid and event.conversation_id != _LAST]

        yield pull
        subscriber.delete_subscription(request={"subscription": name})
