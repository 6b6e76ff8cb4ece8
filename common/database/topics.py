"""Pub/Sub topics: publish events and wait until they are acknowledged."""

from __future__ import annotations

from common.core import tracing
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database.clients import publisher_client
from common.models.events import Event

_ACKNOWLEDGED_WITHIN_S = 30.0


def publish(*events: Event) -> None:
    """Publish; returns only after Pub/Sub has them, so a step may be marked done afterwards.

    Raises:
        google.api_core.exceptions.GoogleAPIError: one was not accepted.
        ProviderError: not all were acknowledged in time.
    """
    if not events:
        return
    publisher = publisher_client()
    sent = []
    for event in events:
        topic = publisher.topic_path(settings().google_cloud_project, event.topic)
        about = {"event_id": event.event_id, **tracing.carried()}
        sent.append(publisher.publish(topic, event.model_dump_json().encode(), **about))
    try:
        for message in sent:
            message.result(timeout=_ACKNOWLEDGED_WITHIN_S)
    except TimeoutError as error:
        raise ProviderError("Pub/Sub did not acknowledge in time") from error
