import base64
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.pubsub_v1 import PublisherClient

from local.delivery import Faults
from tests.wire.pubsub.conftest import Pubsub, connect, serve_ours
from tests.wire.tasks.target import Target


def test_a_push_carries_the_message_in_googles_wrapping(pubsub: Pubsub, target: Target) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic, push_config={"push_endpoint": target.url + "?token=abc"})
    message_id = pubsub.publish(topic, b"\x00data", kind="x")
    (request,) = target.wait(1)
    assert (request.method, request.path) == ("POST", "/work?token=abc")
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.body)
    message = body["message"]
    published = message["publishTime"]
    assert published.endswith("Z")
    assert body == {
        "subscription": name,
        "message": {
            "data": base64.b64encode(b"\x00data").decode(),
            "attributes": {"kind": "x"},
            "messageId": message_id,
            "message_id": message_id,
            "publishTime": published,
            "publish_time": published,
        },
    }
    time.sleep(0.3)
    assert len(target.requests) == 1


def test_a_push_without_wrapper_is_the_data_with_metadata_in_headers(pubsub: Pubsub, target: Target) -> None:
    config = {"push_endpoint": target.url, "no_wrapper": {"write_metadata": True}}
    topic = pubsub.topic()
    name = pubsub.subscription(topic, push_config=config)
    message_id = pubsub.publish(topic, b'{"hello":1}', kind="x")
    (request,) = target.wait(1)
    assert request.body == b'{"hello":1}'
    assert request.headers["kind"] == "x"
    assert request.headers["x-goog-pubsub-message-id"] == message_id
    assert request.headers["x-goog-pubsub-subscription-name"] == name
    assert request.headers["x-goog-pubsub-publish-time"].endswith("Z")


@pytest.mark.parametrize("status", [500, 404, 301, 203])
def test_whatever_is_not_an_acknowledgement_is_pushed_again(ours: Pubsub, target: Target, status: int) -> None:
    target.answers = [(status, {})]
    topic = ours.topic()
    ours.subscription(topic, push_config={"push_endpoint": target.url})
    ours.publish(topic, b"x")
    first, second = target.wait(2)
    assert first.body == second.body
    time.sleep(0.3)
    assert len(target.requests) == 2


def test_a_refused_push_ends_in_the_dead_letter_topic(ours: Pubsub, target: Target) -> None:
    target.answers = [(500, {})] * 5
    topic, dead = ours.topic(), ours.topic("dead")
    morgue = ours.subscription(dead, "morgue")
    ours.subscription(
        topic,
        push_config={"push_endpoint": target.url},
        dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": 5},
        retry_policy={"minimum_backoff": timedelta(0), "maximum_backoff": timedelta(0)},
    )
    ours.publish(topic, b"poison")
    (buried,) = ours.pull(morgue)
    assert buried.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert [json.loads(request.body)["deliveryAttempt"] for request in target.requests] == [1, 2, 3, 4, 5]


def test_a_subscription_can_turn_from_pull_to_push_and_back(ours: Pubsub, target: Target) -> None:
    topic = ours.topic()
    name = ours.subscription(topic)
    ours.publish(topic, b"one")
    ours.subscriber.modify_push_config(subscription=name, push_config={"push_endpoint": target.url})
    target.wait(1)
    target.answers = [(500, {})] * 1000
    ours.publish(topic, b"two")
    target.wait(2)
    ours.subscriber.modify_push_config(subscription=name, push_config={})
    assert [received.message.data for received in ours.pull(name)] == [b"two"]


def test_pushes_wait_through_a_restart(tmp_path: Path, target: Target) -> None:
    target.answers = [(500, {})]
    path = tmp_path / "state.sqlite"
    with serve_ours(path) as (_, address, _), connect(address) as pubsub:
        topic = pubsub.topic()
        policy = {"minimum_backoff": timedelta(seconds=1), "maximum_backoff": timedelta(seconds=1)}
        pubsub.subscription(topic, push_config={"push_endpoint": target.url}, retry_policy=policy)
        pubsub.publish(topic, b"x")
        target.wait(1)
    with serve_ours(path):
        target.wait(2)


def test_a_lease_stays_valid_through_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with serve_ours(path) as (_, address, _), connect(address) as pubsub:
        topic = pubsub.topic()
        name = pubsub.subscription(topic)
        for data in (b"a", b"b"):
            pubsub.publish(topic, data)
        received = pubsub.pull(name, 2)
        assert len(received) == 2
    with serve_ours(path) as (_, address, _), connect(address) as again:
        again.subscriber.acknowledge(subscription=name, ack_ids=[received[0].ack_id])
        ids = [received[1].ack_id]
        again.subscriber.modify_ack_deadline(subscription=name, ack_ids=ids, ack_deadline_seconds=0)
        assert [each.message.data for each in again.pull(name)] == [received[1].message.data]


def test_the_hook_sees_every_message_in_its_transaction(tmp_path: Path) -> None:
    seen: list[tuple[str, Any]] = []
    with serve_ours(tmp_path / "s", on_publish=lambda topic, message: seen.append((topic, message))) as served:
        server, address, background = served
        topic = "projects/p/topics/events"

        async def publish() -> str:
            server.ensure_topic(topic)
            server.ensure_topic(topic)
            return server.publish_internal(topic, b"inside", {"a": "b"})

        inside = background.run(publish())
        with connect(address) as pubsub:
            outside = pubsub.publish(topic, b"outside")
    assert [(name, message.message_id, message.data) for name, message in seen] == [
        (topic, inside, b"inside"),
        (topic, outside, b"outside"),
    ]
    assert all(message.HasField("publish_time") for _, message in seen)


def test_a_hook_that_fails_undoes_the_publication(tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise ValueError

    with serve_ours(tmp_path / "s", on_publish=refuse) as (_, address, _), connect(address) as pubsub:
        topic = pubsub.topic()
        name = pubsub.subscription(topic)
        request = {"topic": topic, "messages": [{"data": b"x"}]}
        with pytest.raises(exceptions.InternalServerError, match="ValueError"):
            PublisherClient.publish(pubsub.publisher, request=request, retry=None)
        assert pubsub.pull(name, timeout=0.2) == []


def test_faults_push_everything_twice(tmp_path: Path, target: Target) -> None:
    with serve_ours(tmp_path / "s", faults=Faults(duplicate=True)) as (_, address, _), connect(address) as pubsub:
        topic = pubsub.topic()
        pubsub.subscription(topic, push_config={"push_endpoint": target.url})
        pubsub.publish(topic, b"x")
        first, second = target.wait(2)
        assert first.body == second.body


def test_a_push_is_signed_when_asked_for(tmp_path: Path, target: Target) -> None:
    served = serve_ours(tmp_path / "s", sign_oidc=lambda audience, email: f"{audience}|{email}")
    with served as (_, address, _), connect(address) as pubsub:
        topic = pubsub.topic()
        token = {"service_account_email": "sa@p"}
        pubsub.subscription(topic, push_config={"push_endpoint": target.url, "oidc_token": token})
        pubsub.publish(topic, b"x")
        assert target.wait(1)[0].headers["authorization"] == f"Bearer {target.url}|sa@p"
