"""The gRPC service `google.pubsub.v1.Subscriber`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from local.pubsub.broker import Broker
from local.pubsub.config import ACK_DEADLINE_S, complete_subscription, updated_subscription
from local.pubsub.names import check_project, check_subscription, check_topic
from local.pubsub.store import PubsubStore
from local.pubsub.streaming import serve_stream
from local.rpc import RpcError, already_exists, invalid, not_found, unary

_MAX_PAGE = 1000
_MAX_PULL = 1000
_PULL_WAITS_S = 30.0  # real, and never longer than the caller waits
_Subscription = types.Subscription.pb()


class Subscriber:
    """Subscriptions, and messages out of them."""

    def __init__(self, store: PubsubStore, broker: Broker) -> None:
        self._store = store
        self._broker = broker
        self._stopping = asyncio.Event()

    def methods(self) -> dict[str, Any]:
        """The handlers by name."""
        empty = empty_pb2.Empty
        return {
            "CreateSubscription": unary(self.create, _Subscription, _Subscription),
            "GetSubscription": unary(
                lambda request: self.subscription(request.subscription),
                types.GetSubscriptionRequest.pb(),
                _Subscription,
            ),
            "UpdateSubscription": unary(self._update, types.UpdateSubscriptionRequest.pb(), _Subscription),
            "ListSubscriptions": unary(
                self._list, types.ListSubscriptionsRequest.pb(), types.ListSubscriptionsResponse.pb()
            ),
            "DeleteSubscription": unary(self._delete, types.DeleteSubscriptionRequest.pb(), empty),
            "ModifyPushConfig": unary(self._modify_push_config, types.ModifyPushConfigRequest.pb(), empty),
            "Pull": unary(self._pull, types.PullRequest.pb(), types.PullResponse.pb(), takes_context=True),
            "StreamingPull": grpc.stream_stream_rpc_method_handler(
                self._streaming_pull,
                request_deserializer=types.StreamingPullRequest.pb().FromString,
                response_serializer=types.StreamingPullResponse.pb().SerializeToString,
            ),
            "Acknowledge": unary(self._acknowledge, types.AcknowledgeRequest.pb(), empty),
            "ModifyAckDeadline": unary(self._modify_ack_deadline, types.ModifyAckDeadlineRequest.pb(), empty),
            "Seek": unary(self._seek, types.SeekRequest.pb(), types.SeekResponse.pb()),
        }

    def start(self) -> None:
        """Take streams (again)."""
        self._stopping.clear()

    def stop(self) -> None:
        """End all streams, as a server that goes away does."""
        self._stopping.set()
        for subscription in self._store.list_subscriptions():
            self._broker.notify(subscription.name)

    def subscription(self, name: str) -> Any:
        """The subscription of that name; raises NOT_FOUND."""
        subscription = self._store.find_subscription(check_subscription(name))
        if subscription is None:
            raise not_found(f"Subscription does not exist (resource={name.rpartition('/')[2]})")
        return subscription

    def create(self, subscription: Any) -> Any:
        """Create one and return it; raises NOT_FOUND where there is no such topic, ALREADY_EXISTS."""
        complete_subscription(subscription)
        if self._store.find_topic(check_topic(subscription.topic)) is None:
            raise not_found("Subscription topic does not exist")
        if self._store.find_subscription(subscription.name):
            raise already_exists("Subscription already exists")
        return self._save(subscription)

    def _save(self, subscription: Any) -> Any:
        with self._store.state.transaction():
            self._store.save_subscription(subscription)
            self._broker.configure(subscription)
        return subscription

    def _update(self, request: Any) -> Any:
        return self._save(updated_subscription(self.subscription(request.subscription.name), request))

    def _modify_push_config(self, request: Any) -> Any:
        subscription = self.subscription(request.subscription)
        subscription.push_config.CopyFrom(request.push_config)
        complete_subscription(subscription)
        self._save(subscription)
        return empty_pb2.Empty()

    def _list(self, request: Any) -> Any:
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        project = check_project(request.project)
        found = self._store.list_subscriptions(project=project, after=request.page_token, limit=size + 1)
        token = found[size - 1].name if len(found) > size else ""
        return types.ListSubscriptionsResponse.pb()(subscriptions=found[:size], next_page_token=token)

    def _delete(self, request: Any) -> Any:
        name = self.subscription(request.subscription).name
        with self._store.state.transaction():
            self._store.delete_subscription(name)
            self._broker.forget(name)
        return empty_pb2.Empty()

    async def _pull(self, request: Any, context: Any) -> Any:
        if request.max_messages <= 0:
            raise invalid("max_messages must be greater than 0")
        remaining = context.time_remaining()
        patience = _PULL_WAITS_S if remaining is None else min(_PULL_WAITS_S, remaining * 0.8)
        ends = asyncio.get_running_loop().time() + patience
        while True:
            subscription = self._pullable(request.subscription)
            received = self._broker.lease(subscription, min(request.max_messages, _MAX_PULL))
            left = ends - asyncio.get_running_loop().time()
            if received or request.return_immediately or left <= 0 or self._stopping.is_set():
                return types.PullResponse.pb()(received_messages=received)
            await self._broker.wait(subscription.name, left)

    def _pullable(self, name: str) -> Any:
        subscription = self.subscription(name)
        if subscription.push_config.push_endpoint:
            message = "This method is not supported for this subscription type."
            raise RpcError(grpc.StatusCode.FAILED_PRECONDITION, message)
        return subscription

    async def _streaming_pull(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        try:
            async for response in serve_stream(self._broker, self._pullable, requests, self._stopping):
                yield response
        except RpcError as error:
            await context.abort(error.code, error.message)

    def _acknowledge(self, request: Any) -> Any:
        subscription = self.subscription(request.subscription)
        if not request.ack_ids:
            raise invalid("No ack ids specified.")
        self._broker.acknowledge(subscription, request.ack_ids)
        return empty_pb2.Empty()

    def _modify_ack_deadline(self, request: Any) -> Any:
        subscription = self.subscription(request.subscription)
        if not request.ack_ids:
            raise invalid("No ack ids specified.")
        if not 0 <= request.ack_deadline_seconds <= ACK_DEADLINE_S[1]:
            raise invalid(f"Invalid ack deadline given: (ack_deadline_seconds={request.ack_deadline_seconds})")
        self._broker.modify_deadline(subscription, request.ack_ids, request.ack_deadline_seconds)
        return empty_pb2.Empty()

    def _seek(self, request: Any) -> Any:
        subscription = self.subscription(request.subscription)
        if not request.HasField("time"):
            raise RpcError(grpc.StatusCode.UNIMPLEMENTED, "Snapshots are not supported by the local Pub/Sub.")
        with self._store.state.transaction():
            self._store.seek(subscription, request.time.ToMicroseconds())
            self._broker.configure(subscription)
        return types.SeekResponse.pb()()
