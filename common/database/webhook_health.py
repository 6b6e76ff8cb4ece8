"""Collection `plugins_data/{id}/webhook_health`: how an app's address has been doing."""

from __future__ import annotations

from common.database.apps import COLLECTION as APPS
from common.database.documents import Documents
from common.models.webhook import WebhookHealth

CURRENT = "current"
"""The one document there is."""


def of(app_id: str) -> Documents[WebhookHealth]:
    """An app's."""
    return Documents(APPS, app_id, "webhook_health", model=WebhookHealth, noun="Health")


def find(app_id: str) -> WebhookHealth:
    """How it has been doing; well, where nothing is known."""
    return of(app_id).find(CURRENT) or WebhookHealth(id=CURRENT)
