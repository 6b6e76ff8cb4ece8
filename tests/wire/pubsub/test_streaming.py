import threading
import time
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.pubsub_v1 import PublisherClient, SubscriberClient

from tests.wire.pubsub.conftest import Pubsub, connect, serve_ours


def _stream(pubsub: Pubsub, name: str, **fields: Any) -> tuple[Any, threading.Event]:
    """The raw responses of a stream that stays open until the event is set."""
    ended = threading.Event()

    def requests() -> Any:
        yield {"subscription": name, "stream_ack_deadline_seconds": 10, **fields}
        ended.wait(20)

    return SubscriberClient.streaming_pull(pubsub.subscriber, requests=requests(), timeout=20), ended


def test_a_stream_holds_no_more_than_its_client_wants(ours: Pubsub) -> None:
    topic = ours.topic()
    name = ours.subscription(topic)
    for number in range(5):
        ours.publish(topic, b"%d" % number)
    stream, ended = _stream(ours, name, max_outstanding_messages=2)
    held: list[Any] = []
    while len(held) < 2:
        held += next(stream).received_messages
    assert len(held) == 2
    ours.subscriber.acknowledge(subscription=name, ack_ids=[held[0].ack_id])
    assert len(next(stream).received_messages) == 1
    ended.set()
    stream.cancel()


def test_a_stream_on_nothing_is_not_found(pubsub: Pubsub) -> None:
    stream, ended = _stream(pubsub, pubsub.subscription_path("missing"))
    with pytest.raises(exceptions.NotFound):
        next(stream)
    ended.set()


@pytest.mark.parametrize("seconds", [9, 601])
def test_a_stream_with_an_impossible_deadline_is_refused(pubsub: Pubsub, seconds: int) -> None:
    name = pubsub.subscription(pubsub.topic())
    stream, ended = _stream(pubsub, name, stream_ack_deadline_seconds=seconds)
    with pytest.raises(exceptions.InvalidArgument):
        next(stream)
    ended.set()


def test_a_stream_ends_with_its_subscription(ours: Pubsub) -> None:
    name = ours.subscription(ours.topic())
    stream, ended = _stream(ours, name)
    threading.Timer(0.3, ours.subscriber.delete_subscription, kwargs={"subscription": name}).start()
    with pytest.raises(exceptions.NotFound):
        next(stream)
    ended.set()


def test_the_streaming_client_comes_back_after_a_restart(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def callback(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    def wait(count: int) -> None:
        deadline = time.monotonic() + 20
        while len(seen) < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    path = tmp_path / "state.sqlite"
    with serve_ours(path) as (_, address, _), connect(address) as first:
        topic = first.topic()
        name = first.subscription(topic)
    port = int(address.rpartition(":")[2])
    with connect(address) as pubsub:
        with serve_ours(path, port=port):
            future = pubsub.subscriber.subscribe(name, callback)
            pubsub.publish(topic, b"before")
            wait(1)
        with serve_ours(path, port=port):
            pubsub.publish(topic, b"after")
            wait(2)
            future.cancel()
            future.result(timeout=20)
    assert seen == [b"before", b"after"]


@pytest.mark.parametrize(
    "fields",
    [
        {"enable_message_ordering": True},
        {"enable_exactly_once_delivery": True},
        {"bigquery_config": {"table": "a.b.c"}},
    ],
)
def test_what_is_not_supported_says_so(ours: Pubsub, fields: dict[str, Any]) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="not supported"):
        ours.subscription(ours.topic(), **fields)


def test_an_ordering_key_is_kept(ours: Pubsub) -> None:
    topic = ours.topic()
    name = ours.subscription(topic)
    request = {"topic": topic, "messages": [{"data": b"x", "ordering_key": "u1"}]}
    PublisherClient.publish(ours.publisher, request=request)
    assert ours.pull(name)[0].message.ordering_key == "u1"
