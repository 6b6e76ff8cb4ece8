import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.pubsub_v1.types import FlowControl
from google.pubsub_v1 import PublisherClient

from tests.wire.pubsub.conftest import Pubsub


def test_a_message_arrives_with_id_time_and_attributes_and_is_gone_once_acknowledged(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    message_id = pubsub.publish(topic, b"\x00data", kind="x")
    (received,) = pubsub.pull(name)
    assert (received.message.data, received.message.attributes) == (b"\x00data", {"kind": "x"})
    assert received.message.message_id == message_id
    assert abs(received.message.publish_time.timestamp() - time.time()) < 60
    assert received.delivery_attempt == 0
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[received.ack_id])
    pubsub.subscriber.modify_ack_deadline(subscription=name, ack_ids=[received.ack_id], ack_deadline_seconds=0)
    assert pubsub.pull(name, timeout=0.5) == []


def test_every_subscription_gets_its_own_copy_from_its_creation_on(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    pubsub.publish(topic, b"too early")
    names = [pubsub.subscription(topic, f"sub{n}") for n in range(2)]
    pubsub.publish(topic, b"both")
    assert [[each.message.data for each in pubsub.pull(name)] for name in names] == [[b"both"], [b"both"]]


def test_a_leased_message_is_not_handed_out_again_but_a_refused_one_is(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic, b"x")
    (first,) = pubsub.pull(name)
    assert pubsub.pull(name, timeout=0.4) == []
    pubsub.subscriber.modify_ack_deadline(subscription=name, ack_ids=[first.ack_id], ack_deadline_seconds=0)
    (again,) = pubsub.pull(name)
    assert again.message.message_id == first.message.message_id
    assert again.ack_id != first.ack_id


def test_an_empty_message_is_refused(pubsub: Pubsub) -> None:
    request = {"topic": pubsub.topic(), "messages": [{}]}
    with pytest.raises(exceptions.InvalidArgument):
        PublisherClient.publish(pubsub.publisher, request=request)


def test_a_pull_waits_for_a_message(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    timer = threading.Timer(0.5, lambda: pubsub.publish(topic, b"late"))
    timer.start()
    answer = pubsub.subscriber.pull(subscription=name, max_messages=5, timeout=10)
    timer.join()
    assert [received.message.data for received in answer.received_messages] == [b"late"]


FILTERS: list[tuple[str, set[str]]] = [
    ('attributes.lang = "en"', {"en", "en-us"}),
    ('attributes.lang != "en"', {"de", "none"}),
    ("attributes:lang", {"en", "en-us", "de"}),
    ("NOT attributes:lang", {"none"}),
    ("-attributes:lang", {"none"}),
    ('hasPrefix(attributes.lang, "d")', {"de"}),
    ('attributes.lang = "en" AND attributes.region = "us"', {"en-us"}),
    ('attributes.lang = "de" OR attributes.region = "us"', {"de", "en-us"}),
    ('(attributes.lang = "de" OR attributes:region) AND NOT attributes.region = "us"', {"de"}),
    ('attributes."lang" = "de"', {"de"}),
]


@pytest.mark.parametrize(("text", "expected"), FILTERS)
def test_a_filter_selects_by_attributes(ours: Pubsub, text: str, expected: set[str]) -> None:
    topic = ours.topic()
    name = ours.subscription(topic, filter=text)
    ours.publish(topic, b"en", lang="en")
    ours.publish(topic, b"en-us", lang="en", region="us")
    ours.publish(topic, b"de", lang="de")
    ours.publish(topic, b"none", other="x")
    received = ours.pull(name, len(expected))
    received += ours.pull(name, timeout=0.2)
    assert {each.message.data.decode() for each in received} == expected


@pytest.mark.parametrize(
    "text",
    [
        "attributes.a = b",
        'attributes.a > "b"',
        "attributes",
        '"a"',
        "attributes:a AND attributes:b OR attributes:c",
        "(attributes:a",
        "attributes:a)",
        'hasPrefix(attributes.a "b")',
    ],
)
def test_a_filter_that_does_not_parse_is_refused(ours: Pubsub, text: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        ours.subscription(ours.topic(), filter=text)


def test_a_message_nobody_can_handle_goes_to_the_dead_letter_topic(ours: Pubsub) -> None:
    topic, dead = ours.topic(), ours.topic("dead")
    morgue = ours.subscription(dead, "morgue")
    policy = {"dead_letter_topic": dead, "max_delivery_attempts": 5}
    name = ours.subscription(topic, dead_letter_policy=policy)
    ours.publish(topic, b"poison", kind="x")
    for attempt in range(1, 6):
        (received,) = ours.pull(name)
        assert received.delivery_attempt == attempt
        ours.subscriber.modify_ack_deadline(subscription=name, ack_ids=[received.ack_id], ack_deadline_seconds=0)
    (buried,) = ours.pull(morgue, timeout=15)
    assert buried.message.data == b"poison"
    attributes = dict(buried.message.attributes)
    assert attributes.pop("CloudPubSubDeadLetterSourceTopicPublishTime")
    assert attributes == {
        "kind": "x",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": name.rpartition("/")[2],
        "CloudPubSubDeadLetterSourceSubscriptionProject": "proj1",
    }
    assert ours.pull(name, timeout=0.3) == []


def test_a_retry_policy_delays_the_next_attempt(ours: Pubsub) -> None:
    topic = ours.topic()
    policy = {"minimum_backoff": timedelta(seconds=1), "maximum_backoff": timedelta(seconds=2)}
    name = ours.subscription(topic, retry_policy=policy)
    ours.publish(topic, b"x")
    (first,) = ours.pull(name)
    ours.subscriber.modify_ack_deadline(subscription=name, ack_ids=[first.ack_id], ack_deadline_seconds=0)
    assert ours.pull(name, timeout=0.5) == []
    assert len(ours.pull(name)) == 1


def test_a_seek_into_the_future_empties_a_subscription(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic, b"x")
    pubsub.subscriber.seek(request={"subscription": name, "time": datetime.now(UTC) + timedelta(minutes=1)})
    assert pubsub.pull(name, timeout=0.5) == []


def test_a_seek_into_the_past_brings_retained_messages_back(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, retain_acked_messages=True)
    pubsub.publish(topic, b"x")
    (received,) = pubsub.pull(name)
    pubsub.subscriber.acknowledge(subscription=name, ack_ids=[received.ack_id])
    assert pubsub.pull(name, timeout=0.3) == []
    pubsub.subscriber.seek(request={"subscription": name, "time": datetime.now(UTC) - timedelta(minutes=1)})
    assert [each.message.data for each in pubsub.pull(name)] == [b"x"]


def _consume(pubsub: Pubsub, name: str, count: int, **options: Any) -> list[bytes]:
    """What the client's streaming subscriber gets, nacking what `refuse` holds the first time."""
    seen: list[bytes] = []
    refuse = set(options.pop("refuse", ()))
    done = threading.Event()

    def callback(message: Any) -> None:
        seen.append(message.data)
        if message.data in refuse:
            refuse.discard(message.data)
            message.nack()
        else:
            message.ack()
        if len(seen) >= count:
            done.set()

    future = pubsub.subscriber.subscribe(name, callback, **options)
    assert done.wait(20), f"{len(seen)} of {count}"
    time.sleep(0.3)
    future.cancel()
    future.result(timeout=20)
    return seen


def test_the_streaming_client_gets_everything_once(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    sent = {b"%d" % number for number in range(200)}
    for future in [pubsub.publisher.publish(topic, data) for data in sent]:
        future.result(timeout=10)
    control = FlowControl(max_messages=20)
    seen = _consume(pubsub, name, 200, flow_control=control)
    assert sorted(seen) == sorted(sent)
    assert pubsub.pull(name, timeout=0.3) == []


def test_the_streaming_client_gets_what_it_refused_again(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic, b"a")
    assert _consume(pubsub, name, 2, refuse={b"a"}) == [b"a", b"a"]
