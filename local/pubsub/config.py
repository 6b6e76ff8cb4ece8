"""What Pub/Sub accepts as a topic and as a subscription, and the defaults it fills in."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.pubsub_v1 import types

from local.delivery import Backoff
from local.pubsub.filters import parse_filter
from local.pubsub.names import check_subscription, check_topic
from local.rpc import RpcError, invalid

ACK_DEADLINE_S = (10, 600)  # least (and default), most
_RETENTION = (timedelta(minutes=10), timedelta(days=7), timedelta(days=31))  # least, default, most
_RETRY = Backoff(10.0, 600.0)
_RETRY_PUSH = Backoff(0.1, 60.0)  # of a push subscription without a retry policy
_DELIVERY_ATTEMPTS = (5, 100)  # least (and default), most
_UNSUPPORTED = (
    *("bigquery_config", "cloud_storage_config", "bigtable_config", "enable_message_ordering"),
    *("enable_exactly_once_delivery", "message_transforms"),
)
_MUTABLE = {
    *("ack_deadline_seconds", "push_config", "retain_acked_messages", "message_retention_duration", "labels"),
    *("expiration_policy", "dead_letter_policy", "retry_policy"),
}


def complete_topic(topic: Any) -> None:
    """Check a topic to be created and fill in its defaults, in place; raises INVALID_ARGUMENT or UNIMPLEMENTED."""
    check_topic(topic.name)
    for field in ("schema_settings", "ingestion_data_source_settings"):
        if topic.HasField(field):
            raise _unsupported(f"Topic.{field}")
    topic.state = types.Topic.State.ACTIVE


def complete_subscription(subscription: Any) -> None:
    """Check a subscription and fill in its defaults, in place; raises INVALID_ARGUMENT or UNIMPLEMENTED."""
    check_subscription(subscription.name)
    for field, _ in subscription.ListFields():
        if field.name in _UNSUPPORTED:
            raise _unsupported(f"Subscription.{field.name}")
    parse_filter(subscription.filter)
    least, most = ACK_DEADLINE_S
    subscription.ack_deadline_seconds = subscription.ack_deadline_seconds or least
    if not least <= subscription.ack_deadline_seconds <= most:
        raise invalid(f"Invalid ack deadline given: (ack_deadline_seconds={subscription.ack_deadline_seconds})")
    shortest, default, longest = _RETENTION
    if not subscription.HasField("message_retention_duration"):
        subscription.message_retention_duration.FromTimedelta(default)
    elif not shortest <= subscription.message_retention_duration.ToTimedelta() <= longest:
        raise invalid("Invalid message retention duration: it must be between 10 minutes and 31 days.")
    if not subscription.HasField("expiration_policy"):
        subscription.expiration_policy.ttl.FromTimedelta(timedelta(days=31))
    subscription.push_config.SetInParent()
    endpoint = subscription.push_config.push_endpoint
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise invalid(f"Invalid push endpoint given: (endpoint={endpoint})")
    _complete_policies(subscription)
    subscription.state = types.Subscription.State.ACTIVE


def _complete_policies(subscription: Any) -> None:
    if subscription.HasField("dead_letter_policy"):
        policy = subscription.dead_letter_policy
        check_topic(policy.dead_letter_topic)
        policy.max_delivery_attempts = policy.max_delivery_attempts or _DELIVERY_ATTEMPTS[0]
        if not _DELIVERY_ATTEMPTS[0] <= policy.max_delivery_attempts <= _DELIVERY_ATTEMPTS[1]:
            raise invalid("Invalid dead letter policy: max_delivery_attempts must be between 5 and 100.")
    if subscription.HasField("retry_policy"):
        policy = subscription.retry_policy
        if not policy.HasField("minimum_backoff"):
            policy.minimum_backoff.FromTimedelta(timedelta(seconds=_RETRY.minimum))
        if not policy.HasField("maximum_backoff"):
            policy.maximum_backoff.FromTimedelta(timedelta(seconds=_RETRY.maximum))
        shortest, longest = policy.minimum_backoff.ToTimedelta(), policy.maximum_backoff.ToTimedelta()
        if not timedelta(0) <= shortest <= longest <= timedelta(seconds=_RETRY.maximum):
            raise invalid("Invalid retry policy: 0 s <= minimum_backoff <= maximum_backoff <= 600 s.")


def updated_subscription(old: Any, request: Any) -> Any:
    """The subscription after an `UpdateSubscriptionRequest`; raises INVALID_ARGUMENT."""
    paths = list(request.update_mask.paths)
    if not paths:
        raise invalid(
            "The update_mask in the UpdateSubscriptionRequest must be set, and must contain a non-empty list."
        )
    new = type(old)()
    new.CopyFrom(old)
    for path in paths:
        field = path.split(".")[0]
        if field not in _MUTABLE:
            raise invalid(f"Invalid update_mask provided in the UpdateSubscriptionRequest: '{path}' cannot be changed.")
        if field == path:
            new.ClearField(field)
    request.update_mask.MergeMessage(request.subscription, new)
    complete_subscription(new)
    return new


def retry_backoff(subscription: Any) -> Backoff | None:
    """Delays between attempts of one message; None where a pull subscription sets none: it is due again at once."""
    if not subscription.HasField("retry_policy"):
        return _RETRY_PUSH if subscription.push_config.push_endpoint else None
    policy = subscription.retry_policy
    shortest, longest = policy.minimum_backoff.ToTimedelta(), policy.maximum_backoff.ToTimedelta()
    return Backoff(shortest.total_seconds(), longest.total_seconds())


def max_attempts(subscription: Any) -> int | None:
    """After how many attempts a message goes to the dead letter topic, if there is one."""
    policy = subscription.dead_letter_policy
    return policy.max_delivery_attempts if subscription.HasField("dead_letter_policy") else None


def _unsupported(what: str) -> RpcError:
    return RpcError(grpc.StatusCode.UNIMPLEMENTED, f"{what} is not supported by the local Pub/Sub.")
