"""Of many deliveries to one host, or about one user, some are made, the others take turns, and nobody else waits."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.apps import delivering
from common.apps.delivering import deliver_webhook
from common.core import clock
from common.core.ids import digest
from common.core.outside import place_of
from common.core.settings import settings
from common.database import cache, claims, segment_batches, users
from common.database.clients import redis_client
from common.database.segment_batches import SegmentBatch
from common.database.slots import slot
from common.models.events import DeliverWebhook
from common.models.segment import TranscriptSegment
from common.models.webhook import WebhookKind
from tests.support.deliveries import deliveries
from tests.support.stores import Stores
from tests.support.waiting import eventually
from tests.support.webhook_receiver import Receiver, answering, receiving

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where something is told."""
    with receiving() as running:
        yield running


@pytest.fixture(autouse=True)
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than two deliveries to a host, or about a user, are under way."""
    few = settings().model_copy(update={"webhooks_at_once": 2})
    monkeypatch.setattr(delivering, "settings", lambda: few)


@pytest.fixture
def held(receiver: Receiver) -> Iterator[threading.Event]:
    """Until this is set the address answers nobody."""
    go_on = threading.Event()

    def hanging(connection: socket.socket) -> None:
        go_on.wait(10)
        answering()(connection)

    receiver.answers = [hanging]
    yield go_on
    go_on.set()


def _news(uid: str, url: str, number: int = 0) -> DeliverWebhook:
    """Words of a user whose own address wants to hear of them."""
    users.change(uid=uid, developer_webhooks={"realtime_transcript": {"url": url, "enabled": True}})
    start = 10.0 * number
    said = TranscriptSegment(id=f"s{number}", text="Hello", start=start, end=start + 1)
    batch = SegmentBatch(session_id="s1", start=start, end=start + 2, segments=[said], heard_at=clock.now())
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    parts = (batch.stretch,)
    return DeliverWebhook(
        uid=uid, kind=WebhookKind.TRANSCRIPT, conversation_id="c1", parts=parts, happened_at=clock.now()
    )


def test_who_finds_all_places_taken_is_put_back_and_told_later(
    stores: Stores, receiver: Receiver, held: threading.Event, uid: str
) -> None:
    news = [_news(uid, receiver.url, number) for number in range(3)]
    with ThreadPoolExecutor(2) as pool:
        hanging = [pool.submit(deliver_webhook, each) for each in news[:2]]
        eventually(lambda: len(receiver.received) == 2, within_s=5, what="two hang")
        begun = time.monotonic()
        deliver_webhook(news[2])
        deliver_webhook(news[2])  # its task was handed over twice
        assert time.monotonic() - begun < 2
        assert claims.attempts(uid=uid, step=delivering.STEP, subject=news[2].delivery_id, run=0) == 0
        [again] = deliveries(stores, uid, expected=1)
        assert (again.waited, again.delivery_id) == (1, news[2].delivery_id)
        held.set()
        for each in hanging:
            each.result()
    deliver_webhook(again)
    assert len(receiver.received) == 3


def test_others_are_told_meanwhile(receiver: Receiver, held: threading.Event, uid: str) -> None:
    hanging = [_news(uid, receiver.url, number) for number in range(2)]
    with receiving() as other, ThreadPoolExecutor(2) as pool:
        told = [pool.submit(deliver_webhook, each) for each in hanging]
        eventually(lambda: len(receiver.received) == 2, within_s=5, what="two hang")
        deliver_webhook(_news(f"{uid}-other", other.url))
        assert len(other.received) == 1
        held.set()
        for each in told:
            each.result()


def test_who_has_many_hosts_is_told_no_more_at_once(
    stores: Stores, receiver: Receiver, held: threading.Event, uid: str
) -> None:
    hanging = [_news(uid, receiver.url, number) for number in range(2)]
    with receiving() as other, ThreadPoolExecutor(2) as pool:
        told = [pool.submit(deliver_webhook, each) for each in hanging]
        eventually(lambda: len(receiver.received) == 2, within_s=5, what="two hang")
        deliver_webhook(_news(uid, other.url, 2))
        assert other.received == []
        assert [each.waited for each in deliveries(stores, uid, expected=1)] == [1]
        held.set()
        for each in told:
            each.result()
        deliver_webhook(_news(uid, other.url, 2))
        assert len(other.received) == 1


def test_a_place_is_free_again_however_its_delivery_ends(receiver: Receiver, uid: str) -> None:
    receiver.answers = [answering(status="410 Gone"), answering()]
    for number in range(4):
        deliver_webhook(_news(uid, receiver.url, number))
    assert len(receiver.received) == 4


def test_a_place_of_who_died_is_free_again(uid: str) -> None:
    entered = slot(uid, most=1, lease_s=1)
    assert entered.__enter__()  # and its process ends here
    with slot(uid, most=1, lease_s=1) as free:
        assert not free
    time.sleep(1.1)
    with slot(uid, most=1, lease_s=1) as free:
        assert free


def test_who_finds_no_place_takes_none_from_those_that_come_later(uid: str) -> None:
    with slot(uid, most=1, lease_s=10):
        for _ in range(5):
            with slot(uid, most=1, lease_s=10) as free:
                assert not free
    with slot(uid, most=1, lease_s=10) as free:
        assert free
    client = redis_client()
    assert client is not None
    assert client.zcard(f"slots:{digest(uid)}") == 0


def test_without_redis_everybody_is_told(receiver: Receiver, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "redis_client", lambda: None)
    with slot(uid, most=1, lease_s=10), slot(uid, most=1, lease_s=10) as free:
        assert free
    deliver_webhook(_news(uid, receiver.url))
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Hooks.Example.com/a?b=c", "hooks.example.com:443"),
        ("https://hooks.example.com.:443/x", "hooks.example.com:443"),
        ("http://hooks.example.com", "hooks.example.com:80"),
        ("http://127.0.0.1:9/x", "127.0.0.1:9"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_host_is_the_same_however_it_is_written(url: str, place: str) -> None:
    assert place_of(url) == place
