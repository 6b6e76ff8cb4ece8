"""What happens to messages: published, fanned out, leased to pullers or pushed, acknowledged, dead-lettered."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from typing import Any

import httpx
from google.pubsub_v1 import types

from common.core import clock
from local.delivery import Faults
from local.pubsub.config import max_attempts, retry_backoff
from local.pubsub.filters import parse_filter
from local.pubsub.push import PushQueue
from local.pubsub.store import PubsubStore, micros

OnPublish = Callable[[str, Any], None]
"""Called with the topic's name and the message, id and publish time set, in the transaction that stores it."""

_Message = types.PubsubMessage.pb()
_Received = types.ReceivedMessage.pb()


class Broker:
    """The life of messages over one store; all but `wait` returns at once."""

    def __init__(
        self,
        store: PubsubStore,
        *,
        on_publish: OnPublish | None,
        sign_oidc: Callable[[str, str], str] | None,
        faults: Faults,
    ) -> None:
        self._store = store
        self._on_publish = on_publish
        self._sign_oidc = sign_oidc
        self._faults = faults
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._pushers: dict[str, tuple[PushQueue, asyncio.Task[None]]] = {}
        self._retired: set[asyncio.Task[None]] = set()
        self._http: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Push what is owed to push subscriptions."""
        self._http = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=None))
        for subscription in self._store.list_subscriptions():
            self._start_pusher(subscription)

    async def stop(self, grace_s: float) -> None:
        """Give pushes under way `grace_s` nominal seconds."""
        pushers = list(self._pushers.values())
        self._pushers.clear()
        await asyncio.gather(*(queue.stop(grace_s) for queue, _ in pushers))
        await asyncio.gather(*(run for _, run in pushers), *self._retired, return_exceptions=True)
        if self._http:
            await self._http.aclose()
        self._http = None

    def publish(self, topic: str, messages: Iterable[Any]) -> list[str]:
        """Store messages for all subscriptions of a topic whose filter they pass; returns their ids."""
        published = []
        with self._store.state.transaction():
            subscribers = [(each, parse_filter(each.filter)) for each in self._store.list_subscriptions(topic=topic)]
            for message in messages:
                self._store.add_message(message)
                takers = [each for each, passes in subscribers if passes(message.attributes)]
                if not takers:
                    self._store.delete_message(message.message_id)
                for subscription in takers:
                    self._store.owe(subscription.name, message.message_id)
                    if subscription.name in self._pushers:
                        self._pushers[subscription.name][0].push(message)
                if self._on_publish:
                    self._on_publish(topic, message)
                published.append(message.message_id)
        for subscription, _ in subscribers:
            self.notify(subscription.name)
        return published

    def still_leased(self, ack_ids: Sequence[str]) -> set[str]:
        """Which of these ack ids stand for a lease that has not ended."""
        return self._store.still_leased(ack_ids)

    def lease(self, subscription: Any, limit: int, deadline_s: float | None = None) -> list[Any]:
        """Hand out up to `limit` messages (`ReceivedMessage`) for `deadline_s` nominal seconds."""
        if subscription.push_config.push_endpoint:
            return []
        received = []
        most = max_attempts(subscription)
        with self._store.state.transaction():
            for message, attempts in self._store.due(subscription, limit):
                if most is not None and attempts >= most and self._dead_letter(subscription, message, attempts):
                    continue
                # Without an answer the message comes back when the deadline is over, and the backoff on top of it.
                ends_s = (deadline_s or subscription.ack_deadline_seconds) + self._backoff(subscription, attempts)
                ack_id = self._store.lease(
                    subscription.name, message.message_id, attempts=attempts + 1, due=micros(ends_s)
                )
                attempt = attempts + 1 if most is not None else 0
                received.append(_Received(ack_id=ack_id, message=message, delivery_attempt=attempt))
        return received

    def acknowledge(self, subscription: Any, ack_ids: Iterable[str]) -> None:
        """Settle what these ids stand for; ids that ended are ignored."""
        with self._store.state.transaction():
            for ack_id in ack_ids:
                leased = self._store.find_leased(subscription.name, ack_id)
                if leased:
                    self._store.settle(subscription, leased[0])
        self.notify(subscription.name)

    def modify_deadline(self, subscription: Any, ack_ids: Iterable[str], seconds: int) -> None:
        """Extend leases to `seconds` nominal seconds from now; 0 gives the message back."""
        most = max_attempts(subscription)
        with self._store.state.transaction():
            for ack_id in ack_ids:
                leased = self._store.find_leased(subscription.name, ack_id)
                if not leased:
                    continue
                message_id, attempts = leased
                due = micros(seconds + self._backoff(subscription, attempts - 1))
                if seconds:
                    self._store.extend(ack_id, due)
                    continue
                self._store.give_back(subscription.name, message_id, due)
                if most is not None and attempts >= most:
                    self._dead_letter(subscription, self._store.message(message_id), attempts)
        self.notify(subscription.name)

    def configure(self, subscription: Any) -> None:
        """Take over a new or changed subscription, in the open transaction: the way its messages go may change."""
        old = self._pushers.pop(subscription.name, None)
        if old:
            self._retire(old)
        if not subscription.push_config.push_endpoint:
            for message, _ in self._store.outstanding(subscription.name) if old else ():
                self._store.give_back(subscription.name, message.message_id, micros())
        self._start_pusher(subscription)
        self.notify(subscription.name)

    def forget(self, name: str) -> None:
        """A subscription was deleted, in the open transaction."""
        old = self._pushers.pop(name, None)
        if old:
            self._retire(old)
        self.notify(name)

    def notify(self, subscription: str) -> None:
        """Let all who wait for a subscription look again."""
        for event in self._waiting.get(subscription, ()):
            event.set()

    async def wait(self, subscription: str, most_s: float | None, *, full: bool = False) -> None:
        """Wait for `notify`, or for a message to be due, at most `most_s` real seconds.

        Who is `full` can take nothing that is due already, and waits for a lease to end.
        """
        due = self._store.next_due(subscription, after=micros() if full else 0)
        until_due = None if due is None else max(0.0, due / 1e6 - clock.now().timestamp())
        limits = [limit for limit in (until_due, most_s) if limit is not None]
        event = asyncio.Event()
        self._waiting[subscription].add(event)
        try:
            await asyncio.wait_for(event.wait(), min(limits, default=None))
        except TimeoutError:
            return
        finally:
            self._waiting[subscription].discard(event)

    def _backoff(self, subscription: Any, attempt: int) -> float:
        backoff = retry_backoff(subscription)
        return backoff.delay(attempt) if backoff else 0.0

    def _start_pusher(self, subscription: Any) -> None:
        if self._http is None or not subscription.push_config.push_endpoint:
            return
        queue = PushQueue(
            self._store.state,
            subscription,
            http=self._http,
            settle=self._end_push,
            sign_oidc=self._sign_oidc,
            faults=self._faults,
        )
        for message, _ in self._store.outstanding(subscription.name):
            queue.push(message)
        self._pushers[subscription.name] = (queue, asyncio.get_running_loop().create_task(queue.run()))

    def _retire(self, pusher: tuple[PushQueue, asyncio.Task[None]]) -> None:
        queue, run = pusher
        queue.clear()
        run.cancel()
        self._retired.add(run)
        run.add_done_callback(self._retired.discard)

    def _end_push(self, subscription: Any, message: Any, attempts: int, reason: str | None) -> None:
        """A message was pushed (`reason` None) or is given up; without a place for the dead it is tried on."""
        if reason != "attempts":
            self._store.settle(subscription, message.message_id)
        elif not self._dead_letter(subscription, message, attempts) and subscription.name in self._pushers:
            self._pushers[subscription.name][0].push(message)

    def _dead_letter(self, subscription: Any, message: Any, attempts: int) -> bool:
        """Publish to the dead letter topic what could not be delivered; False if there is no such topic."""
        topic = subscription.dead_letter_policy.dead_letter_topic
        if not topic or self._store.find_topic(topic) is None:
            return False
        _, project, _, short_id = subscription.name.split("/")
        copy = _Message(data=message.data, attributes=message.attributes, ordering_key=message.ordering_key)
        published = message.publish_time.ToDatetime(tzinfo=UTC).isoformat(timespec="milliseconds")
        copy.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] = str(attempts)
        copy.attributes["CloudPubSubDeadLetterSourceSubscription"] = short_id
        copy.attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] = project
        copy.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] = published
        self.publish(topic, [copy])
        self._store.settle(subscription, message.message_id)
        return True
