"""How addresses have been doing: `webhook_health` below an app, `webhook_health_{kind}` below a user."""

from __future__ import annotations

from common.database.apps import COLLECTION as APPS
from common.database.documents import Documents
from common.models.webhook import WebhookHealth, WebhookKind

CURRENT = "current"
"""The one document there is."""
_COLLECTION = "webhook_health"


def of_app(app_id: str) -> Documents[WebhookHealth]:
    """An app's address."""
    return Documents(APPS, app_id, _COLLECTION, model=WebhookHealth, noun="Health")


def of_user(*, uid: str, kind: WebhookKind) -> Documents[WebhookHealth]:
    """The user's own address for one kind of news."""
    return Documents("users", uid, f"{_COLLECTION}_{kind.value}", model=WebhookHealth, noun="Health")


def find(records: Documents[WebhookHealth]) -> WebhookHealth:
    """How it has been doing; well, where nothing is known."""
    return records.find(CURRENT) or WebhookHealth(id=CURRENT)


def forget(records: Documents[WebhookHealth]) -> None:
    """Begin from the start."""
    records.delete_many([CURRENT])
