"""Push subscriptions: messages POSTed to an endpoint, retried, given to the dead letter topic."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
from google.pubsub_v1 import types

from common.core import clock
from local.delivery import Answer, Delivery, DeliveryQueue, Faults
from local.pubsub.config import max_attempts, retry_backoff
from local.state import State

_Message = types.PubsubMessage.pb()
_ACKNOWLEDGED = {102, 200, 201, 202, 204}
Settle = Callable[[Any, Any, int, str | None], None]
"""Called with (subscription, message, attempts, why it was given up or None) in the transaction that ends delivery."""


def wrapped_body(message: Any, subscription: str, *, delivery_attempt: int | None = None) -> dict[str, Any]:
    """The JSON body of a push, which is also the data of a Pub/Sub CloudEvent.

    Args:
        message: a `google.pubsub.v1.PubsubMessage` with its id and publish time.
        subscription: full name of the subscription.
        delivery_attempt: counts from 1; only where the subscription has a dead letter policy.
    """
    published = message.publish_time.ToJsonString()
    fields = {
        "data": base64.b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.ordering_key:
        fields["orderingKey"] = message.ordering_key
    body: dict[str, Any] = {"message": fields, "subscription": subscription}
    if delivery_attempt is not None:
        body["deliveryAttempt"] = delivery_attempt
    return body


class PushQueue(DeliveryQueue):
    """Delivers one subscription's messages; a delivery's body is the serialised message, its key the message id."""

    def __init__(
        self,
        state: State,
        subscription: Any,
        *,
        http: httpx.AsyncClient,
        settle: Settle,
        sign_oidc: Callable[[str, str], str] | None,
        faults: Faults,
    ) -> None:
        self.subscription = subscription
        self._http = http
        self._settled = settle
        self._sign_oidc = sign_oidc
        backoff = retry_backoff(subscription)
        if backoff is None:
            raise ValueError(subscription.name)
        super().__init__(
            state,
            f"pubsub:{subscription.name}",
            send=self._push,
            backoff=backoff,
            max_attempts=max_attempts(subscription),
            max_age_s=subscription.message_retention_duration.ToTimedelta().total_seconds(),
            on_done=lambda delivery: self._finish(delivery, None),
            on_dead=self._finish,
            faults=faults,
        )

    def push(self, message: Any) -> None:
        """Deliver a message, in the open transaction."""
        self.put(
            target=self.subscription.push_config.push_endpoint,
            headers={},
            body=message.SerializeToString(),
            key=message.message_id,
        )

    def _finish(self, delivery: Delivery, reason: str | None) -> None:
        self._settled(self.subscription, _Message.FromString(delivery.body), delivery.attempt + 1, reason)

    async def _push(self, delivery: Delivery) -> Answer:
        message = _Message.FromString(delivery.body)
        config = self.subscription.push_config
        dead_letters = self.subscription.HasField("dead_letter_policy")
        if config.HasField("no_wrapper"):
            body, headers = message.data, self._metadata(message) if config.no_wrapper.write_metadata else {}
        else:
            attempt = delivery.attempt + 1 if dead_letters else None
            body = json.dumps(wrapped_body(message, self.subscription.name, delivery_attempt=attempt)).encode()
            headers = {"Content-Type": "application/json"}
        headers["User-Agent"] = "CloudPubSub-Google"
        if config.HasField("oidc_token") and self._sign_oidc:
            audience = config.oidc_token.audience or config.push_endpoint
            headers["Authorization"] = f"Bearer {self._sign_oidc(audience, config.oidc_token.service_account_email)}"
        encoded = {name.encode(): value.encode() for name, value in headers.items()}
        async with asyncio.timeout(clock.seconds(self.subscription.ack_deadline_seconds)):
            response = await self._http.post(config.push_endpoint, content=body, headers=encoded)
        return Answer(200 if response.status_code in _ACKNOWLEDGED else max(300, response.status_code))

    def _metadata(self, message: Any) -> dict[str, str]:
        headers = {name: value for name, value in message.attributes.items() if name and value}
        headers["x-goog-pubsub-message-id"] = message.message_id
        headers["x-goog-pubsub-publish-time"] = message.publish_time.ToJsonString()
        headers["x-goog-pubsub-subscription-name"] = self.subscription.name
        if message.ordering_key:
            headers["x-goog-ordering-key"] = message.ordering_key
        return headers
