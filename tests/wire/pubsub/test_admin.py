from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.protobuf import field_mask_pb2

from tests.wire.pubsub.conftest import PROJECT, Pubsub


def test_topics_are_created_read_listed_and_deleted(pubsub: Pubsub) -> None:
    topics = [pubsub.topic(f"topic{n}", labels={"a": "b"}) for n in range(3)]
    assert pubsub.publisher.get_topic(topic=topics[0]).labels == {"a": "b"}
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.publisher.create_topic(name=topics[0])
    listed = {topic.name for topic in pubsub.publisher.list_topics(project=f"projects/{PROJECT}")}
    assert set(topics) <= listed
    pubsub.publisher.delete_topic(topic=topics[0])
    with pytest.raises(exceptions.NotFound):
        pubsub.publisher.get_topic(topic=topics[0])
    with pytest.raises(exceptions.NotFound):
        pubsub.publisher.delete_topic(topic=topics[0])


@pytest.mark.parametrize("name", ["ab", "1abc", "a/b/c", "googtopic", "a b c"])
def test_bad_ids_are_refused(pubsub: Pubsub, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publisher.create_topic(name=f"projects/{PROJECT}/topics/{name}")


def test_a_subscription_is_created_with_defaults_and_read(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    subscription = pubsub.subscriber.get_subscription(subscription=name)
    assert (subscription.topic, subscription.ack_deadline_seconds) == (topic, 10)
    assert subscription.message_retention_duration == timedelta(days=7)
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.subscription(topic)
    listed = [each.name for each in pubsub.subscriber.list_subscriptions(project=f"projects/{PROJECT}")]
    assert name in listed
    assert list(pubsub.publisher.list_topic_subscriptions(topic=topic)) == [name]
    pubsub.subscriber.delete_subscription(subscription=name)
    with pytest.raises(exceptions.NotFound):
        pubsub.subscriber.get_subscription(subscription=name)


@pytest.mark.parametrize(
    "fields",
    [
        {"ack_deadline_seconds": 9},
        {"ack_deadline_seconds": 601},
        {"message_retention_duration": timedelta(minutes=9)},
        {"message_retention_duration": timedelta(days=32)},
        {"filter": "attributes.a ="},
        {"dead_letter_policy": {"dead_letter_topic": f"projects/{PROJECT}/topics/dead", "max_delivery_attempts": 4}},
    ],
)
def test_subscriptions_out_of_bounds_are_refused(ours: Pubsub, fields: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        ours.subscription(ours.topic(), **fields)


def test_an_update_changes_what_its_mask_names(pubsub: Pubsub) -> None:
    name = pubsub.subscription(pubsub.topic(), labels={"a": "b"})
    changed = {"name": name, "ack_deadline_seconds": 77, "labels": {"c": "d"}}
    mask = field_mask_pb2.FieldMask(paths=["ack_deadline_seconds"])
    updated = pubsub.subscriber.update_subscription(request={"subscription": changed, "update_mask": mask})
    assert (updated.ack_deadline_seconds, updated.labels) == (77, {"a": "b"})
    assert pubsub.subscriber.get_subscription(subscription=name) == updated
    mask = field_mask_pb2.FieldMask(paths=["filter"])
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.subscriber.update_subscription(request={"subscription": changed, "update_mask": mask})


def test_what_does_not_exist_is_not_found(pubsub: Pubsub) -> None:
    missing = pubsub.subscription_path("missing")
    with pytest.raises(exceptions.NotFound):
        pubsub.publish(f"projects/{PROJECT}/topics/missing", b"x")
    with pytest.raises(exceptions.NotFound):
        pubsub.subscription(f"projects/{PROJECT}/topics/missing")
    with pytest.raises(exceptions.NotFound):
        pubsub.subscriber.pull(subscription=missing, max_messages=1)
    with pytest.raises(exceptions.NotFound):
        pubsub.subscriber.acknowledge(subscription=missing, ack_ids=["x"])
    with pytest.raises(exceptions.NotFound):
        pubsub.subscriber.modify_ack_deadline(subscription=missing, ack_ids=["x"], ack_deadline_seconds=0)


def test_a_subscription_outlives_its_topic(pubsub: Pubsub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    pubsub.publish(topic, b"before")
    pubsub.publisher.delete_topic(topic=topic)
    assert pubsub.subscriber.get_subscription(subscription=name).topic == "_deleted-topic_"
    assert [received.message.data for received in pubsub.pull(name)] == [b"before"]
