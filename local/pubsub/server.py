"""The Pub/Sub server: both gRPC services on one port."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from google.pubsub_v1 import types

from common.core import clock
from local.delivery import Faults
from local.operations import Operations
from local.pubsub.broker import Broker, OnPublish
from local.pubsub.config import complete_topic
from local.pubsub.publisher import Publisher
from local.pubsub.store import PubsubStore
from local.pubsub.subscriber import Subscriber
from local.rpc import start_server
from local.state import State
from local.trouble import Trouble

_LONGEST_RETENTION = timedelta(days=31)


class PubsubServer:
    """Topics and subscriptions of any project.

    Args:
        state: where they live.
        on_publish: called with a topic's name and the message in the transaction that stores it.
        sign_oidc: makes ID tokens for (audience, email); without it pushes carry no Authorization header.
        faults: knobs for push subscriptions.
        operations: where the bytes are counted that would be billed for publishing.
        trouble: fault: calls that fail, or whose answers are lost.
    """

    def __init__(
        self,
        state: State,
        *,
        on_publish: OnPublish | None = None,
        sign_oidc: Callable[[str, str], str] | None = None,
        faults: Faults | None = None,
        operations: Operations | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        self._trouble = trouble
        self._store = PubsubStore(state)
        self._broker = Broker(self._store, on_publish=on_publish, sign_oidc=sign_oidc, faults=faults or Faults())
        self._publisher = Publisher(self._store, self._broker, operations or Operations())
        self._subscriber = Subscriber(self._store, self._broker)
        self._server: Any = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve and push; returns the port."""
        services = {
            "google.pubsub.v1.Publisher": self._publisher.methods(),
            "google.pubsub.v1.Subscriber": self._subscriber.methods(),
        }
        self._broker.start()
        self._subscriber.start()
        self._server, bound = await start_server(host, port, services, trouble=self._trouble)
        return bound

    async def stop(self, grace_s: float = 2.0) -> None:
        """End streams, give pushes under way `grace_s` nominal seconds and stop; safe to call when not started."""
        self._subscriber.stop()
        if self._server is not None:
            await self._server.stop(clock.seconds(grace_s))
        await self._broker.stop(grace_s)
        self._server = None

    def ensure_topic(self, name: str) -> None:
        """Create the topic of this full name unless it exists."""
        if self._store.find_topic(name) is None:
            topic = types.Topic.pb()(name=name)
            complete_topic(topic)
            self._store.save_topic(topic)

    def ensure_subscription(self, name: str, *, topic: str) -> None:
        """Create the subscription of this full name, which keeps messages as long as one can, unless it exists."""
        if self._store.find_subscription(name) is None:
            subscription = types.Subscription.pb()(name=name, topic=topic, ack_deadline_seconds=60)
            subscription.message_retention_duration.FromTimedelta(_LONGEST_RETENTION)
            self._subscriber.create(subscription)

    def publish_internal(self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None) -> str:
        """Publish from inside the local cloud, in the open transaction if there is one; returns the message's id."""
        name = self._publisher.topic(topic).name
        message = types.PubsubMessage.pb()(data=data, attributes=dict(attributes or {}))
        return self._broker.publish(name, [message])[0]
