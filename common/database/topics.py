"""Pub/Sub topics: publish an event and wait until it is acknowledged."""

from __future__ import annotations

from common.core.settings import settings
from common.database.clients import publisher_client
from common.models.events import Event

_ACKNOWLEDGED_WITHIN_S = 30.0


def publish(event: Event) -> None:
    """Publish; returns only after Pub/Sub has it, so a step may be marked done afterwards.

    Raises:
        google.api_core.exceptions.GoogleAPIError: it was not accepted.
    """
    publisher = publisher_client()
    topic = publisher.topic_path(settings().google_cloud_project, event.topic)
    message = publisher.publish(topic, event.model_dump_json().encode(), event_id=event.event_id)
    message.result(timeout=_ACKNOWLEDGED_WITHIN_S)
