"""The gRPC service `google.pubsub.v1.Publisher`."""

from typing import Any

from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from local.operations import Operations
from local.pubsub.broker import Broker
from local.pubsub.config import complete_topic
from local.pubsub.names import check_project, check_topic
from local.pubsub.store import PubsubStore
from local.rpc import already_exists, invalid, not_found, unary

_MAX_PAGE = 1000
_MAX_MESSAGES = 1000
_MAX_BYTES = 10_000_000
_MAX_ATTRIBUTES = 100
_MAX_KEY_BYTES = 256
_MAX_VALUE_BYTES = 1024
LEAST_BILLED = 1000
"""Bytes that a request to publish, or the delivery of a message, is billed as at least."""


class Publisher:
    """Topics, and messages into them."""

    def __init__(self, store: PubsubStore, broker: Broker, operations: Operations) -> None:
        self._operations = operations
        self._store = store
        self._broker = broker

    def methods(self) -> dict[str, Any]:
        """The handlers by name."""
        topic = types.Topic.pb()
        return {
            "CreateTopic": unary(self._create, topic, topic),
            "GetTopic": unary(lambda request: self.topic(request.topic), types.GetTopicRequest.pb(), topic),
            "UpdateTopic": unary(self._update, types.UpdateTopicRequest.pb(), topic),
            "DeleteTopic": unary(self._delete, types.DeleteTopicRequest.pb(), empty_pb2.Empty),
            "ListTopics": unary(self._list, types.ListTopicsRequest.pb(), types.ListTopicsResponse.pb()),
            "ListTopicSubscriptions": unary(
                self._list_subscriptions,
                types.ListTopicSubscriptionsRequest.pb(),
                types.ListTopicSubscriptionsResponse.pb(),
            ),
            "Publish": unary(self._publish, types.PublishRequest.pb(), types.PublishResponse.pb()),
        }

    def topic(self, name: str) -> Any:
        """The topic of that name; raises NOT_FOUND."""
        topic = self._store.find_topic(check_topic(name))
        if topic is None:
            raise not_found("Topic not found")
        return topic

    def _create(self, topic: Any) -> Any:
        complete_topic(topic)
        if self._store.find_topic(topic.name):
            raise already_exists("Topic already exists")
        self._store.save_topic(topic)
        return topic

    def _update(self, request: Any) -> Any:
        topic = self.topic(request.topic.name)
        paths = list(request.update_mask.paths)
        if not paths or not set(paths) <= {"labels", "message_retention_duration", "message_storage_policy"}:
            raise invalid(f"Invalid update_mask provided in the UpdateTopicRequest: {paths}")
        for path in paths:
            topic.ClearField(path)
        request.update_mask.MergeMessage(request.topic, topic)
        self._store.save_topic(topic)
        return topic

    def _delete(self, request: Any) -> Any:
        self._store.delete_topic(self.topic(request.topic).name)
        return empty_pb2.Empty()

    def _list(self, request: Any) -> Any:
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        project = check_project(request.project)
        found = self._store.list_topics(project, after=request.page_token, limit=size + 1)
        token = found[size - 1].name if len(found) > size else ""
        return types.ListTopicsResponse.pb()(topics=found[:size], next_page_token=token)

    def _list_subscriptions(self, request: Any) -> Any:
        size = min(request.page_size or _MAX_PAGE, _MAX_PAGE)
        topic = self.topic(request.topic).name
        found = self._store.list_subscriptions(topic=topic, after=request.page_token, limit=size + 1)
        names = [subscription.name for subscription in found]
        token = names[size - 1] if len(names) > size else ""
        return types.ListTopicSubscriptionsResponse.pb()(subscriptions=names[:size], next_page_token=token)

    def _publish(self, request: Any) -> Any:
        topic = self.topic(request.topic).name
        if not 0 < len(request.messages) <= _MAX_MESSAGES:
            raise invalid(f"The value for message_count must be between 1 and {_MAX_MESSAGES}.")
        for message in request.messages:
            _check_message(message)
        size = sum(message.ByteSize() for message in request.messages)
        self._operations.count("pubsub.bytes", max(LEAST_BILLED, size))
        return types.PublishResponse.pb()(message_ids=self._broker.publish(topic, request.messages))


def _check_message(message: Any) -> None:
    if not message.data and not message.attributes:
        raise invalid("Some messages are empty: data or attributes must be set.")
    if message.ByteSize() > _MAX_BYTES or len(message.attributes) > _MAX_ATTRIBUTES:
        raise invalid("The message is too large: at most 10 MB and 100 attributes are allowed.")
    for key, value in message.attributes.items():
        if not 0 < len(key.encode()) <= _MAX_KEY_BYTES or len(value.encode()) > _MAX_VALUE_BYTES:
            raise invalid("Attribute keys have 1 to 256 bytes, attribute values up to 1024.")
        if key.lower().startswith("goog"):
            raise invalid(f'Attribute keys must not begin with "goog": {key}')
