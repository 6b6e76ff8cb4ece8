"""Whether each store is there and is what we take it for: one cheap question to each, bounded in time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from common.core.errors import ConflictError, NotFoundError, PermissionDeniedError, ProviderError
from common.core.settings import settings
from common.database import wrapping
from common.database.clients import (
    firestore_client,
    publisher_client,
    redis_client,
    storage_client,
    tasks_client,
)
from common.database.dead_letters import SUBSCRIPTION
from common.database.firestore import field_filter

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_S = 5.0
"""Real seconds for one answer."""
_KEY, _CONTEXT = bytes(32), b"doctor"


def firestore() -> None:
    """Read a document that does not exist.

    Raises:
        EarshotError: it does not answer, or not us.
    """
    with _told("Firestore"):
        firestore_client().document("doctor/asks").get(timeout=_PATIENCE_S, retry=None)


def missing_indexes(wanted: dict[str, Any]) -> list[str]:
    """Those of a `firestore.indexes.json` that no query can be answered by, because they are not there or not ready.

    Each is asked for by sorting an empty collection of the index's name by all its fields, which needs just that.
    """
    return [
        f"{collection}: {', '.join(field['fieldPath'] for field in fields)}"
        for collection, scope, fields in _indexes(wanted)
        if not _is_served(collection, scope, fields)
    ]


def bucket(name: str) -> int:
    """How many rules say what of a bucket is deleted after a time.

    Raises:
        EarshotError: it does not exist, or does not answer.
    """
    with _told(f"Bucket {name}"):
        found = storage_client().get_bucket(name, timeout=_PATIENCE_S, retry=None)
        return sum(rule.get("action", {}).get("type") == "Delete" for rule in found.lifecycle_rules)


def topic(name: str) -> None:
    """Ask for a topic of Pub/Sub.

    Raises:
        EarshotError: it does not exist, or Pub/Sub does not answer.
    """
    with _told(f"Topic {name}"):
        path = publisher_client().topic_path(settings().google_cloud_project, name)
        publisher_client().get_topic(topic=path, timeout=_PATIENCE_S, retry=None)


def dead_letters() -> None:
    """Ask for the subscription in which they wait.

    Raises:
        EarshotError: as above.
    """
    from google.cloud.pubsub_v1 import SubscriberClient

    with _told(f"Subscription {SUBSCRIPTION}"), SubscriberClient() as subscriber:
        path = subscriber.subscription_path(settings().google_cloud_project, SUBSCRIPTION)
        subscriber.get_subscription(subscription=path, timeout=_PATIENCE_S, retry=None)


def queue(name: str) -> None:
    """Ask for a queue of Cloud Tasks.

    Raises:
        ConflictError: it is there, and paused.
        EarshotError: it does not exist, or Cloud Tasks does not answer.
    """
    from google.cloud import tasks_v2

    with _told(f"Queue {name}"):
        path = tasks_client().queue_path(settings().google_cloud_project, settings().region, name)
        found = tasks_client().get_queue(name=path, timeout=_PATIENCE_S, retry=None)
    if found.state not in {tasks_v2.Queue.State.RUNNING, tasks_v2.Queue.State.STATE_UNSPECIFIED}:
        raise ConflictError(f"Queue {name} is {found.state.name.lower()}")


def vectors(index: Any) -> tuple[str, str, int | None]:
    """Which type, metric and dimension an index of Pinecone has.

    Raises:
        ProviderError: it does not answer.
    """
    from pinecone import PineconeError

    try:
        stats = index.describe_index_stats()
    except PineconeError as error:
        raise ProviderError(f"Pinecone: {type(error).__name__}") from error
    return str(stats.vector_type), str(stats.metric), stats.dimension


def redis() -> None:
    """Ask Redis whether it is there.

    Raises:
        ProviderError: it is not.
    """
    from redis.exceptions import RedisError

    client = redis_client()
    try:
        if client is not None:
            client.ping()
    except RedisError as error:
        raise ProviderError(f"Redis: {type(error).__name__}") from error


def data_keys() -> str:
    """Who wraps users' data keys, having wrapped and unwrapped a key of zeros.

    Raises:
        ProviderError: it cannot.
    """
    wrapper = wrapping.current()
    if wrapper.unwrap(wrapper.wrap(_KEY, context=_CONTEXT), context=_CONTEXT) != _KEY:
        raise ProviderError("What was wrapped does not come out as it went in")
    return wrapper.name.partition(":")[0]


def _is_served(collection: str, scope: str, fields: list[dict[str, str]]) -> bool:
    from google.api_core.exceptions import FailedPrecondition

    client = firestore_client()
    whole = scope == "COLLECTION_GROUP"
    query: Any = client.collection_group(collection) if whole else client.collection("doctor", "asks", collection)
    for field in fields:
        if "arrayConfig" in field:
            query = query.where(filter=field_filter(field["fieldPath"], "array_contains", ""))
        else:
            query = query.order_by(field["fieldPath"], direction=field["order"])
    with _told("Firestore"):
        try:
            query.select([]).limit(1).get(timeout=_PATIENCE_S, retry=None)
        except FailedPrecondition:
            return False
    return True


def _indexes(wanted: dict[str, Any]) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Collection, scope and fields of each."""
    for entry in wanted["indexes"]:
        yield entry["collectionGroup"], entry["queryScope"], entry["fields"]
    for entry in wanted["fieldOverrides"]:
        for index in entry["indexes"]:
            yield entry["collectionGroup"], index["queryScope"], [{"fieldPath": entry["fieldPath"], **index}]


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say in our own terms what went wrong with something."""
    from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound
    from google.auth.exceptions import GoogleAuthError
    from requests import RequestException

    try:
        yield
    except NotFound as error:
        raise NotFoundError(f"{what} does not exist") from error
    except Forbidden as error:
        raise PermissionDeniedError(f"{what}: you may not ask for it") from error
    except (GoogleAPICallError, GoogleAuthError, RequestException) as error:
        raise ProviderError(f"{what}: {type(error).__name__}") from error
